"""The health report as a card and as plain text for workflows."""

from __future__ import annotations

from bot.cards.card import Bold, Card, Fields, Line, Moment, Part, Table, Tone
from bot.cards.words import said, small
from engine.commands.command import HealthShown
from engine.monitoring.health import HealthStatus, ServiceHealth

SIGNS = {"healthy": "●", "degraded": "◐", "unhealthy": "◔", "offline": "○", "unknown": "?"}


def health(shown: HealthShown) -> Card:
    modes = {account.service: account for account in shown.accounts}
    rows = tuple(_row(one, modes[one.service].mode if one.service in modes else "") for one in shown.services)
    system = shown.system
    body: list[Part] = []
    if len(shown.services) != 1:
        fields: list[tuple[str, Line]] = [
            ("Healthy", (Bold(f"{system.healthy_services} of {system.total_services}"),)),
            ("Open alerts", (str(len(shown.alerts)),)),
            ("Trend", (system.performance_trend,)),
        ]
        body.append(Fields(tuple(fields)))
    body.append(Table(("Service", "Status", "Score", "Response", "Success", "Mode"), rows) if rows else said("No service is connected yet."))
    body += [said(Bold(f"{one.service}: "), one.detail) for one in shown.services if one.detail]
    body += [said("Alert ", Bold(alert.service), f": {alert.message} ({alert.state.value})") for alert in shown.alerts]
    if any(mode == "sandbox" for _, mode in ((s, modes[s].mode) for s in modes)):
        body.append(small("Sandbox services answer from examples; /connect says how to connect them for real."))
    return Card(
        title="Health" if len(shown.services) != 1 else f"Health of {shown.services[0].service}",
        tone=_tone(shown),
        body=tuple(body),
        footer=("As of ", Moment(system.last_updated)),
        summary=f"{system.healthy_services} of {system.total_services} services healthy, {len(shown.alerts)} open alerts",
    )


def _row(one: ServiceHealth, mode: str) -> tuple[str, ...]:
    sign = f"{SIGNS[one.status.value]} {one.status.value}"
    if one.status is HealthStatus.UNKNOWN:
        return (one.service, sign, "–", "–", "–", mode)
    return (one.service, sign, f"{one.health_score:.1f}", f"{one.response_time_ms:.0f} ms", f"{100 * one.success_rate:.1f} %", mode)


def _tone(shown: HealthShown) -> Tone:
    statuses = {one.status for one in shown.services}
    if statuses & {HealthStatus.OFFLINE, HealthStatus.UNHEALTHY}:
        return Tone.BAD
    return Tone.WARNING if HealthStatus.DEGRADED in statuses or shown.alerts else Tone.GOOD
