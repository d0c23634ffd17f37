"""How a run goes through its steps, as far as time is concerned: what follows what, and what goes on side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.prediction.success.circumstances import Part
from engine.workflow.definition import Definition, Parallel, SetValues, Step, Wait
from engine.workflow.order import effective_steps, resolved_needs


@dataclass(frozen=True, slots=True)
class Leg:
    """Takes as long as its ``part`` does, or exactly ``seconds`` without one; begins when the legs at the places ``after`` are over."""

    part: Part | None
    after: tuple[int, ...] = ()
    seconds: float = 0.0


def course_of(definition: Definition) -> tuple[Leg, ...] | None:
    """Every leg after those it waits for; a step with a condition counts as taken.

    None where the steps do not say how long it takes: somebody approves, an event is waited for, a list of unknown length is gone through, a choice is made
    between branches, another workflow runs, or a model is asked.
    """
    if definition.options.approval:
        return None
    legs: list[Leg] = []
    return tuple(legs) if _laid(effective_steps(definition), (), legs) is not None else None


def _laid(steps: Sequence[Step], before: tuple[int, ...], legs: list[Leg]) -> tuple[int, ...] | None:
    """Puts the legs of a block; the places of its ends. ``before``: what its first steps wait for."""
    ends: dict[str, tuple[int, ...]] = {}
    waiting, needs = list(steps), dict(zip((step.id for step in steps), resolved_needs(steps), strict=True))
    while waiting:
        ready = [step for step in waiting if all(need in ends for need in needs[step.id])]
        if not ready:
            return None  # a step waits for one of another block
        for step in ready:
            after = tuple(dict.fromkeys(place for need in needs[step.id] for place in ends[need])) or before
            end = _leg(step, after, legs)
            if end is None:
                return None
            ends[step.id] = end
        waiting = [step for step in waiting if step.id not in ends]
    needed = {need for found in needs.values() for need in found}
    return tuple(place for id, places in ends.items() if id not in needed for place in places) or before


def _leg(step: Step, after: tuple[int, ...], legs: list[Leg]) -> tuple[int, ...] | None:
    match step.does:
        case None:
            service, _, action = step.action.partition(".")
            legs.append(Leg(Part(service, action), after))
        case SetValues():
            legs.append(Leg(None, after))
        case Wait(seconds=float() | int() as seconds):
            legs.append(Leg(None, after, float(seconds)))
        case Parallel(branches=branches):
            ends: list[int] = []
            for block in branches.values():
                end = _laid(block, after, legs)
                if end is None:
                    return None
                ends += end
            return tuple(dict.fromkeys(ends))
        case _:
            return None
    return (len(legs) - 1,)
