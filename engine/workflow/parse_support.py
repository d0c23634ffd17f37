"""What the language can say and this version cannot do yet, each with the reason and what to do instead."""

from __future__ import annotations

from collections.abc import Iterator

from engine.workflow.definition import Definition, Wait

# Events of the catalogue, or all of a service, that nothing tells yet.
UNTOLD = {
    "chat": (
        "this version does not tell workflows yet what is written in channels. "
        "Let it start on an event of another service, on a schedule, or by hand with /flow run"
    ),
}


def unsupported(definition: Definition) -> str | None:
    """Why this version cannot run a definition that is otherwise right, in a sentence; None when it can."""
    trigger = definition.trigger
    if trigger.forecasts:
        return (
            "This workflow waits for a forecast, and this version does not predict yet. Let it wait for what is out of the ordinary "
            "(method: anomaly, without a horizon), or start on signalbox.health_changed: that fires as soon as trouble is noticed."
        )
    for id in _awaited(definition):
        if reason := untold(id):
            return f"This workflow waits for {id}, and {reason}."
    return None


def untold(event: str) -> str:
    """Why nothing of this version tells ``service.event``, as the end of a sentence; empty when something does."""
    return UNTOLD.get(event) or UNTOLD.get(event.partition(".")[0], "")


def _awaited(definition: Definition) -> Iterator[str]:
    """Every event that it cannot do without, at the start and on the way."""
    yield from definition.trigger.events
    yield from (step.does.event for step in definition.every_step if isinstance(step.does, Wait) and step.does.event)
