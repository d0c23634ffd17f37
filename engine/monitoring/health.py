"""Health: a score from 0 to 100 per service, and a status in a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HealthStatus(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHealth:
    """Shapes of the monitoring API. ``success_rate`` 0..1, ``response_time_ms`` mean of the window, ``health_score`` 0..100."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemHealth:
    overall_score: float
    healthy_services: int
    total_services: int
    critical_alerts: int
    performance_trend: str  # improving, stable, degrading
    last_updated: datetime
