"""What goes before a failure: how an account looks in an hour, in one of four words, and what came of hours that looked like that."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from statistics import median

from engine.monitoring.period import Period

LOOK = timedelta(hours=1)  # how far back a look goes
FAILED = 0.5  # share of errors in a period from which the account counts as failed
FEWEST = 3  # answers in a period that failed, or one bad probe were an outage
BASE_HOURS = 72  # what is usual is told from so many hours before the look
FEWEST_BASE = 6  # of them with an answer
STRIDE = 3  # periods from one lesson to the next


class Look(IntEnum):
    """By the worse of two signs. Shares of errors within the hour, and how many times the usual the answers take."""

    CALM = 0  # under 1 %, under 1.25 times
    UNEASY = 1  # under 5 %, under 1.6 times
    STRAINED = 2  # under 15 %, under 2.5 times
    FAILING = 3

    @property
    def words(self) -> str:
        return self.name.lower()


SHARES = (0.01, 0.05, 0.15)
DRIFTS = (1.25, 1.6, 2.5)


@dataclass(frozen=True, slots=True)
class Seen:
    """A look with what it is told from: ``share`` of errors of ``count`` answers, ``drift``: answers take so many times the usual (None: not known)."""

    look: Look
    share: float
    count: int
    drift: float | None

    @property
    def because(self) -> str:
        slow = "" if self.drift is None else f" and answers take {self.drift:.2g} times the usual"
        return f"{100 * self.share:.2g} % of {self.count} checks failed in the last hour{slow}"


@dataclass(frozen=True, slots=True)
class Lesson:
    """An hour of the past: how it looked, and whether the account failed within the horizon after it. ``weight``: overlapping ones count in part."""

    look: Look
    failed: bool
    weight: float


def seen(history: Sequence[Period]) -> Seen | None:
    """Of the last hour of a history, oldest first; None without an answer in it."""
    return _Looking(history).at(len(history))


def failed(period: Period) -> bool:
    return period.share >= FAILED and period.count >= FEWEST


def lessons(history: Sequence[Period], horizons: Sequence[timedelta]) -> dict[timedelta, tuple[Lesson, ...]]:
    """Of each horizon the hours after which it is wholly known. An account that is down already teaches nothing about what goes before."""
    looking = _Looking(history)
    fails = [period.at for period in history if failed(period)]
    found: dict[timedelta, list[Lesson]] = {horizon: [] for horizon in horizons}
    for index in range(0, len(history), STRIDE):
        after = _end(history[index])
        if failed(history[index]) or (look := looking.at(index + 1)) is None:
            continue
        following = bisect_right(fails, history[index].at)
        for horizon in horizons:
            if after + horizon <= _end(history[-1]):
                came = following < len(fails) and fails[following] < after + horizon
                weight = min(1.0, STRIDE * history[index].seconds / horizon.total_seconds())
                found[horizon].append(Lesson(look.look, came, weight))
    return {horizon: tuple(each) for horizon, each in found.items()}


def _end(period: Period) -> datetime:
    return period.at + timedelta(seconds=period.seconds)


class _Looking:
    """Looks along one history; what is usual is told anew for each hour, from the medians of the hours of the days before it."""

    def __init__(self, history: Sequence[Period]) -> None:
        self._history = history
        by_hour: dict[int, list[float]] = {}
        for period in history:
            if period.latency is not None:
                by_hour.setdefault(_hour(period.at), []).append(period.latency)
        self._hours = {hour: median(values) for hour, values in by_hour.items()}
        self._usual: dict[int, float | None] = {}

    def at(self, end: int) -> Seen | None:
        """Of the hour that ends with the period before ``end``."""
        if not end:
            return None
        begins = _end(self._history[end - 1]) - LOOK
        first = end
        while first and self._history[first - 1].at >= begins:
            first -= 1
        hour = self._history[first:end]
        count = sum(period.count for period in hour)
        if not count:
            return None
        share = sum(period.errors for period in hour) / count
        drift = self._drift(hour)
        return Seen(_look(share, count, drift), share, count, drift)

    def _drift(self, hour: Sequence[Period]) -> float | None:
        now = [period.latency for period in hour if period.latency is not None]
        number = _hour(hour[0].at)
        if number not in self._usual:
            before = [self._hours[one] for one in range(number - BASE_HOURS, number) if one in self._hours]
            self._usual[number] = median(before) if len(before) >= FEWEST_BASE else None
        usual = self._usual[number]
        return median(now) / usual if now and usual else None


def _hour(at: datetime) -> int:
    return int(at.timestamp() // 3600)


def _look(share: float, count: int, drift: float | None) -> Look:
    # One failure of a few answers is no share yet: it takes two to be more than uneasy.
    errors = sum(share >= bound for bound in SHARES) if share * count >= 2 or share == 0 else 1
    slow = 0 if drift is None else sum(drift >= bound for bound in DRIFTS)
    return Look(max(errors, slow))
