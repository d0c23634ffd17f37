"""The health report: a score and a status for each connected service."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar

from engine.commands.alerting import OPEN
from engine.commands.command import Asking, Command, HealthShown, Outcome
from engine.commands.house import House
from engine.errors import NotFound
from engine.monitoring.alert import Severity
from engine.monitoring.health import WINDOW, service_health, system_health, system_trend, trend


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport(Command):
    NAME: ClassVar[str] = "health_report"
    SLASH: ClassVar[str] = "/health"
    HELP: ClassVar[str] = "How the connected services are doing, all or one."
    EXAMPLE: ClassVar[str] = "/health github"
    service: str = ""
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await report(house, self.service, self.window or WINDOW))


async def report(house: House, service: str = "", window: timedelta = WINDOW) -> HealthShown:
    """Raises NotFound for a service that is not connected, with the nearest names."""
    accounts = [account for account in house.connections.accounts() if account.probed and account.mode != "off"]
    if service:
        known = house.service(service)
        accounts = [account for account in accounts if account.service == known.id]
        if not accounts:
            raise NotFound(
                f"{known.name} is not connected or not probed, so nothing is known of its health. /connect {known.id} says more."
            )
    now = house.clock.now()
    states = {(state.service, state.account): state for state in await house.store.samples.states()}
    count = Counter(account.service for account in accounts)
    healths, trends = [], []
    for account in accounts:
        samples = await house.store.samples.recent(account.service, since=now - window)
        several = count[account.service] > 1
        samples = [sample for sample in samples if sample.account == account.name] if several else samples
        state = states.get((account.service, account.name))
        wrong = state.detail if state and state.misconfigured else ""
        health = service_health(account.service, samples, wrong)
        healths.append(replace(health, account=account.name) if several else health)
        trends.append(trend(samples))
    alerts = await house.store.alerts.list(service=accounts[0].service if service else "", states=OPEN)
    critical = sum(alert.severity is Severity.CRITICAL for alert in alerts)
    system = system_health(healths, critical, system_trend(trends), now)
    standing = await house.connections.standing(accounts[0].service) if service else None
    budgets = tuple(row for name in dict.fromkeys(account.service for account in accounts) for row in house.connections.budget(name))
    return HealthShown(
        system=system, services=tuple(healths), accounts=tuple(accounts), alerts=tuple(alerts), budgets=budgets, standing=standing
    )
