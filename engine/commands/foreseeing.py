"""What is to be said of one account's future: how it goes, what it comes to, and whether it looks like before a failure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from engine.commands.histories import FINE, LESSONS, history, hours
from engine.commands.house import House
from engine.errors import Invalid, NotFound
from engine.monitoring.forecast.failure import HORIZONS, Risk, Tallies, Tally, failure_ahead, of_body, together
from engine.monitoring.forecast.foresight import Prospect, prospects, shares
from engine.monitoring.forecast.measure import ERROR_RATE, RESPONSE_TIME
from engine.monitoring.forecast.points import NotEnough, Point
from engine.monitoring.forecast.trend import WINDOW, Trend, trend
from engine.monitoring.period import Period
from engine.monitoring.threshold import KIND, AllThresholds, thresholds_of
from engine.ports import Account, Store

WEEK = timedelta(days=7)
ENOUGH = 100  # answers, before anything is called usual
DAYS = 2  # days on which this time of day was measured, before it is taken for itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """Of one account. ``slower`` and ``failing``: the trends of its response time and of its share of errors."""

    service: str
    account: str
    slower: Trend | NotEnough
    failing: Trend | NotEnough
    prospects: tuple[Prospect, ...]
    risks: tuple[Risk | NotEnough, ...]


def watched(house: House, service: str = "") -> list[Account]:
    """Accounts that are measured. Raises NotFound for a service of which none is."""
    accounts = [account for account in house.connections.accounts() if account.probed and account.mode != "off"]
    if service:
        known = house.service(service)
        accounts = [account for account in accounts if account.service == known.id]
        if not accounts:
            raise NotFound(
                f"{known.name} is not connected or not probed, so nothing is known of its health. /connect {known.id} says more."
            )
    return accounts


async def foreseen(house: House, account: Account, now: datetime) -> Foreseen:
    past = await history(house.store, account.service, account.name, now - FINE, now)
    limits = (await thresholds(house.store)).of(account.service).limits
    own, others = await lessons(house.store, account.service, account.name)
    return Foreseen(
        service=account.service,
        account=account.name,
        slower=trend(latencies(past), RESPONSE_TIME),
        failing=trend(shares([period for period in past if period.at >= now - WINDOW]), ERROR_RATE),
        prospects=prospects(account.service, account.name, past, now, limits),
        risks=failure_ahead(past, own, others),
    )


async def thresholds(store: Store) -> AllThresholds:
    """The limits that people set. One that cannot be read is none; whoever judges samples says so."""
    found = AllThresholds()
    for policy in await store.policies.of(KIND):
        with suppress(Invalid):
            found.by_service[policy.id] = thresholds_of(policy.id, policy.body, policy.revision)
    return found


def latencies(past: Sequence[Period]) -> list[Point]:
    return [Point(period.at, period.latency) for period in past if period.latency is not None]


async def lessons(store: Store, service: str, account: str) -> tuple[Tallies, Tallies]:
    """What the past of this account taught, and that of all others, as the forecaster keeps it."""
    own: Tallies = {horizon: Tally() for horizon in HORIZONS}
    others = []
    for kept in await store.detectors.under(LESSONS):
        try:
            read = of_body(kept.state)
        except Invalid:  # another version wrote it; the forecaster learns it anew
            continue
        if kept.stream == f"{LESSONS}{service}/{account}":
            own = read
        else:
            others.append(read)
    return own, together(others)


async def usual(store: Store, service: str, account: str | None, now: datetime) -> float | None:
    """Seconds that a good answer takes at this time of day, by the last week; by the last day where less is known. None with too few answers."""
    past = await hours(store, service, account, now - WEEK, now - timedelta(hours=1))
    here = [one for one in past if one.latency is not None and min((one.at.hour - now.hour) % 24, (now.hour - one.at.hour) % 24) <= 1]
    if len({one.at.date() for one in here}) < DAYS:
        here = [one for one in past if one.latency is not None and one.at >= now - timedelta(days=1)]
    if sum(one.count for one in here) < ENOUGH:
        return None
    return median(one.latency for one in here if one.latency is not None)
