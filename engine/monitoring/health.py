"""Health: its shapes, and the seed's formula (``legacy``): a score from 0 to 100 per service, and a status in a word.

Our own formula is in ``scoring``, with the reasons why there is another one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.monitoring.sample import Outcome, Sample


class Formula(StrEnum):
    """By which the score is made: ours, or the seed's as it was, for whoever compares with figures of then."""

    SIGNALBOX = "signalbox"
    LEGACY = "legacy"


class HealthStatus(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHealth:
    """Shapes of the monitoring API. ``success_rate`` 0..1, ``response_time_ms`` mean of the window, ``health_score`` 0..100.

    ``account`` is said where the service has several. ``because``: why it has this status, in a sentence.
    """

    service: str
    response_time_ms: float
    success_rate: float
    error_count: int
    request_count: int
    last_checked: datetime | None
    health_score: float
    status: HealthStatus
    sandbox: bool = False
    detail: str = ""
    account: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHealth:
    overall_score: float
    healthy_services: int
    total_services: int
    critical_alerts: int
    performance_trend: str  # improving, stable, degrading
    last_updated: datetime


WINDOW = timedelta(minutes=15)
LIMITS = {
    # metric: (warning → medium, critical → critical); response_time in milliseconds, the others ratios 0..1
    "response_time": (1000.0, 5000.0),
    "success_rate": (0.95, 0.90),
    "error_rate": (0.05, 0.10),
}
STATUS_FROM = ((90.0, HealthStatus.HEALTHY), (75.0, HealthStatus.DEGRADED), (50.0, HealthStatus.UNHEALTHY))
TREND_MARGIN = 2.0  # points of score between the older and the newer half


def score(response_time_ms: float, success_rate: float) -> float:
    """0..100: 60 % success, 40 % speed, where 5 s and slower is worth nothing. 200 ms at 100 % is 98.4; 200 ms at 0 % is 38.4."""
    return round((max(0.0, 1 - response_time_ms / 5000) * 0.4 + success_rate * 0.6) * 100, 2)


def status_of(points: float) -> HealthStatus:
    """≥ 90 healthy, ≥ 75 degraded, ≥ 50 unhealthy, below offline."""
    return next((status for least, status in STATUS_FROM if points >= least), HealthStatus.OFFLINE)


def service_health(service: str, samples: Sequence[Sample], detail: str = "") -> ServiceHealth:
    """The health of one service over the samples of a window; ``unknown`` without any that tells about the service itself."""
    telling = [s for s in samples if s.outcome in (Outcome.OK, Outcome.ERROR)]
    if not telling:
        last = samples[-1] if samples else None
        return ServiceHealth(
            service=service, response_time_ms=0.0, success_rate=0.0, error_count=0, request_count=0,
            last_checked=last.at if last else None, health_score=0.0, status=HealthStatus.UNKNOWN,
            sandbox=bool(last and last.sandbox), detail=detail or (last.detail if last else "not checked yet"),
        )  # fmt: skip
    errors = [s for s in telling if s.outcome is Outcome.ERROR]
    rate = 1 - len(errors) / len(telling)
    mean_ms = sum(s.latency for s in telling) / len(telling) * 1000
    points = score(mean_ms, rate)
    last = telling[-1]
    return ServiceHealth(
        service=service, response_time_ms=round(mean_ms, 1), success_rate=round(rate, 4), error_count=len(errors),
        request_count=len(telling), last_checked=last.at, health_score=points, status=status_of(points),
        sandbox=last.sandbox, detail=detail or (last.detail if last.outcome is Outcome.ERROR else ""),
    )  # fmt: skip


def system_health(services: Sequence[ServiceHealth], critical_alerts: int, trend: str, at: datetime) -> SystemHealth:
    """``overall_score`` is the share of known services that are healthy, in percent; 100 when none is known."""
    known = [s for s in services if s.status is not HealthStatus.UNKNOWN]
    healthy = sum(s.status is HealthStatus.HEALTHY for s in known)
    return SystemHealth(
        overall_score=round(100 * healthy / len(known), 2) if known else 100.0,
        healthy_services=healthy,
        total_services=len(known),
        critical_alerts=critical_alerts,
        performance_trend=trend,
        last_updated=at,
    )


def trend(samples: Sequence[Sample]) -> str:
    """improving, stable or degrading, from the older and the newer half of the window; ``unknown`` under 8 telling samples."""
    telling = [s for s in samples if s.outcome in (Outcome.OK, Outcome.ERROR)]
    if len(telling) < 8:
        return "unknown"
    half = len(telling) // 2
    older, newer = (service_health("", part).health_score for part in (telling[:half], telling[half:]))
    if newer - older > TREND_MARGIN:
        return "improving"
    return "degrading" if older - newer > TREND_MARGIN else "stable"


def system_trend(trends: Iterable[str]) -> str:
    """The trend most services show; degrading wins a tie."""
    counted = Counter(t for t in trends if t != "unknown")
    if not counted:
        return "stable"
    return max(("degrading", "improving", "stable"), key=lambda word: counted[word])
