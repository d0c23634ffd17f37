"""Histories kept at hand: the periods of the last days of each account, read on from where they were read to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.commands import histories
from engine.commands.histories import FINE
from engine.monitoring.period import EPOCH, STEP, Period
from engine.monitoring.rollup import Span
from engine.monitoring.slo.objective import Kind, Objective
from engine.ports import Store

AGAIN = timedelta(minutes=15)  # read once more: minutes are folded late
Key = tuple[str, str, float]  # service, account ("" = all), limit in seconds (0 = none)


class Histories:
    """``recent`` and ``of_objective``; what is not asked for in a round is forgotten by ``forget``."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent: dict[Key, tuple[Period, ...]] = {}
        self._hours: dict[tuple[Key, timedelta], tuple[datetime, tuple[Period, ...]]] = {}
        self._asked: set[Key] = set()

    async def recent(self, service: str, account: str, now: datetime, limit: float = 0.0) -> tuple[Period, ...]:
        """The last three days in five minutes, oldest first."""
        key = (service, account, limit)
        self._asked.add(key)
        begins, kept = Span.DAY.start(now - FINE), self._recent.get(key, ())
        since = max(begins, _step(kept[-1].at - AGAIN)) if kept else begins
        fresh = await histories.history(self._store, service, account or None, since, now, limit=limit or None)
        self._recent[key] = (*(period for period in kept if begins <= period.at < since), *fresh)
        return self._recent[key]

    async def of_objective(self, objective: Objective, now: datetime) -> tuple[Period, ...]:
        """The whole window of an objective; its hours are read once a day, when the seam moves on."""
        limit = objective.limit if objective.kind is Kind.LATENCY else 0.0
        key: Key = (objective.service, objective.account, limit)
        late = await self.recent(*key[:2], now, limit)
        seam = Span.DAY.start(now - FINE)
        known, old = self._hours.get((key, objective.window), (None, ()))
        if known != seam:
            old = await histories.hours(
                self._store, objective.service, objective.account or None, now - objective.window, seam, limit=limit or None
            )
            self._hours[key, objective.window] = seam, old
        return (
            *(period for period in old if period.at >= now - objective.window),
            *(period for period in late if period.at >= now - objective.window),
        )

    def forget(self) -> None:
        """What was not asked for since the last time: accounts and objectives come and go."""
        self._recent = _kept(self._recent.items(), self._asked)
        self._hours = {known: value for known, value in self._hours.items() if known[0] in self._asked}
        self._asked = set()


def _kept(items: Iterable[tuple[Key, tuple[Period, ...]]], asked: set[Key]) -> dict[Key, tuple[Period, ...]]:
    return {key: value for key, value in items if key in asked}


def _step(at: datetime) -> datetime:
    """The start of the period it lies in."""
    return EPOCH + int((at - EPOCH) / STEP) * STEP
