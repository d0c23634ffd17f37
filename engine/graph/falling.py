"""What falls with something: through the whole map, other things and workflows that are waited for included; and what a workflow stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from engine.graph.declared.component import ComponentKind
from engine.graph.discovery.map import Map
from engine.graph.discovery.requirements import nodes, requirements
from engine.graph.structure.answers import Answers
from engine.graph.structure.availability import Availability, availability
from engine.graph.structure.improving import Improvement, improvements
from engine.graph.structure.index import Structure
from engine.graph.structure.weak_points import Trap, pairs, single_points, traps

WORKFLOW: Final = ComponentKind.WORKFLOW.value
Dice: TypeAlias = Callable[[int], int]  # so many random bits


def answers_of(map: Map, availabilities: Mapping[str, float] | None = None) -> Answers:
    """``availabilities``: the share of time each service is up by itself; what nobody counted is taken to be always up."""
    known = availabilities or {}
    told = [replace(node, availability=known[node.id]) if node.id in known else node for node in nodes(map)]
    return Answers(Structure.of(told, requirements(map)))


@dataclass(frozen=True, slots=True)
class Falling:
    """``things`` (no workflows) that fail with those that were struck, in the order of falling; ``workflows`` → why, in a sentence."""

    things: tuple[str, ...]
    workflows: Mapping[str, str]


def falling(map: Map, answers: Answers, struck: Collection[str], *, degraded: bool = False) -> Falling:
    """``struck``: what is down, or only degraded; what the map does not know takes nothing along."""
    known = [id for id in struck if id in answers.structure.numbers]
    if degraded:
        outcome = answers.what_if((), degraded=known)
        hit = [id for id in outcome.at_risk() if id not in struck]
        return Falling(tuple(id for id in hit if not _is_workflow(map, id)), {})
    outcome = answers.what_if(known)
    down = [id for id in outcome.down() if id not in struck]
    reasons = {}
    for id in down:
        if _is_workflow(map, id) and (links := outcome.why(id)):
            lost = links[0].lost[0]
            verb = "It waits for" if _is_workflow(map, lost) else "It needs"
            reasons[id] = f"{verb} “{map.label(lost)}”, which {'stops' if _is_workflow(map, lost) else 'is down then'}."
    return Falling(tuple(id for id in down if id not in reasons), reasons)


def _is_workflow(map: Map, id: str) -> bool:
    found = map.components.get(id)
    return found is not None and found.kind is ComponentKind.WORKFLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What a workflow stands on. ``alone``: what takes it down by itself; ``together``: pairs that do; ``traps``: alternatives that are none; ``expected``: its availability."""

    alone: tuple[str, ...]
    together: tuple[tuple[str, str], ...]
    complete: bool
    expected: Availability
    better: tuple[Improvement, ...]
    traps: tuple[Trap, ...] = ()


def footing(answers: Answers, workflow: str, dice: Dice) -> Footing:
    """May take a second for a workflow that stands on hundreds of things; run it beside the loop. Raises NotFound."""
    found = pairs(answers.structure, workflow)
    return Footing(
        alone=single_points(answers.structure, workflow),
        together=found.pairs,
        complete=found.complete,
        expected=availability(answers.structure, workflow, dice=dice, samples=16_384),
        traps=tuple(traps(answers.structure, [workflow])),
        better=tuple(improvements(answers.structure, workflow, dice=dice, samples=16_384)[:3]),
    )


def told(map: Map, found: Footing, *, measured: bool) -> Sequence[str]:
    """In sentences. ``measured``: whether the availability of anything it needs is known."""
    lines = []
    if found.alone:
        lines.append(f"It stops if any one of these fails: {_names(map, found.alone)}.")
    else:
        lines.append("No single failure stops it.")
    if found.together:
        both = "; ".join(f"{map.label(one)} with {map.label(other)}" for one, other in found.together[:3])
        more = f", and {len(found.together) - 3} more pairs" if len(found.together) > 3 else ""
        lines.append(f"Two failures at once that stop it: {both}{more}.")
    lines += [
        f"Beware: what stands in for “{map.label(trap.ways[0][0])}” falls with it, for both need {_names(map, trap.shared)}."
        for trap in found.traps[:3]
    ]
    if measured:
        one = found.expected
        how = "exactly reckoned" if one.exact else f"between {one.low:.3%} and {one.high:.3%}, estimated from {one.samples:,} tries"
        lines.append(f"Expected to be up {one.value:.3%} of the time ({how}): down {one.down_minutes:.0f} minutes a month.")
        lines += [_better(map, each) for each in found.better if each.minutes >= 1]
    else:
        lines.append("How often its services are up is not known yet, so its availability is not either.")
    return lines


def _better(map: Map, one: Improvement) -> str:
    if not one.titles:
        return f"If {map.label(one.node)} failed half as often, {one.minutes:.0f} minutes a month less."
    return f"If something stood in for {map.label(one.node)}'s “{one.titles[0]}”, {one.minutes:.0f} minutes a month less."


def _names(map: Map, ids: Sequence[str]) -> str:
    more = f" and {len(ids) - 12} more" if len(ids) > 12 else ""
    return ", ".join(map.label(id) for id in ids[:12]) + more
