"""The script of a rehearsal: what it begins with (event, inputs, moment), and what the reader should know about that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.errors import Invalid
from engine.rehearsal.examples import bent, example_input
from engine.rehearsal.wish import Wish
from engine.workflow.calendar import next_fire
from engine.workflow.definition import Definition, Json, Trigger, TriggerType
from engine.workflow.event_fields import event_fields
from engine.workflow.expression import Condition, Expression
from engine.workflow.gathering import Seen, event_of
from engine.workflow.order import start_condition

Example = Callable[[str, str], Mapping[str, Json]]  # (service, event) → its fields, as the sandbox would tell it


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """``refused``: why the given event starts nothing; then nothing is played."""

    wish: Wish
    begin: datetime
    event: Mapping[str, Json]
    inputs: Mapping[str, Json]
    by: str
    example: bool
    notes: tuple[str, ...] = ()
    refused: str = ""


def write_script(wish: Wish, now: datetime, zone: str, example: Example) -> Script:
    """``zone``: of the house, IANA."""
    definition = wish.workflow.definition
    event, invented = _event(wish, example)
    event = {**{name: event[name] for name in _read(definition) if name in event}, **event}  # what it reads comes first
    holds, why = _starts(wish, event)
    notes = [*_notes(definition, event, invented)]
    if not holds and invented:
        notes.append(f"On this example it would not start: {why} It was tried all the same.")
    begin = _begin(definition.trigger, now, zone)
    if begin != now:
        notes.append(f"It begins as at its next fire, {begin:%A %Y-%m-%d %H:%M} UTC.")
    return Script(
        wish=wish,
        begin=begin,
        event=event,
        inputs=_inputs(wish),
        by=_by(definition.trigger, wish),
        example=invented,
        notes=tuple(notes),
        refused="" if holds or invented else why,
    )


def _event(wish: Wish, example: Example) -> tuple[Mapping[str, Json], bool]:
    """What it is tried on, and whether that is made up. What was said of an event is put over its example."""
    definition = wish.workflow.definition
    if definition.trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED):
        return dict(wish.event or {}), False
    made_up = bent(
        start_condition(definition), _example(definition.trigger, example), {"workflow": _about(wish), "env": definition.env}, "event"
    )
    return {**(_example(definition.trigger, example) if wish.event else made_up), **(wish.event or {})}, not wish.event


def _read(definition: Definition) -> list[str]:
    """The fields of its event that it speaks of."""
    condition = start_condition(definition)
    paths = Expression.compile(condition).references() if condition else ()
    return [*(path[1] for path in paths if path[0] == "event" and len(path) > 1), *event_fields(definition)]


def _example(trigger: Trigger, example: Example) -> dict[str, Json]:
    if trigger.type is TriggerType.AI_PREDICTED:
        told = {"service": trigger.service, "metric": trigger.metric}
        return {**example("signalbox", "anomaly_predicted"), **{name: value for name, value in told.items() if value}}
    if trigger.type is TriggerType.EVENT_BASED:
        return dict(example(trigger.service, trigger.event))
    names = trigger.any[:1] or trigger.all or trigger.sequence
    at = datetime.fromisoformat("2026-11-23T09:00:00+00:00")
    seen = [Seen(name, f"example-{number}", at, example(*name.split(".", 1))) for number, name in enumerate(names)]
    return event_of(trigger, seen) if seen else {}


def _inputs(wish: Wish) -> dict[str, Json]:
    """Given ones, and an example of each that is needed; what has a default has it anyway."""
    needed = {item.name: example_input(item) for item in wish.workflow.definition.trigger.inputs if item.required}
    return {**needed, **wish.inputs}


def _starts(wish: Wish, event: Mapping[str, Json]) -> tuple[bool, str]:
    definition = wish.workflow.definition
    condition = start_condition(definition)
    if not condition or definition.trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED):
        return True, ""
    scope: dict[str, Any] = {"event": dict(event), "inputs": {}, "workflow": _about(wish), "env": dict(definition.env)}
    try:
        return Condition.compile(condition).explain(scope)
    except Invalid as error:
        return False, str(error)


def _about(wish: Wish) -> dict[str, Json]:
    return {"id": wish.workflow.id, "name": wish.workflow.name, "version": wish.workflow.version}


def _begin(trigger: Trigger, now: datetime, zone: str) -> datetime:
    if trigger.type is not TriggerType.SCHEDULED:
        return now
    return next_fire(trigger, now, zone) or now


def _by(trigger: Trigger, wish: Wish) -> str:
    """As the record of a real run would say."""
    if trigger.type is TriggerType.SCHEDULED:
        return "schedule"
    if trigger.type is TriggerType.MANUAL:
        return wish.by or "rehearsal"
    names = trigger.any or trigger.all or trigger.sequence
    return f"event:{names[-1] if names else f'{trigger.service}.{trigger.event}'.strip('.') or 'signalbox.anomaly_predicted'}"


def _notes(definition: Definition, event: Mapping[str, Json], invented: bool) -> list[str]:
    if definition.trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED) or not invented:
        return []
    missing = [name for name in event_fields(definition) if event.get(name) is None]
    if not missing:
        return []
    words = " ".join(f"{name}=…" for name in missing)
    return [f"The example event says nothing about {', '.join(missing)}; say what it would tell: {words}"]
