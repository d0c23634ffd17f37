"""The health report: a score and a status for each connected service, and of one also where it is heading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.alerting import OPEN
from engine.commands.command import Asking, Command, HealthShown, Outcome
from engine.commands.foreseeing import Foreseen, foreseen, usual, watched
from engine.commands.house import House
from engine.commands.objectives import burning, objectives, spending
from engine.errors import Rejected
from engine.monitoring.alert import Alert, ServiceState, Severity
from engine.monitoring.forecast.trend import Trend
from engine.monitoring.health import WINDOW, Formula, ServiceHealth, SystemHealth, service_health, system_health, system_trend, trend
from engine.monitoring.sample import Sample
from engine.monitoring.scoring import Evidence, scored, system_scored
from engine.monitoring.slo.objective import Objective
from engine.ports import Account
from engine.workflow.catalogue import listed
from engine.workflow.definition import WorkflowState

MOST_ALERTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport(Command):
    """``formula``: signalbox, or legacy for the score of the seed."""

    NAME: ClassVar[str] = "health_report"
    SLASH: ClassVar[str] = "/health"
    HELP: ClassVar[str] = "How the connected services are doing, all or one."
    EXAMPLE: ClassVar[str] = "/health github"
    service: str = ""
    window: timedelta | None = None
    formula: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await report(house, self.service, self.window or WINDOW, formula_of(self.formula)))


def formula_of(said: str) -> Formula:
    """Ours unless another is named. Raises Rejected for one there is not."""
    try:
        return Formula(said.strip().casefold() or Formula.SIGNALBOX)
    except ValueError as error:
        raise Rejected(f"There is no formula “{said[:40]}”. Say {listed([one.value for one in Formula], 'or')}.") from error


async def report(house: House, service: str = "", window: timedelta = WINDOW, formula: Formula = Formula.SIGNALBOX) -> HealthShown:
    """Raises NotFound for a service that is not connected, with the nearest names."""
    accounts = watched(house, service)
    about, now = accounts[0].service if service else "", house.clock.now()
    known = await _known(house, about, formula)
    count = Counter(account.service for account in accounts)
    healths, trends = [], []
    for account in accounts:
        several = count[account.service] > 1
        samples = await house.store.samples.recent(account.service, since=now - window)
        samples = [sample for sample in samples if sample.account == account.name] if several else samples
        health = await _health(house, account, samples, known, now)
        healths.append(replace(health, account=account.name) if several else health)
        trends.append(trend(samples))
    ahead = [await foreseen(house, account, now) for account in accounts] if service else []
    return HealthShown(
        system=await _system(house, healths, known, _trend(ahead, trends), now),
        services=tuple(healths),
        accounts=tuple(accounts),
        alerts=known.alerts,
        budgets=tuple(row for name in dict.fromkeys(account.service for account in accounts) for row in house.connections.budget(name)),
        standing=await house.connections.standing(about) if about else None,
        formula=formula,
        ahead=tuple(ahead),
        spending=tuple(await spending(house.store, now, about)) if service else (),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked for once for all accounts. ``alerts``: the open ones."""

    formula: Formula
    states: dict[tuple[str, str], ServiceState]
    alerts: tuple[Alert, ...]
    objectives: list[Objective]


async def _known(house: House, service: str, formula: Formula) -> _Known:
    states = {(state.service, state.account): state for state in await house.store.samples.states()}
    alerts = await house.store.alerts.list(service=service, states=OPEN, limit=MOST_ALERTS)
    return _Known(formula, states, tuple(alerts), await objectives(house.store, service))


async def _health(house: House, account: Account, samples: Sequence[Sample], known: _Known, now: datetime) -> ServiceHealth:
    state = known.states.get((account.service, account.name))
    wrong = state.detail if state and state.misconfigured else ""
    if known.formula is Formula.LEGACY:
        return service_health(account.service, samples, wrong)
    return scored(
        Evidence(
            service=account.service,
            samples=samples,
            now=now,
            said=state.status if state else "",
            usual=await usual(house.store, account.service, account.name, now),
            burn=await burning(house.store, known.objectives, account.service, account.name, now),
            alerts=[alert for alert in known.alerts if (alert.service, alert.account) == (account.service, account.name)],
            detail=wrong,
        )
    )


async def _system(house: House, healths: Sequence[ServiceHealth], known: _Known, direction: str, now: datetime) -> SystemHealth:
    critical = sum(alert.severity is Severity.CRITICAL for alert in known.alerts)
    if known.formula is Formula.LEGACY:
        return system_health(healths, critical, direction, now)
    flows = [flow for flow in await house.store.workflows.list() if flow.state is WorkflowState.ACTIVE]
    needed = Counter(service for flow in flows for service in set(flow.definition.services))
    return system_scored(healths, needed, critical, direction, now)


def _trend(ahead: Sequence[Foreseen], trends: Sequence[str]) -> str:
    """Of one service by its trends of hours, where they can be told; else as the seed has it, by the halves of the window."""
    told = [one.direction.value for each in ahead for one in (each.slower, each.failing) if isinstance(one, Trend)]
    if not told:
        return system_trend(trends)
    return next((word for word in ("degrading", "improving") if word in told), "stable")
