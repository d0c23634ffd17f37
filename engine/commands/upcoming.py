"""What a run would do next behind a step: the steps that wait for it, with their arguments filled in as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.commands.run_steps import base_of, entry_of
from engine.errors import Rejected
from engine.workflow.definition import Construct, Definition, ForEach, Json, Parallel, Step, SubRun, Switch
from engine.workflow.expression import render
from engine.workflow.order import resolved_needs
from engine.workflow.run import Fact, FactKind, RunRecord, StepState, StepView

Scope = Mapping[str, Any]


def upcoming(definition: Definition, facts: Sequence[Fact], run: RunRecord, steps: Sequence[StepView], behind: str) -> tuple[Step, ...]:
    """In order, each with what stands within it; what is over already is left out. In arguments what is not known yet stays as it was
    written, ``{{…}}``."""
    over = {base_of(step.id) for step in steps if step.state is not StepState.PENDING and not entry_of(step.id)}
    scope = _scope(definition, facts, run, steps)
    waiting = _behind(definition.steps, base_of(behind))
    if waiting is None:  # it stands before the first step
        waiting = list(definition.steps)
    return tuple(_filled(step, scope) for step in waiting if step.id not in over)


def _behind(steps: Sequence[Step], id: str) -> list[Step] | None:
    """The steps behind ``id`` in its own list, then those behind what holds it; None when it is not among them."""
    for step in steps:
        within = _behind(step.inner, id) if step.id != id else []
        if within is not None:
            after = _dependents(steps, step.id)
            return [*within, *(other for other in steps if other.id in after)]
    return None


def _dependents(steps: Sequence[Step], id: str) -> frozenset[str]:
    needs = dict(zip((step.id for step in steps), resolved_needs(steps), strict=True))
    found = {id}
    for _ in steps:
        more = {step for step, wanted in needs.items() if found & set(wanted)}
        if more <= found:
            break
        found |= more
    return frozenset(found - {id})


def _scope(definition: Definition, facts: Sequence[Fact], run: RunRecord, steps: Sequence[StepView]) -> Scope:
    started = next((fact for fact in facts if fact.kind is FactKind.STARTED), None)
    data: Mapping[str, Json] = started.data if started else {}
    inputs = [fact.data["inputs"] for fact in facts if fact.kind in (FactKind.STARTED, FactKind.RETRIED) and fact.data.get("inputs")]
    return {
        "event": data.get("event") or {},
        "inputs": inputs[-1] if inputs else {},
        "steps": {step.id: {"state": step.state.value, "output": step.output} for step in steps if step.finished_at is not None},
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


def _filled(step: Step, scope: Scope) -> Step:
    return replace(step, arguments=_values(step.arguments, scope), does=_within(step.does, scope))


def _within(does: Construct | None, scope: Scope) -> Construct | None:
    match does:
        case ForEach(steps=steps):
            return replace(does, steps=_each(steps, scope))
        case Parallel(branches=branches):
            return replace(does, branches={name: _each(steps, scope) for name, steps in branches.items()})
        case Switch(cases=cases, otherwise=otherwise):
            return replace(
                does, cases=tuple(replace(case, steps=_each(case.steps, scope)) for case in cases), otherwise=_each(otherwise, scope)
            )
        case SubRun(inputs=inputs):
            return replace(does, inputs=_values(inputs, scope))
    return does


def _each(steps: Iterable[Step], scope: Scope) -> tuple[Step, ...]:
    return tuple(_filled(step, scope) for step in steps)


def _values(arguments: Mapping[str, Json], scope: Scope) -> dict[str, Json]:
    return {name: _one(value, scope) for name, value in arguments.items()}


def _one(value: Json, scope: Scope) -> Json:
    try:
        return render(value, scope)
    except Rejected:
        return value
