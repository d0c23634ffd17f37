"""News of the house itself as happenings of ``signalbox``, in the words of the catalogue. Each id is the same however often the news is told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.errors import Invalid
from engine.events import Happening
from engine.monitoring.alert import Alert, AlertState, ServiceState
from engine.workflow.definition import Json, Trigger
from engine.workflow.durations import duration, in_words
from engine.workflow.run import Fact, FactKind, RunRecord

ANOMALY = "signalbox.anomaly_predicted"
PLAIN = {"healthy": "up", "degraded": "degraded", "unhealthy": "down", "offline": "down"}  # a status in the words people use
# What a finding of the detector (its rule) says about the metrics that people name.
ABOUT: Mapping[str, frozenset[str]] = {
    "availability": frozenset({"availability", "error_rate", "success_rate"}),
    "credential": frozenset({"availability", "error_rate", "success_rate"}),
    "success_rate": frozenset({"error_rate", "success_rate"}),
    "error_rate": frozenset({"error_rate", "success_rate"}),
}


def of_alert(alert: Alert) -> Happening | None:
    """A firing alert that just opened or reopened, or a resolved one; an acknowledgement is no news to workflows.

    What began while somebody was on its incident already is theirs from its beginning, and news all the same.

    What is held (a maintenance window, our own network, flapping) is no news either: a window that people asked for is not to set off the
    workflow that pages them. It becomes news when it is told, and only then its end does. ``health_changed`` is told in any case.
    """
    if alert.quiet or (alert.state is AlertState.ACKNOWLEDGED and not _taken_along(alert)):
        return None
    over = alert.state is AlertState.RESOLVED
    at = (alert.resolved_at or alert.updated_at) if over else alert.opened_at
    data: dict[str, Json] = {
        "service": alert.service,
        "severity": alert.severity.value,
        "metric": alert.metric,
        "value": alert.value,
        "text": alert.message,
        "title": f"{alert.service}: {alert.rule.replace('_', ' ')}",
        "id": alert.id,
    }
    # A change of a firing alert (its value, its severity) carries the same id, so it starts nothing a second time.
    id = f"{alert.id}:{alert.reopened}"
    if over:
        return Happening(f"{id}:resolved", "signalbox", "alert_resolved", at, {**data, "by": alert.resolved_by})
    return Happening(id, "signalbox", "alert_opened", at, data)


def _taken_along(alert: Alert) -> bool:
    """Acknowledged before it began, or came back: nobody acknowledged this one."""
    at = alert.acknowledged_at
    return alert.state is AlertState.ACKNOWLEDGED and at is not None and at < (alert.updated_at if alert.reopened else alert.opened_at)


def of_anomaly(alert: Alert) -> Happening | None:
    """What the detector found, for workflows that wait for something unusual: the same news as the alert, once per alert and reopening.

    It happens now, so ``horizon`` and ``probability`` are empty. Of what is foreseen the forecaster tells itself, with both.
    """
    if not (alert.state is AlertState.FIRING or _taken_along(alert)) or alert.source == "forecast" or alert.quiet:
        return None
    data: dict[str, Json] = {
        "service": alert.service,
        "metric": alert.rule,
        "value": alert.value,
        "horizon": None,
        "probability": None,
        "text": alert.message,
        "severity": alert.severity.value,
        "threshold": alert.threshold,
        "alert": alert.id,
    }
    return Happening(f"{alert.id}:{alert.reopened}:anomaly", "signalbox", "anomaly_predicted", alert.opened_at, data)


def foreseen(trigger: Trigger, data: Mapping[str, Json]) -> str:
    """Why an ai_predicted trigger does not wait for this finding; empty when it does. No service or metric means any."""
    ahead = data.get("horizon")
    if trigger.forecasts and ahead is None:
        return "it waits for a forecast, and this is happening already"
    if not trigger.forecasts and ahead is not None:
        return "it waits for what is happening, and this is a forecast"
    if trigger.service not in ("", data.get("service")):
        return f"it is about {data.get('service')}"
    rule = str(data.get("metric", ""))
    if trigger.metric and trigger.metric not in ABOUT.get(rule, frozenset()) | {rule}:
        return f"it is about the {rule.replace('_', ' ')}"
    return "" if ahead is None else _not_within(trigger, ahead, data.get("before"))


def _not_within(trigger: Trigger, ahead: Json, before: Json) -> str:
    """A forecast is told again each time it comes nearer; a trigger takes the first that is near enough for it, and none after that."""
    try:
        near, told = duration(ahead), None if before is None else duration(before)
    except Invalid:
        return "its horizon cannot be read"
    far = math.inf if trigger.horizon is None else trigger.horizon.total_seconds()
    if near > far:
        return f"it is likely within {in_words(near)}, and this waits for what is within {in_words(far)}"
    return "" if told is None or told > far else "it was told of this already"


def of_health(state: ServiceState, before: str) -> Happening:
    at = state.since or state.last_at
    assert at is not None
    data: dict[str, Json] = {
        "service": state.service,
        "status": state.status,
        "state": PLAIN.get(state.status, "unknown"),
        "from_status": before,
        "text": f"{state.service} is {state.status}" + (f": {state.detail}" if state.detail else ""),
    }
    return Happening(f"{state.service}:{state.account}:{at.isoformat()}", "signalbox", "health_changed", at, data)


def of_failure(record: RunRecord, facts: Sequence[Fact], now: datetime) -> Happening:
    """A run that failed; once more each time it fails again after a retry."""
    finished = sum(fact.kind is FactKind.FINISHED for fact in facts)
    step, _, error = record.error.partition(": ")
    data: dict[str, Json] = {
        "workflow": record.name,
        "run": record.id,
        "step": step,
        "error": error or record.error,
        "text": f"{record.name} failed: {record.error}",
        "depth": depth_of(facts[0].data.get("event") if facts else None) + 1,
    }
    return Happening(f"{record.id}:{finished}", "signalbox", "run_failed", record.finished_at or now, data)


def depth_of(event: Json | Mapping[str, Json]) -> int:
    """How many failed runs led to this event, one after the other."""
    depth = event.get("depth") if isinstance(event, Mapping) else 0
    return depth if isinstance(depth, int) else 0


def alert_of(happening: Happening) -> str:
    """The alert a run that is started by this belongs to."""
    if happening.service != "signalbox" or happening.event not in ("alert_opened", "alert_resolved", "anomaly_predicted"):
        return ""
    return str(happening.data.get("alert") or happening.data.get("id") or "")
