"""Axes: where a value or a moment stands, and which ticks are worth a label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.pictures.font import metrics
from bot.pictures.paper import SMALL
from engine.monitoring.figures import DAY, clock, day, figure, moment, number, scale

STEPS = 5  # on an axis of values, about
SHARES = ("%", "share")
WIDE = 100.0  # largest over smallest value from which on the scale is logarithmic
APART = 18.0  # between labels


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Values:
    """``low`` to ``high`` from ``bottom`` up to ``top`` (units of the paper, which grow downwards)."""

    low: float
    high: float
    bottom: float
    top: float
    unit: str = ""
    log: bool = False

    def y(self, value: float) -> float:
        """Kept a little outside the axes, where the picture cuts it."""
        if self.log:
            share = (math.log10(max(value, self.low / 10)) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.bottom - max(-0.2, min(1.2, share)) * (self.bottom - self.top)

    def ticks(self) -> list[Tick]:
        if self.log:
            return [Tick(value, figure(value, self.unit)) for value in _decades(self.low, self.high)]
        divisor, suffix = scale(self.unit, max(abs(self.low), abs(self.high)))
        step = nice((self.high - self.low) / divisor / STEPS)
        places = max(0, min(12, -math.floor(math.log10(step) + 1e-9)))
        first, last = math.ceil(self.low / divisor / step - 1e-6), math.floor(self.high / divisor / step + 1e-6)
        return [Tick(count * step * divisor, _label(count * step, places, suffix, self.unit)) for count in range(first, last + 1)]


def _label(value: float, places: int, suffix: str, unit: str) -> str:
    """Nought has no thousands."""
    if not value:
        return "0" + (suffix if unit == "s" else scale(unit, 1.0)[1])
    return f"{value:,.{places}f}".replace("-", "−") + suffix


def nice(step: float) -> float:
    """1, 2 or 5 times a power of ten, at least the step."""
    power = 10.0 ** math.floor(math.log10(max(step, 1e-12)))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= step * (1 - 1e-9))


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten, fewer where there are many, with halves where there are few."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    every = max(1, math.ceil((last - first) / 6))
    times = (1.0, 3.0) if last - first <= 3 else (1.0,)
    found = (more * 10.0**power for power in range(first, last + 1, every) for more in times)
    return [value for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def values(low: float, high: float, bottom: float, top: float, unit: str = "", *, log: bool | None = None) -> Values:
    """An axis that holds both, with round ends. It begins at nought unless the values lie close together and far from it."""
    low, high = number(low) or 0.0, number(high) or 0.0
    if log if log is not None else low > 0 and high / low > WIDE:
        return Values(*_round_decades(max(low, 1e-12), high), bottom, top, unit, log=True)
    divisor, _ = scale(unit, max(abs(low), abs(high)))
    low, high = low / divisor, high / divisor
    low, high = _share(low, high) if unit in SHARES and low >= 0 and high <= 100 else _stretched(low, high)
    step = nice((high - low) / STEPS)
    floor, ceiling = math.floor(low / step + 1e-6) * step, math.ceil(high / step - 1e-6) * step
    return Values(floor * divisor, ceiling * divisor, bottom, top, unit)


def _share(low: float, high: float) -> tuple[float, float]:
    """Close around the values, never past 0 or 100 %: there are no such shares."""
    margin = max(0.1 * (high - low), 0.05)
    return max(0.0, low - margin), min(100.0, high + margin)


def _stretched(low: float, high: float) -> tuple[float, float]:
    """From nought, or with a margin; never of no height."""
    if low >= 0 and 0 < high - low < 0.2 * high:
        margin = max((high - low) * 0.25, high * 0.02, 1e-9)
        return max(0.0, low - margin), high + margin
    low, high = min(low, 0.0), max(high, 0.0)
    return low, high + (0.04 * (high - low) or 1.0)


def _round_decades(low: float, high: float) -> tuple[float, float]:
    """Down and up to 1 or 3 times a power of ten; a decade at least."""
    under, over = math.log10(low), math.log10(max(high * 1.05, low * 10))
    steps = (0.0, math.log10(3), 1.0)
    floor = math.floor(under) + max(step for step in steps if step <= under - math.floor(under) + 1e-9)
    ceiling = math.floor(over) + min(step for step in steps if step >= over - math.floor(over) - 1e-9)
    return 10.0**floor, 10.0**ceiling


# --- time ----------------------------------------------------------------------------------------------------------------

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200)
_DAYS = (1, 2, 3, 7, 14, 30, 61, 91, 182, 365, 730, 1_825, 3_650, 7_300, 18_250, 36_500)


@dataclass(frozen=True, slots=True)
class Times:
    """``start`` to ``end`` (seconds since 1970) from ``left`` to ``right``."""

    start: float
    end: float
    left: float
    right: float
    zone: ZoneInfo

    def x(self, at: float) -> float:
        share = (at - self.start) / (self.end - self.start)
        return self.left + max(0.0, min(1.0, share)) * (self.right - self.left)

    def ticks(self) -> list[Tick]:
        """At round times of the zone, as many as have room."""
        per_second = (self.right - self.left) / (self.end - self.start)
        for step in _SECONDS:
            exact = step < 60
            wide = metrics().width("00:00:00" if exact else "00 Nov", SMALL)
            if step * per_second >= wide + APART:
                return [Tick(at, self._label(at, exact=exact)) for at in self._moments(step, (wide + 4) / per_second)]
        room = metrics().width("00 Nov", SMALL) + APART
        days = next((days for days in _DAYS if days * DAY * per_second >= room), _DAYS[-1])
        return [Tick(at, day(moment(at, self.zone))) for at in self._midnights(days)]

    def _label(self, at: float, *, exact: bool) -> str:
        local = moment(at, self.zone)
        return day(local) if (local.hour, local.minute, local.second) == (0, 0, 0) else clock(at, self.zone, exact=exact)

    def _moments(self, step: int, apart: float) -> Iterator[float]:
        """Every ``step`` seconds of each local day: on a day that is an hour longer or shorter, labels stay round, at least ``apart`` seconds."""
        before = -math.inf
        for midnight in self._local_days(1):
            first = max(0, math.floor((self.start - midnight.replace(tzinfo=self.zone).timestamp()) / step) - 7_200 // step - 1)
            for count in range(first, int(DAY) // step):
                at = _resolved(midnight + timedelta(seconds=count * step), self.zone)
                if at > self.end:
                    return
                if at >= self.start and at - before >= apart:
                    yield at
                    before = at

    def _midnights(self, days: int) -> Iterator[float]:
        for midnight in self._local_days(days):
            at = _resolved(midnight, self.zone)
            if self.start <= at <= self.end:
                yield at

    def _local_days(self, days: int) -> Iterator[datetime]:
        """Local midnights without zone, from the day of ``start``; every seventh day is a Monday, of longer steps the last is the last day."""
        first = moment(self.start, self.zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
        last = moment(self.end, self.zone).replace(tzinfo=None)
        if days > 1:
            first += timedelta(days=(last.date() - first.date()).days % days)
        while first <= last:
            yield first
            first += timedelta(days=days)


def _resolved(local: datetime, zone: ZoneInfo) -> float:
    return local.replace(tzinfo=zone).astimezone(UTC).timestamp()
