"""What the language can say and this version cannot do yet, with the reason and what to do instead."""

from __future__ import annotations

from engine.workflow.definition import Definition


def unsupported(definition: Definition) -> str | None:
    """Why this version cannot run a definition that is otherwise right, in a sentence; None when it can."""
    if definition.trigger.forecasts:
        return (
            "This workflow waits for a forecast, and this version does not predict yet. Let it wait for what is out of the ordinary "
            "(method: anomaly, without a horizon), or start on signalbox.health_changed: that fires as soon as trouble is noticed."
        )
    return None
