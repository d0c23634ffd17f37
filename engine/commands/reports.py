"""Reports as text and numbers, for workflows that post them: health, alerts, analytics and impact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from engine.commands.alerting import OPEN, severity_of
from engine.commands.command import HealthShown
from engine.commands.health_report import report
from engine.commands.house import House
from engine.commands.show_impact import measured
from engine.commands.workflow_analytics import analytics_of, analytics_text, numbers
from engine.errors import Rejected
from engine.graph.words import amount
from engine.monitoring.health import HealthStatus
from engine.ports import Call
from engine.workflow.catalogue_data import product
from engine.workflow.definition import Json

SIGNS = {"healthy": "✓", "degraded": "~", "unhealthy": "!", "offline": "✕", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Reports:
    """``providers()`` gives what the ``signalbox`` connector offers, by operation; ``house`` is asked when a report is made."""

    house: Callable[[], House]

    def providers(self) -> Mapping[str, Callable[[Call], Awaitable[Json]]]:
        return {
            "health_report": self.health,
            "alert_digest": self.alerts,
            "workflow_analytics": self.analytics,
            "impact_report": self.impact,
        }

    async def health(self, call: Call) -> Json:
        shown = await report(self.house(), _word(call, "service"))
        return {
            "text": health_text(shown),
            "overall_score": shown.system.overall_score,
            "healthy_services": shown.system.healthy_services,
            "total_services": shown.system.total_services,
            "open_alerts": len(shown.alerts),
            "services": [{"service": s.service, "status": s.status.value, "score": s.health_score} for s in shown.services],
        }

    async def alerts(self, call: Call) -> Json:
        house, said = self.house(), _word(call, "service")
        service = house.service(said).id if said else ""
        found = await house.store.alerts.list(service=service, severity=severity_of(_word(call, "severity")), states=OPEN)
        lines = [
            f"{product(one.service)} [{one.severity.value}] {one.message} ({one.state.value} since {one.opened_at:%Y-%m-%d %H:%M} UTC)"
            for one in found
        ]
        return {"text": "\n".join(lines) or "No open alerts.", "count": len(found), "alerts": [one.id for one in found]}

    async def analytics(self, call: Call) -> Json:
        house = self.house()
        shown = await analytics_of(house, _word(call, "workflow"), _word(call, "window"), house.clock.now())
        return {"text": analytics_text(shown), **numbers(shown.report)}

    async def impact(self, call: Call) -> Json:
        service = _word(call, "service")
        if not service:
            raise Rejected("An impact report needs a service.")
        found = (await measured(self.house(), service, _word(call, "state") or "down")).impact
        names = ", ".join(flow.name for flow in found.workflows) or "none"
        return {
            "text": f"If {product(found.service)} is {found.state}: {found.because} Workflows: {names}.",
            "service": found.service,
            "severity": found.severity,
            "runs_lost_per_hour": found.runs_lost_per_hour,
            "workflows": [flow.name for flow in found.workflows],
        }


def health_text(shown: HealthShown) -> str:
    system = shown.system
    lines = [
        f"Health: {system.healthy_services} of {system.total_services} services healthy, {amount(len(shown.alerts), 'open alert')}, {system.performance_trend}."
    ]
    for one in shown.services:
        if one.status is HealthStatus.UNKNOWN:
            lines.append(f"? {product(one.service)}: not known ({one.detail})")
        else:
            lines.append(
                f"{SIGNS[one.status.value]} {product(one.service)}: {one.status.value}, score {one.health_score:.0f}, "
                f"{one.response_time_ms:.0f} ms, {100 * one.success_rate:.0f} % success" + (" (sandbox)" if one.sandbox else "")
            )
    lines += [f"Alert: {product(alert.service)}: {alert.message} ({alert.state.value})" for alert in shown.alerts]
    return "\n".join(lines)


def _word(call: Call, name: str) -> str:
    value = call.arguments.get(name)
    return str(value).strip() if value is not None else ""
