"""An alert: one fingerprint's life."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from engine.errors import Conflict


class AlertState(StrEnum):
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """``fingerprint`` = rule + service (+ labels), never a time. ``revision`` is the version its card shows; a press must carry it."""

    id: str  # alr_ + ULID
    fingerprint: str
    revision: int
    state: AlertState
    severity: Severity
    service: str
    account: str
    rule: str  # availability, response_time, success_rate
    message: str
    metric: str
    threshold: float
    value: float
    opened_at: datetime
    updated_at: datetime
    because: str  # why it was sent: the evidence in one sentence
    acknowledged_by: str = ""  # name
    acknowledged_at: datetime | None = None
    resolved_by: str = ""  # name; "Signalbox" when it recovered by itself
    resolved_at: datetime | None = None
    snoozed_until: datetime | None = None
    note: str = ""
    reopened: int = 0
    sandbox: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """What the monitor remembers of one account between samples and over restarts."""

    service: str
    account: str
    ever_ok: bool = False
    misconfigured: bool = False
    failures: int = 0  # consecutive
    successes: int = 0  # consecutive
    last_ok_at: datetime | None = None
    last_at: datetime | None = None
    last_latency: float = 0.0
    detail: str = ""
    status: str = "unknown"
    since: datetime | None = None
    sandbox: bool = False


LEASE_AFTER_RESOLVE = timedelta(minutes=15)

# from        → to             who may           what it means
# (none)      → firing         the detector      opened, one card
# firing      → acknowledged   a person          somebody is on it
# firing      → resolved       person/detector   over
# acknowledged→ resolved       person/detector   over
# resolved    → firing         the detector      within 15 min of a resolve, in place: it was not over
MOVES: frozenset[tuple[AlertState, AlertState]] = frozenset(
    {
        (AlertState.FIRING, AlertState.ACKNOWLEDGED),
        (AlertState.FIRING, AlertState.RESOLVED),
        (AlertState.ACKNOWLEDGED, AlertState.RESOLVED),
        (AlertState.RESOLVED, AlertState.FIRING),
    }
)


def acknowledged(alert: Alert, *, by: str, at: datetime, note: str = "", seen: int = 0) -> Alert:
    """Raises Conflict, with who was faster, when it is not firing or the press saw an older version (``seen`` 0 = not from a card)."""
    _allow(alert, AlertState.ACKNOWLEDGED, seen)
    return replace(
        alert,
        state=AlertState.ACKNOWLEDGED,
        revision=alert.revision + 1,
        acknowledged_by=by,
        acknowledged_at=at,
        updated_at=at,
        note=note or alert.note,
    )


def resolved(alert: Alert, *, by: str, at: datetime, note: str = "", seen: int = 0) -> Alert:
    """Raises Conflict like ``acknowledged``."""
    _allow(alert, AlertState.RESOLVED, seen)
    return replace(
        alert,
        state=AlertState.RESOLVED,
        revision=alert.revision + 1,
        resolved_by=by,
        resolved_at=at,
        updated_at=at,
        note=note or alert.note,
    )


def reopened(alert: Alert, *, at: datetime, because: str) -> Alert:
    """Firing again under the same id and card; its acknowledgement is void."""
    _allow(alert, AlertState.FIRING, 0)
    return replace(
        alert,
        state=AlertState.FIRING,
        revision=alert.revision + 1,
        updated_at=at,
        because=because,
        acknowledged_by="",
        acknowledged_at=None,
        resolved_by="",
        resolved_at=None,
        reopened=alert.reopened + 1,
    )


def _allow(alert: Alert, to: AlertState, seen: int) -> None:
    if (alert.state, to) not in MOVES:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    if seen and seen != alert.revision:
        raise Conflict(f"Nothing was changed: the alert moved on since your screen showed it; it is {_stands(alert)}. Look again and press again.")


def _stands(alert: Alert) -> str:
    if alert.state is AlertState.ACKNOWLEDGED and alert.acknowledged_at:
        return f"already acknowledged by {alert.acknowledged_by} at {alert.acknowledged_at:%H:%M} UTC"
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        return f"already resolved by {alert.resolved_by} at {alert.resolved_at:%H:%M} UTC"
    return "firing"


def fingerprint(rule: str, service: str, account: str) -> str:
    """What makes two findings the same trouble; never a time."""
    return f"{rule}/{service}/{account}"
