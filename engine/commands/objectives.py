"""Objectives as they are stored: a policy each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.commands.histories import history, of_objective
from engine.monitoring.charting import BurnDown, Series
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.slo.budget import Budget, budget, within
from engine.monitoring.slo.burn import RULES, Burn, burns, fastest
from engine.monitoring.slo.objective import Kind, Objective, of_body
from engine.ports import Store
from engine.workflow.catalogue_data import product

KIND = "objective"
QUICK = timedelta(days=1)  # of history that a health report reads for the burn of a budget


@dataclass(frozen=True, slots=True)
class Spending:
    """How an objective stands: its budget, and how fast that burns in several windows."""

    objective: Objective
    budget: Budget | NotEnough
    burns: tuple[Burn | NotEnough, ...]


async def objectives(store: Store, service: str = "") -> list[Objective]:
    """By id; of one service where it is named."""
    found = [of_body(policy.body) for policy in await store.policies.of(KIND)]
    return [one for one in found if service in ("", one.service)]


async def spending(store: Store, now: datetime, service: str = "") -> list[Spending]:
    """Of every objective, or those of one service."""
    found = []
    for objective in await objectives(store, service):
        past = await of_objective(store, objective, now)
        found.append(Spending(objective, budget(objective, past, now), burns(objective, past, now)))
    return found


async def burn_down(store: Store, one: Spending, now: datetime, zone: str) -> BurnDown | None:
    """What was left of the budget as the window went by; None where there is too little to say."""
    if isinstance(one.budget, NotEnough):
        return None
    objective, left, bad = one.objective, [], 0
    for period in within(await of_objective(store, objective, now), now - objective.window, now):
        bad += objective.bad(period)
        share = one.budget.spent * bad / one.budget.bad if one.budget.bad else 0.0
        left.append((period.at + timedelta(seconds=period.seconds), 1.0 - share))
    end = now if one.budget.burn <= 1 else None
    return BurnDown(
        title=f"{product(objective.service)}: error budget", remaining=Series.of("left", left), start=now - objective.window, end=now,
        objective=1.0 - objective.budget, budget=objective.budget * objective.window.total_seconds(),
        runs_out=None if end or one.budget.left <= 0 else now + objective.window * one.budget.left / one.budget.burn, zone=zone,
    )  # fmt: skip


async def burning(store: Store, known: list[Objective], service: str, account: str, now: datetime) -> float | None:
    """How many times too fast the error budgets of an account burn within a day, the fastest; None without an objective or with too few answers."""
    rates = []
    for objective in known:
        if objective.service == service and objective.account in ("", account):
            limit = objective.limit if objective.kind is Kind.LATENCY else None
            past = await history(store, service, objective.account or None, now - QUICK, now, limit=limit)
            rates.append(fastest(burns(objective, past, now, [rule for rule in RULES if rule.long <= QUICK])))
    return max((rate for rate in rates if rate is not None), default=None)
