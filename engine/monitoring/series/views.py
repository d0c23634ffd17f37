"""Views of how new a value is. Each gives a number of its own scale; ``tails`` makes decades of them. (The fourth is the drift of ``residuals``.)"""

from __future__ import annotations

from array import array
from datetime import datetime
from math import inf, nan
from typing import Any

from engine.monitoring.series.window import SortedWindow, packed, unpacked

REMEMBERED = 4000  # values; two weeks at one in five minutes
SLOTS = 288  # of a day, five minutes each
DAYS = 14  # values remembered of each slot, one of a day
BESIDE = 3  # slots before and after that count as the same time of day
WITNESSES = 2  # a value is usual at a time of day when so many are as near


class SeasonView:
    """How far a value is from those of about the same time of day: of the last days, and of the last minutes."""

    __slots__ = ("newest", "turn", "values")

    def __init__(self) -> None:
        self.values = array("d", [nan]) * (SLOTS * DAYS)
        self.turn = bytearray(SLOTS)  # which of a slot's values is the newest
        self.newest = array("l", [0]) * SLOTS  # the day that one is of

    def neighbours(self, at: datetime) -> list[float]:
        """The values of about this time of day, smallest first."""
        first, last = _slot(at) - BESIDE, _slot(at) + BESIDE + 1
        if first < 0:
            near = self.values[first * DAYS :] + self.values[: last * DAYS]
        elif last > SLOTS:
            near = self.values[first * DAYS :] + self.values[: (last - SLOTS) * DAYS]
        else:
            near = self.values[first * DAYS : last * DAYS]
        return sorted([value for value in near if value == value])

    def add(self, at: datetime, value: float) -> None:
        slot, day = _slot(at), at.toordinal()
        if self.newest[slot] != day:
            self.newest[slot] = day
            self.turn[slot] = (self.turn[slot] + 1) % DAYS
        self.values[slot * DAYS + self.turn[slot]] = value

    def state(self) -> dict[str, Any]:
        return {"values": packed(self.values), "turn": list(self.turn), "newest": list(self.newest)}

    @classmethod
    def of(cls, state: dict[str, Any]) -> SeasonView:
        """Raises ValueError for what no season has said."""
        view = cls()
        view.values, view.turn, view.newest = unpacked(state["values"]), bytearray(state["turn"]), array("l", state["newest"])
        if (len(view.values), len(view.turn), len(view.newest)) != (SLOTS * DAYS, SLOTS, SLOTS) or max(view.turn) >= DAYS:
            raise ValueError("not the days of a season")
        return view


def _slot(at: datetime) -> int:
    return at.hour * 12 + at.minute // 5


def lonely(value: float, neighbours: list[float]) -> float:
    """The distance to the WITNESSES-nearest of them; 0 while there are fewer."""
    if len(neighbours) < WITNESSES:
        return 0.0
    distances = sorted([abs(value - near) for near in neighbours])
    return distances[WITNESSES - 1]


class RecordView:
    """How far a value lies outside everything seen, as a share of that range."""

    __slots__ = ("high", "low")

    def __init__(self, low: float = inf, high: float = -inf) -> None:
        self.low, self.high = low, high

    def observe(self, value: float) -> float:
        low, high = self.low, self.high
        if low <= value <= high:
            return 0.0
        self.low, self.high = min(low, value), max(high, value)
        if low > high:
            return 0.0
        return max(value - high, low - value) / max(high - low, 1e-9 * abs(value), 1e-300)


class ValueView:
    """How far a value is from the nearest of the last ones."""

    __slots__ = ("past",)

    def __init__(self, past: SortedWindow | None = None) -> None:
        self.past = past or SortedWindow(REMEMBERED)

    def observe(self, value: float) -> float:
        distance = self.past.nearest(value)
        self.past.add(value)
        return distance
