"""The health report as a card."""

from __future__ import annotations

from bot.cards.card import Bold, Card, Fields, Line, Moment, Part, Table, Tone
from bot.cards.outlook import ahead_lines, budget_line
from bot.cards.words import amount, headline, said, service, small
from engine.commands.command import HealthShown
from engine.monitoring.health import Formula, HealthStatus, ServiceHealth

NOT_YET = "not checked yet"  # said by the status already
SIGNS = {"healthy": "●", "degraded": "◐", "unhealthy": "◔", "offline": "○", "unknown": "?"}


def health(shown: HealthShown) -> Card:
    modes = {(account.service, account.name): account.mode for account in shown.accounts}
    first = {account.service: account.mode for account in reversed(shown.accounts)}
    rows = tuple(_row(one, modes.get((one.service, one.account)) or first.get(one.service, "")) for one in shown.services)
    system, single = shown.system, len(shown.services) == 1
    body: list[Part] = []
    if not single and rows:
        fields: list[tuple[str, Line]] = [
            ("Score", (Bold(f"{system.overall_score:.0f}"), " of 100")),
            ("Healthy", (f"{system.healthy_services} of {system.total_services}",)),
            ("Open alerts", (str(len(shown.alerts)),)),
            ("Trend", (system.performance_trend,)),
        ]
        body.append(Fields(tuple(fields)))
    nothing = said("No service is connected yet. /connect says how to connect one.")
    body.append(Table(("Service", "Status", "Score", "Response", "Success", "Mode"), rows) if rows else nothing)
    body += [said(Bold(f"{_called(one)}: "), why) for one in shown.services if (why := _why(one))]
    body += [said("Alert ", Bold(service(one.service)), f": {one.message} ({one.state.value})") for one in shown.alerts]
    body += ahead_lines(shown.ahead)
    body += [budget_line(one) for one in shown.spending]
    if shown.formula is Formula.LEGACY:
        body.append(small("Scores by the seed's formula: 60 % success, 40 % speed."))
    if "sandbox" in modes.values():
        body.append(small("Sandbox services answer from examples; /connect says how to connect them for real."))
    return Card(
        title=headline(f"{service(shown.services[0].service)} is {shown.services[0].status.value}") if single else _title(shown),
        tone=_tone(shown),
        body=tuple(body),
        footer=("As of ", Moment(system.last_updated)),
        summary=f"{system.healthy_services} of {system.total_services} services healthy, {amount(len(shown.alerts), 'open alert')}",
    )


def _title(shown: HealthShown) -> str:
    system = shown.system
    if not system.total_services:
        return "Health"
    if system.healthy_services == system.total_services:
        return "All services are healthy"
    return f"{system.healthy_services} of {system.total_services} services are healthy"


def _called(one: ServiceHealth) -> str:
    return service(one.service) + (f" ({one.account})" if one.account else "")


def _why(one: ServiceHealth) -> str:
    """Why it is not simply healthy; what the service itself said comes first."""
    if one.detail:
        return "" if one.detail == NOT_YET else one.detail
    return one.because if one.status is not HealthStatus.HEALTHY else ""


def _row(one: ServiceHealth, mode: str) -> tuple[str, ...]:
    name, sign = _called(one), f"{SIGNS[one.status.value]} {one.status.value}"
    if one.status is HealthStatus.UNKNOWN:
        return (name, sign, "–", "–", "–", mode)
    return (name, sign, f"{one.health_score:.0f}", f"{one.response_time_ms:.0f} ms", f"{100 * one.success_rate:.1f} %", mode)


def _tone(shown: HealthShown) -> Tone:
    statuses = {one.status for one in shown.services}
    if statuses & {HealthStatus.OFFLINE, HealthStatus.UNHEALTHY}:
        return Tone.BAD
    if HealthStatus.DEGRADED in statuses or shown.alerts:
        return Tone.WARNING
    return Tone.GOOD if HealthStatus.HEALTHY in statuses else Tone.NEUTRAL
