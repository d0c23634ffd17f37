"""An alert: one fingerprint's life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
