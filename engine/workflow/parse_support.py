"""What the language can say and this version cannot do, with the reason and what to do instead."""

from __future__ import annotations

from datetime import timedelta

from engine.workflow.definition import Definition, Trigger

# What the forecaster foresees (``engine.monitoring.forecast``), and how far ahead it can.
FORESEEN = ("availability", "error_budget", "error_rate", "quota", "response_time", "success_rate")
NEAREST, FARTHEST = timedelta(minutes=10), timedelta(days=30)


def unsupported(definition: Definition) -> str | None:
    """Why this version cannot run a definition that is otherwise right, in a sentence; None when it can."""
    return _unforeseen(definition.trigger) if definition.trigger.forecasts else None


def _unforeseen(trigger: Trigger) -> str | None:
    if trigger.metric and trigger.metric not in FORESEEN:
        return (
            f"Nobody forecasts “{trigger.metric[:40]}”. Say one of {', '.join(FORESEEN)}, leave the metric out to take any of them, or let the "
            "workflow wait for what is out of the ordinary (method: anomaly, without a horizon)."
        )
    if trigger.horizon is not None and not NEAREST <= trigger.horizon <= FARTHEST:
        return (
            "A forecast looks from 10 minutes to 30 days ahead. Say a horizon in between, or start on signalbox.health_changed: that fires as "
            "soon as trouble is noticed."
        )
    return None
