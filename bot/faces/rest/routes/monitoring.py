"""Monitoring: the seed's seven endpoints."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from bot.faces.http.late import LateRouter
from bot.faces.rest.asking import OR_CSV, Calendar, Format, Window, as_sheet, asked
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.analytics import usage_out
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.monitoring import (
    Acknowledged,
    AlertActIn,
    AlertsOut,
    BudgetOut,
    MonitoringAnalytics,
    MonitoringAnalyticsOut,
    Resolved,
    ServiceOut,
    ServicesOut,
    ServiceSummary,
    StandingOut,
    SystemHealthModel,
    SystemHealthOut,
)
from bot.faces.rest.views import alert_out, history_point, service_metrics
from engine.commands.command import AlertShown, HealthShown
from engine.errors import Invalid, NotFound, Rejected
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.health import WINDOW, trend

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
HISTORY = timedelta(days=1)
POINTS = 50
ByFormula = Annotated[Literal["signalbox", "legacy"], Query(description="By which formula scores are made: ours, or the seed's as it was.")]
ALERTS = 500


class MonitoringRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/monitoring", tags=["monitoring"], dependencies=guards)
        add = router.add_api_route
        add("/services", self.services, methods=["GET"], response_model=ServicesOut, responses=failures())
        add("/services/{name}", self.service, methods=["GET"], response_model=ServiceOut, responses=failures(404))
        add("/health", self.health, methods=["GET"], response_model=SystemHealthOut, responses=failures())
        add("/alerts", self.alerts, methods=["GET"], response_model=AlertsOut, responses=failures(400))
        sheets = {**failures(400, 404), **OR_CSV}
        add("/analytics", self.analytics, methods=["GET"], response_model=MonitoringAnalyticsOut, responses=sheets)
        changed = failures(400, 404, 409)
        add("/alerts/{alert_id}/acknowledge", self.acknowledge, methods=["POST"], response_model=Acknowledged, responses=changed)
        add("/alerts/{alert_id}/resolve", self.resolve, methods=["POST"], response_model=Resolved, responses=changed)
        return router

    async def services(self, formula: ByFormula = "signalbox") -> ServicesOut:
        """Every connected service, over the last 15 minutes."""
        shown = await self._report(formula=formula)
        metrics = {health.service + (f"/{health.account}" if health.account else ""): service_metrics(health) for health in shown.services}
        return ServicesOut(services=metrics, total_services=len(metrics), timestamp=self._face.clock.now())

    async def service(self, name: str, formula: ByFormula = "signalbox") -> ServiceOut:
        """One service and its last measurements."""
        shown = await self._report(formula=formula)
        health = next((each for each in shown.services if each.service == name), None)
        if health is None:
            raise NotFound("Service not found")
        samples = await self._store.samples.recent(name, since=self._face.clock.now() - HISTORY, limit=POINTS)
        points = [history_point(sample) for sample in samples]
        budget = [
            BudgetOut(account=row.account, name=row.name, used=row.used, limit=row.limit, resets_in=row.resets_in)
            for row in shown.budgets
            if row.service == name
        ]
        standing = (await self._report(name)).standing
        vendor = StandingOut(state=standing.state, says=standing.says, read_at=standing.at) if standing else None  # type: ignore[arg-type]
        return ServiceOut(service=service_metrics(health), vendor=vendor, performance_history=points, history_count=len(points), budget=budget)

    async def health(self, formula: ByFormula = "signalbox") -> SystemHealthOut:
        """The whole in one number."""
        system = (await self._report(formula=formula)).system
        model = SystemHealthModel.model_validate(asdict(system))
        return SystemHealthOut(system_health=model, timestamp=self._face.clock.now())

    async def alerts(self, severity: Annotated[str, Query(description="low, medium, high or critical")] = "") -> AlertsOut:
        """Alerts that are not resolved, newest first."""
        if severity and severity not in {each.value for each in Severity}:
            raise Invalid("Invalid severity filter")
        found = await self._store.alerts.list(severity=severity, states=OPEN, limit=ALERTS)
        critical = sum(alert.severity is Severity.CRITICAL for alert in found)
        return AlertsOut(
            alerts=[alert_out(alert) for alert in found],
            total_alerts=len(found),
            critical_count=critical,
            timestamp=self._face.clock.now(),
        )

    async def analytics(
        self,
        formula: ByFormula = "signalbox",
        service: Annotated[str, Query(max_length=100, description="Its usage alone.")] = "",
        window: Window = "",
        calendar: Calendar = "",
        format: Format = "json",
    ) -> MonitoringAnalyticsOut | Response:
        """Summaries by service and by severity, and what workflows asked of the services in a time."""
        used = await asked(self._face, window, calendar, service=service)
        if format == "csv":
            return as_sheet(used)
        usage = (used.report.service,) if used.report.service is not None else used.report.services
        shown, now = await self._report(formula=formula), self._face.clock.now()
        summary = {
            health.service: ServiceSummary(
                health_score=health.health_score,
                status=health.status.value,
                response_time=round(health.response_time_ms, 3),
                success_rate=round(health.success_rate, 4),
            )
            for health in shown.services
        }
        trends = {name: trend(await self._store.samples.recent(name, since=now - WINDOW)) for name in summary}
        analytics = MonitoringAnalytics.model_validate(
            {
                "service_summary": summary,
                "alert_summary": {each.value: sum(a.severity is each for a in shown.alerts) for each in Severity},
                "performance_trends": trends,
                "total_services": len(summary),
                "monitoring_enabled": True,
                "service_usage": [usage_out(one) for one in usage],
            }
        )
        return MonitoringAnalyticsOut(analytics=analytics, timestamp=now)

    async def acknowledge(self, request: Request, alert_id: str, body: AlertActIn | None = None) -> Acknowledged:
        """Say that somebody is on it; its cards change everywhere."""
        alert = await self._act(request, "acknowledge_alert", alert_id, body)
        return Acknowledged(message=f"Alert {alert_id} acknowledged", alert_id=alert_id, alert=alert_out(alert))

    async def resolve(self, request: Request, alert_id: str, body: AlertActIn | None = None) -> Resolved:
        """Say that it is over; its cards change everywhere."""
        alert = await self._act(request, "resolve_alert", alert_id, body)
        return Resolved(message=f"Alert {alert_id} resolved", alert_id=alert_id, alert=alert_out(alert))

    async def _act(self, request: Request, command: str, alert_id: str, body: AlertActIn | None) -> Alert:
        if await self._store.alerts.get(alert_id) is None:
            raise NotFound("Alert not found")
        said = body or AlertActIn()
        arguments = {"alert": alert_id, "note": said.note}
        outcome = await self._face.desk.do(command, arguments, self._face.actor(said.actor), self._face.where(), self._face.key(request))
        if not isinstance(outcome.result, AlertShown):
            raise Rejected("The alert was not changed; look at it under /api/v2/monitoring/alerts.")
        return outcome.result.alert

    async def _report(self, service: str = "", formula: str = "") -> HealthShown:
        asked = {name: value for name, value in (("service", service), ("formula", formula)) if value}
        outcome = await self._face.desk.do("health_report", asked, self._face.actor(), self._face.where(), self._face.clock.new_id("rest"))
        assert isinstance(outcome.result, HealthShown)
        return outcome.result
