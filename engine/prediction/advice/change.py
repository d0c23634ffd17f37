"""A change of a definition as a plain value, and what it makes of one: Definition → Definition, checked as what people write is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import Rejected
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Cache, Case, Definition, ForEach, Json, Parallel, Step, Switch
from engine.workflow.order import resolved_needs
from engine.workflow.parse import parse_definition
from engine.workflow.writing import to_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """``what``: retries, timeout, cache, needs, drop (of ``step``), fallback ({service: stand-in}) or cron."""

    what: str
    step: str = ""
    value: Json = None

    def to_json(self) -> dict[str, Any]:
        return {"what": self.what, "step": self.step, "value": self.value}

    @classmethod
    def read(cls, raw: Any) -> Change | None:
        """Of ``to_json``; None for none, or one of another version."""
        if not isinstance(raw, Mapping) or raw.get("what") not in (*_STEP, "needs", "drop", "fallback", "cron"):
            return None
        return cls(what=str(raw["what"]), step=str(raw.get("step") or ""), value=raw.get("value"))


def changed(definition: Definition, change: Change, catalogue: Catalogue | None = None) -> Definition:
    """Raises Rejected where the step is not there (any more), Invalid where what comes of it is no workflow."""
    options = definition.options
    match change.what:
        case "fallback":
            assert isinstance(change.value, Mapping)
            more = {str(key): str(value) for key, value in change.value.items()}
            made = replace(definition, options=replace(options, fallback={**options.fallback, **more}))
        case "cron":
            made = replace(definition, trigger=replace(definition.trigger, cron=str(change.value)))
        case "needs":
            assert isinstance(change.value, Mapping)
            made = _reordered(definition, change.value)
        case "drop":
            made = _without(definition, change.step)
        case what:
            made = _on_step(definition, change.step, _STEP[what](change.value))
    # Through the door that every definition comes by: what is shown, stored and run is what was checked.
    checked = parse_definition(to_raw(made), catalogue)
    return replace(checked, places=made.places, home=made.home)


_STEP: Mapping[str, Callable[[Any], Callable[[Step], Step]]] = {
    "retries": lambda value: lambda step: replace(step, retries=int(value)),
    "timeout": lambda value: lambda step: replace(step, timeout=float(value)),
    "cache": lambda value: lambda step: replace(step, cache=Cache(float(value))),
}


def _on_step(definition: Definition, id: str, edit: Callable[[Step], Step]) -> Definition:
    if all(step.id != id for step in definition.every_step):
        raise Rejected(f"The workflow has no step “{id}” any more, so this does not fit it. Ask for recommendations anew.")
    options = definition.options
    return replace(
        definition,
        steps=_edited(definition.steps, id, edit),
        options=replace(options, on_failure=_edited(options.on_failure, id, edit), finally_=_edited(options.finally_, id, edit)),
    )


def _edited(steps: Sequence[Step], id: str, edit: Callable[[Step], Step]) -> tuple[Step, ...]:
    return tuple(edit(step) if step.id == id else _inside(step, id, edit) for step in steps)


def _inside(step: Step, id: str, edit: Callable[[Step], Step]) -> Step:
    match step.does:
        case ForEach() as loop:
            return replace(step, does=replace(loop, steps=_edited(loop.steps, id, edit)))
        case Parallel(branches=branches):
            return replace(step, does=Parallel(branches={name: _edited(branch, id, edit) for name, branch in branches.items()}))
        case Switch(cases=cases, otherwise=otherwise):
            told = tuple(Case(when=case.when, steps=_edited(case.steps, id, edit)) for case in cases)
            return replace(step, does=Switch(cases=told, otherwise=_edited(otherwise, id, edit)))
    return step


def _reordered(definition: Definition, needs: Mapping[str, Any]) -> Definition:
    """``needs`` of some of the main steps; those of all others are said, so that they stay what they were."""
    known = {step.id for step in definition.steps}
    if missing := [id for id in needs if id not in known]:
        raise Rejected(f"The workflow has no step “{missing[0]}” any more, so this does not fit it. Ask for recommendations anew.")
    resolved = resolved_needs(definition.steps)
    return replace(
        definition,
        steps=tuple(
            replace(step, needs=tuple(map(str, needs[step.id])) if step.id in needs else before)
            for step, before in zip(definition.steps, resolved, strict=True)
        ),
    )


def _without(definition: Definition, id: str) -> Definition:
    """A main step goes; what waited for it waits for what it had waited for."""
    if all(step.id != id for step in definition.steps):
        raise Rejected(f"The workflow has no step “{id}” any more, so there is nothing to remove.")
    if len(definition.steps) == 1:
        raise Rejected("This is the only step of the workflow. Delete the workflow instead.")
    resolved = resolved_needs(definition.steps)
    gone = next(needs for step, needs in zip(definition.steps, resolved, strict=True) if step.id == id)
    kept = []
    for step, needs in zip(definition.steps, resolved, strict=True):
        if step.id != id:
            passed_on = [other for need in needs for other in (gone if need == id else (need,))]
            kept.append(replace(step, needs=tuple(dict.fromkeys(passed_on))) if id in needs or step.needs is not None else step)
    return replace(definition, steps=_first_free(definition, tuple(kept)))


def _first_free(definition: Definition, kept: tuple[Step, ...]) -> tuple[Step, ...]:
    """Steps that say nothing need the one before: that may be another one now, so then all of them say what they need."""
    before = dict(zip((step.id for step in definition.steps), resolved_needs(definition.steps), strict=True))
    after = resolved_needs(kept)
    same = all(step.needs is not None or before[step.id] == needs for step, needs in zip(kept, after, strict=True))
    return kept if same else tuple(replace(step, needs=step.needs if step.needs is not None else before[step.id]) for step in kept)
