"""What somebody who runs a workflow by hand gives it: declared inputs, or the fields its steps read of an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.commands.house import House
from engine.errors import Invalid, Problem
from engine.workflow.definition import Input, TriggerType, Workflow
from engine.workflow.event_fields import event_fields

OURS = frozenset({"chat", "signalbox"})  # part of the house: never a sandbox, never the world outside


def inputs_of(house: House, workflow: Workflow) -> tuple[Input, ...]:
    """A workflow that waits for events takes their fields. Where only the sandbox is touched, an example stands for each."""
    trigger = workflow.definition.trigger
    if trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED):
        return trigger.inputs
    example = _example(house, workflow)
    return tuple(Input(name=name, required=True, default=example.get(name)) for name in event_fields(workflow.definition))


def wanting(house: House, workflow: Workflow) -> tuple[Input, ...]:
    """What is asked for in a form when nothing was said: everything declared; of an event's fields those that have no example, if any."""
    inputs = inputs_of(house, workflow)
    if workflow.definition.trigger.inputs:
        return inputs
    return inputs if any(item.required and item.default is None for item in inputs) else ()


def event_by_hand(house: House, workflow: Workflow, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event a run by hand is to have had. Raises Invalid, naming what has to be said."""
    trigger = workflow.definition.trigger
    if trigger.type in (TriggerType.MANUAL, TriggerType.SCHEDULED):
        return {}
    event = {**_example(house, workflow), **given}
    missing = [name for name in event_fields(workflow.definition) if name not in event]
    if missing:
        cause = f"{trigger.service}.{trigger.event}" if trigger.service else "an event"
        words = " ".join(f"{name}=…" for name in missing)
        raise Invalid(
            f"“{workflow.name}” waits for {cause} and reads from it. Say what it would tell: /flow run {workflow.name} {words}",
            [Problem("is read by its steps, so it is needed", (name,)) for name in missing],
        )
    return event


def _example(house: House, workflow: Workflow) -> Mapping[str, Any]:
    """An example may only ever reach the sandbox."""
    outside = [mode for service, _, mode in house.touches(workflow.definition) if service not in OURS]
    if any(mode != "sandbox" for mode in outside):
        return {}
    trigger = workflow.definition.trigger
    service, event = trigger.service, trigger.event
    if trigger.any:
        service, _, event = trigger.any[0].partition(".")
    return house.connections.example_event(service, event)
