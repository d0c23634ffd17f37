"""Service health and alerts, in the seed's words."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from bot.faces.rest.models.analytics import UsageOut
from bot.faces.rest.models.envelope import In, Out

Status = Literal["healthy", "degraded", "unhealthy", "offline", "unknown"]
Severity = Literal["low", "medium", "high", "critical"]
Trend = Literal["improving", "stable", "degrading", "unknown"]


class ServiceMetrics(BaseModel):
    service_name: str
    response_time_ms: float
    success_rate: float
    error_count: int
    request_count: int
    last_checked: datetime | None
    health_score: float
    status: Status
    sandbox: bool = Field(description="The sandbox answered, not the service.")
    detail: str


class ServicesOut(Out):
    services: dict[str, ServiceMetrics]
    total_services: int
    timestamp: datetime


class HistoryPoint(BaseModel):
    response_time: float = Field(description="Milliseconds.")
    success_rate: float
    error_rate: float
    timestamp: datetime


class BudgetOut(BaseModel):
    account: str
    name: str = Field(description="What the limit is of.", examples=["requests in 10 s"])
    used: int
    limit: int
    resets_in: float | None = Field(description="Seconds until nothing of it counts any more; null when the service does not say.")


class StandingOut(BaseModel):
    state: Literal["up", "trouble", "down", "unknown"] = Field(description="By its own status page; `unknown` where none can be read.")
    says: str
    read_at: datetime


class ServiceOut(Out):
    service: ServiceMetrics
    vendor: StandingOut | None = Field(description="What the vendor says of itself; null for the house's own, and where nothing is connected.")
    performance_history: list[HistoryPoint] = Field(description="The last 50 measurements, oldest first.")
    history_count: int
    budget: list[BudgetOut] = Field(description="What is used of the service's own limits, the fullest first.")


class SystemHealthModel(BaseModel):
    overall_score: float
    healthy_services: int
    total_services: int
    critical_alerts: int
    performance_trend: Literal["improving", "stable", "degrading"]
    last_updated: datetime


class SystemHealthOut(Out):
    system_health: SystemHealthModel
    timestamp: datetime


class RulingOut(BaseModel):
    stage: str
    outcome: str = Field(description="passed, joined, held or sent")
    because: str


class AlertOut(BaseModel):
    alert_id: str
    service_name: str
    severity: Severity
    message: str
    metric: str
    threshold: float
    current_value: float
    timestamp: datetime = Field(description="When it opened.")
    acknowledged: bool
    resolved: bool
    state: Literal["firing", "acknowledged", "resolved"]
    revision: int
    because: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    resolved_by: str
    resolved_at: datetime | None
    note: str
    sandbox: bool
    rule: str
    account: str
    labels: dict[str, str]
    source: str = Field(description="`monitor`, `forecast`, `person`, or who sent it.")
    incident: str = Field(description="The alert whose card speaks for it; its own id where it leads the incident.")
    quiet: str = Field(description="Why nobody was told; empty: it was told.")
    snoozed_until: datetime | None
    reopened: int
    runbook: str
    trace: list[RulingOut] = Field(description="What each stage of the pipeline said, in order.")


class AlertsOut(Out):
    alerts: list[AlertOut]
    total_alerts: int
    critical_count: int
    timestamp: datetime


class AlertActIn(In):
    actor: str = Field(default="", max_length=100, description="A name to show on the card.", examples=["Ana"])
    note: str = Field(default="", max_length=1000)


class Acknowledged(Out):
    message: str
    alert_id: str
    acknowledged: Literal[True] = True
    alert: AlertOut


class Resolved(Out):
    message: str
    alert_id: str
    resolved: Literal[True] = True
    alert: AlertOut


class ServiceSummary(BaseModel):
    health_score: float
    status: Status
    response_time: float
    success_rate: float


class MonitoringAnalytics(BaseModel):
    service_summary: dict[str, ServiceSummary]
    alert_summary: dict[Severity, int]
    performance_trends: dict[str, Trend]
    total_services: int
    monitoring_enabled: bool
    service_usage: list[UsageOut] = Field(default=[], description="What workflows asked of each service in the time that was asked for.")


class MonitoringAnalyticsOut(Out):
    analytics: MonitoringAnalytics
    timestamp: datetime
