"""An alert: one fingerprint's life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one stage of the pipeline made of an alert, and why. ``outcome``: passed, joined, held or sent."""

    stage: str
    outcome: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """``fingerprint`` = rule + service + account + labels, never a time. ``revision`` is the version its card shows; a press must carry it.

    ``incident``: id of the alert that leads the incident it belongs to; "" = it leads one itself, and its card speaks for all of them.
    ``quiet``: why nobody was told of it; "" = it was told. ``source``: monitor, forecast, person or the name of an inbound sender.
    ``due_at``: the earliest of its times, when the keeper looks at it again.
    """

    id: str  # alr_ + ULID
    fingerprint: str
    revision: int
    state: AlertState
    severity: Severity
    service: str
    account: str
    rule: str  # availability, credential, response_time, throughput, forecast, network, manual, or the sender's own name of it
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
    note: str = ""  # the last one; every one is in the audit
    reopened: int = 0
    sandbox: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = "monitor"
    incident: str = ""
    trace: tuple[Ruling, ...] = ()
    quiet: str = ""
    runbook: str = ""  # a link, or the id of a workflow
    acknowledged_actor: str = ""  # actor id
    remind_at: datetime | None = None  # of an acknowledgement: whoever took it is asked whether they still have it
    relapse_at: datetime | None = None  # of an acknowledgement: back to firing
    snoozed_by: str = ""  # actor id: who is told when the snooze ends
    policy: str = ""  # id of the escalation policy
    level: int = 0  # how many levels of it were told
    escalate_at: datetime | None = None
    due_at: datetime | None = None
    ends_at: datetime | None = None  # with no further word from its sender it counts as over then

    @property
    def leader(self) -> str:
        """The id whose card speaks for it."""
        return self.incident or self.id

    @property
    def open(self) -> bool:
        return self.state is not AlertState.RESOLVED


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
# firing      → acknowledged   a person          somebody is on it, for as long as the lease runs
# acknowledged→ firing         a person/the lease nobody is on it any more
# firing      → resolved       person/detector   over
# acknowledged→ resolved       person/detector   over
# resolved    → firing         person/detector   within 15 min of a resolve, in place: it was not over
MOVES: frozenset[tuple[AlertState, AlertState]] = frozenset(
    {
        (AlertState.FIRING, AlertState.ACKNOWLEDGED),
        (AlertState.ACKNOWLEDGED, AlertState.FIRING),
        (AlertState.FIRING, AlertState.RESOLVED),
        (AlertState.ACKNOWLEDGED, AlertState.RESOLVED),
        (AlertState.RESOLVED, AlertState.FIRING),
    }
)
# How long an acknowledgement holds before its holder is asked (T); at 2 T it fires again.
LEASES: Mapping[Severity, timedelta] = {
    Severity.CRITICAL: timedelta(minutes=30),
    Severity.HIGH: timedelta(hours=1),
    Severity.MEDIUM: timedelta(hours=4),
    Severity.LOW: timedelta(hours=24),
}


def changed(alert: Alert, **changes: object) -> Alert:
    """The next revision, with ``due_at`` as its times are now."""
    later = replace(alert, revision=alert.revision + 1, **changes)  # type: ignore[arg-type]
    return replace(later, due_at=_due(later))


def _due(alert: Alert) -> datetime | None:
    """A resolved alert waits for nothing, a snoozed one for the end of its snooze and nothing else."""
    if not alert.open:
        return None
    if alert.snoozed_until is not None:
        return alert.snoozed_until
    return min((time for time in (alert.remind_at, alert.relapse_at, alert.escalate_at) if time is not None), default=None)


def acknowledged(
    alert: Alert, *, by: str, at: datetime, note: str = "", seen: int = 0, actor: str = "", lease: timedelta | None = None
) -> Alert:
    """Raises Conflict, with who was faster, when it is not firing or the press saw an older version (``seen`` 0 = not from a card).

    ``lease``: the time T after which its holder is reminded (at 2 T it fires again); None = as its severity has it.
    """
    _allow(alert, AlertState.ACKNOWLEDGED, seen)
    span = lease or LEASES[alert.severity]
    return changed(
        alert,
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_actor=actor,
        acknowledged_at=at,
        updated_at=at,
        note=note or alert.note,
        remind_at=at + span,
        relapse_at=at + 2 * span,
        escalate_at=None,
    )


def kept(alert: Alert, *, at: datetime, lease: timedelta | None = None) -> Alert:
    """Its holder was reminded and still has it: the lease begins anew. Raises Conflict unless it is acknowledged."""
    if alert.state is not AlertState.ACKNOWLEDGED:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    span = lease or LEASES[alert.severity]
    return changed(alert, updated_at=at, remind_at=at + span, relapse_at=at + 2 * span)


def reminded(alert: Alert) -> Alert:
    """The reminder went out; what remains is the end of the lease."""
    return changed(alert, remind_at=None)


def unacknowledged(alert: Alert, *, at: datetime, because: str, seen: int = 0) -> Alert:
    """Firing again, by hand or because the lease ran out. Raises Conflict unless it is acknowledged."""
    if alert.state is AlertState.RESOLVED:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    _allow(alert, AlertState.FIRING, seen)
    return changed(alert, state=AlertState.FIRING, updated_at=at, because=because, **NOBODY)


def resolved(alert: Alert, *, by: str, at: datetime, note: str = "", seen: int = 0) -> Alert:
    """Raises Conflict like ``acknowledged``."""
    _allow(alert, AlertState.RESOLVED, seen)
    return changed(alert, state=AlertState.RESOLVED, resolved_by=by, resolved_at=at, updated_at=at, note=note or alert.note)


def reopened(alert: Alert, *, at: datetime, because: str, seen: int = 0) -> Alert:
    """Firing again under the same id and card; its acknowledgement is void."""
    if alert.state is not AlertState.RESOLVED:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    _allow(alert, AlertState.FIRING, seen)
    return changed(
        alert,
        state=AlertState.FIRING,
        updated_at=at,
        because=because,
        resolved_by="",
        resolved_at=None,
        reopened=alert.reopened + 1,
        **NOBODY,
    )


def snoozed(alert: Alert, *, until: datetime, by: str, at: datetime, seen: int = 0) -> Alert:
    """Nobody is reminded or called until then; ``by``: actor id, who is told when it ends. Raises Conflict when it is over."""
    if not alert.open:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    _fresh(alert, seen)
    return changed(alert, snoozed_until=until, snoozed_by=by, updated_at=at, remind_at=None, relapse_at=None, escalate_at=None)


NOBODY: Mapping[str, object] = {
    "acknowledged_by": "",
    "acknowledged_actor": "",
    "acknowledged_at": None,
    "remind_at": None,
    "relapse_at": None,
    "snoozed_until": None,
    "snoozed_by": "",
    "level": 0,  # whoever is called is called from the beginning
    "escalate_at": None,
}


def _allow(alert: Alert, to: AlertState, seen: int) -> None:
    if (alert.state, to) not in MOVES:
        raise Conflict(f"Nothing was changed: this alert is {_stands(alert)}.")
    _fresh(alert, seen)


def _fresh(alert: Alert, seen: int) -> None:
    if seen and seen != alert.revision:
        raise Conflict(outdated(alert))


def outdated(alert: Alert) -> str:
    """What whoever pressed a card of an older state is told."""
    return f"Nothing was changed: the alert moved on since your screen showed it; it is {_stands(alert)}. Look again and press again."


def _stands(alert: Alert) -> str:
    if alert.state is AlertState.ACKNOWLEDGED and alert.acknowledged_at:
        return f"already acknowledged by {alert.acknowledged_by} at {alert.acknowledged_at:%H:%M} UTC"
    if alert.state is AlertState.RESOLVED and alert.resolved_at:
        return f"already resolved by {alert.resolved_by} at {alert.resolved_at:%H:%M} UTC"
    return "firing"


def fingerprint(rule: str, service: str, account: str, labels: Mapping[str, str] | None = None) -> str:
    """What makes two signals the same trouble; never a time."""
    said = ",".join(f"{name}={value}" for name, value in sorted((labels or {}).items()))
    return f"{rule}/{service}/{account}" + (f"/{said}" if said else "")
