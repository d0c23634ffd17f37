"""What is foreseen, as a happening for workflows and as a signal for alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.events import Happening
from engine.monitoring.alert import Alert, Severity
from engine.monitoring.forecast.episode import Episode, Telling
from engine.monitoring.forecast.foresight import Prediction
from engine.monitoring.signal import Signal
from engine.monitoring.slo.burn import Burn
from engine.monitoring.slo.objective import Objective
from engine.monitoring.spans import about
from engine.workflow.durations import iso

RULE, BURN_RULE = "forecast", "burn_rate"
SOURCE = "forecast"


def told(telling: Telling, at: datetime) -> Happening:
    """``signalbox.anomaly_predicted``; ``before`` is the horizon it was told for last time, so that each workflow starts once (``house_news.foreseen``)."""
    found = telling.prediction
    data: dict[str, Any] = {
        "service": found.service,
        "account": found.account,
        "metric": found.metric,
        "value": found.value,
        "threshold": found.limit,
        "horizon": iso(found.horizon),
        "expected": None if found.expected is None else iso(round(found.expected.total_seconds())),
        "before": None if telling.before is None else iso(telling.before),
        "probability": found.probability,
        "severity": found.severity.value,
        "text": f"{sentence(found)} {found.because}",
    }
    return Happening(telling.id, "signalbox", "anomaly_predicted", at, data)


def sentence(found: Prediction) -> str:
    return f"{found.text} Likely within {about(found.horizon.total_seconds())} (chance {100 * found.probability:.0f} %)."


def foreseen(found: Prediction, at: datetime, sandbox: bool) -> Signal:
    return Signal(
        rule=RULE, service=found.service, account=found.account, at=at, firing=True, because=found.because, severity=found.severity,
        message=sentence(found), metric=found.metric.replace("_", " "), value=found.value, threshold=found.limit,
        labels=_labels(found.metric, found.name), source=SOURCE, sandbox=sandbox,
    )  # fmt: skip


def passed(episode: Episode, at: datetime) -> Signal:
    """It is not foreseen any more: it came, or it went away."""
    return Signal(
        rule=RULE, service=episode.service, account=episode.account, at=at, firing=False, labels=_labels(episode.metric, episode.name),
        because="It has not been foreseen any more for half an hour.", source=SOURCE,
    )  # fmt: skip


def orphaned(alert: Alert, at: datetime) -> Signal:
    return Signal(
        rule=alert.rule, service=alert.service, account=alert.account, at=at, firing=False, labels=alert.labels, source=SOURCE,
        because="Nothing speaks of it any more: what it was about was removed.",
    )  # fmt: skip


def burning(objective: Objective, worst: Burn | None, at: datetime, because: str, sandbox: bool) -> Signal:
    """Of an objective's error budget; ``worst`` None: no window burns too fast."""
    firing = worst is not None
    return Signal(
        rule=BURN_RULE, service=objective.service, account=objective.account, at=at, firing=firing, because=because,
        severity=worst.rule.severity if worst else Severity.LOW, metric="burn rate", value=round(worst.long, 2) if worst else 0.0,
        threshold=round(worst.rate, 2) if worst else 0.0, labels={"objective": objective.kind.value}, source=SOURCE, sandbox=sandbox,
        message=f"Its error budget burns {worst.long:.3g} times as fast as its objective allows ({objective})." if worst else "",
    )  # fmt: skip


def _labels(metric: str, name: str) -> dict[str, str]:
    return {"metric": metric, **({"of": name} if name else {})}
