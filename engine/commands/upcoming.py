"""What a run would do next behind a step: the steps that wait for it, with their arguments filled in as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.commands.run_steps import base_of, entry_of
from engine.errors import Rejected
from engine.workflow.definition import Definition, Json, Step
from engine.workflow.expression import render
from engine.workflow.order import resolved_needs
from engine.workflow.run import Fact, FactKind, RunRecord, StepState, StepView


@dataclass(frozen=True, slots=True)
class Upcoming:
    """``arguments``: what is not known yet stays as it was written, ``{{…}}``. ``depth``: within how many constructs it stands."""

    step: Step
    arguments: Mapping[str, Json]
    depth: int = 0


def upcoming(definition: Definition, facts: Sequence[Fact], run: RunRecord, steps: Sequence[StepView], behind: str) -> tuple[Upcoming, ...]:
    """In order, those within a construct behind it. A step that is over already is left out."""
    over = {base_of(step.id) for step in steps if step.state is not StepState.PENDING and not entry_of(step.id)}
    scope = _scope(definition, facts, run, steps)
    waiting = _behind(definition.steps, base_of(behind))
    if waiting is None:  # it stands before the first step
        waiting = list(_deep(definition.steps))
    return tuple(Upcoming(step, _filled(step.arguments, scope), depth) for step, depth in waiting if step.id not in over)


def _behind(steps: Sequence[Step], id: str, depth: int = 0) -> list[tuple[Step, int]] | None:
    """The steps behind ``id`` within these, the nested ones included; None when it is not among them."""
    for step in steps:
        within = _behind(step.inner, id, depth + 1) if step.id != id else []
        if within is not None:
            after = _dependents(steps, step.id)
            return [*within, *((one, depth + below) for one, below in _deep([other for other in steps if other.id in after]))]
    return None


def _deep(steps: Iterable[Step], depth: int = 0) -> Iterable[tuple[Step, int]]:
    for step in steps:
        yield step, depth
        yield from _deep(step.inner, depth + 1)


def _dependents(steps: Sequence[Step], id: str) -> frozenset[str]:
    needs = dict(zip((step.id for step in steps), resolved_needs(steps), strict=True))
    found = {id}
    for _ in steps:
        more = {step for step, wanted in needs.items() if found & set(wanted)}
        if more <= found:
            break
        found |= more
    return frozenset(found - {id})


def _scope(definition: Definition, facts: Sequence[Fact], run: RunRecord, steps: Sequence[StepView]) -> dict[str, Any]:
    started = next((fact for fact in facts if fact.kind is FactKind.STARTED), None)
    data: Mapping[str, Json] = started.data if started else {}
    known = {step.id: {"state": step.state.value, "output": step.output} for step in steps if step.finished_at is not None}
    return {
        "event": data.get("event") or {},
        "inputs": data.get("inputs") or {},
        "steps": known,
        "workflow": {"id": run.workflow, "name": run.name, "version": run.version},
        "run": {
            "id": run.id,
            "by": run.by,
            "started_at": run.started_at.isoformat(),
            "actor": data.get("actor") or "",
            "where": run.where,
            "alert": run.alert,
        },
        "env": dict(definition.env),
    }


def _filled(arguments: Mapping[str, Json], scope: Mapping[str, Any]) -> dict[str, Json]:
    return {name: _one(value, scope) for name, value in arguments.items()}


def _one(value: Json, scope: Mapping[str, Any]) -> Json:
    try:
        return render(value, scope)
    except Rejected:
        return value
