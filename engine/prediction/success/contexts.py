"""What followed before, when the last outcomes were as they are now: by the last one, two and three, and by how long they have been the same.

Each context keeps discounted counts of what came after it, and is drawn to the shorter context as far as it was seen seldom: the last three to the
last two, those to the last one, that to the whole past. (A variable-order Markov chain with a beta distribution in each state.)
"""

from __future__ import annotations

import math
from typing import Any, Final

ORDERS: Final = 3
FADES: Final = 0.97  # of what a context has counted, each time it is counted again
DRAWN: Final = 3.0  # outcomes that the shorter context counts for in the longer
SLOW: Final = 0.03  # what the slow average learns of an outcome; before it has seen 33 it is the plain average
BUCKETS: Final = 21  # of lengths of a streak: 1 to 7 each alone, then two for each doubling
FEW: Final = 8


class Contexts:
    """O(1) a run. Counts lie in ``after`` by the number that the last outcomes make in binary with a 1 ahead: 0b110 after a success and a failure."""

    __slots__ = ("after", "last", "slow", "streak", "streaks", "succeeded", "total")

    def __init__(self) -> None:
        self.after = [[0.0, 0.0] for _ in range(2 ** (ORDERS + 1))]
        self.streaks = [[[0.0, 0.0] for _ in range(BUCKETS)] for _ in range(2)]
        self.last = 1  # the last outcomes in binary, at most ORDERS of them, with a 1 ahead
        self.streak = 0
        self.slow = 0.0
        self.succeeded = self.total = 0

    @property
    def rate(self) -> float:
        return self.succeeded / self.total if self.total else 0.0

    def chances(self, base: float) -> list[float]:
        """After the last outcome, the last two, the last three, and after so long a streak. ``base``: what is usual in this house."""
        found, chance = [], (self.succeeded + 2.0 * base) / (self.total + 2.0)
        for order in range(1, ORDERS + 1):
            if self.last >> order:
                good, all_ = self.after[_key(self.last, order)]
                chance = (good + DRAWN * chance) / (all_ + DRAWN)
            found.append(chance)
        slow = self.slow if self.total else base
        good, all_ = self.streaks[self.last & 1][_bucket(self.streak)] if self.total else (0.0, 0.0)
        return [*found, (good + DRAWN * slow) / (all_ + DRAWN)]

    def learn(self, succeeded: bool) -> None:
        value = 1.0 if succeeded else 0.0
        for order in range(1, ORDERS + 1):
            if self.last >> order:
                _count(self.after[_key(self.last, order)], value)
        if self.total:
            _count(self.streaks[self.last & 1][_bucket(self.streak)], value)
        same = bool(self.total) and bool(self.last & 1) is succeeded
        self.streak = self.streak + 1 if same else 1
        self.last = _key(self.last << 1 | succeeded, ORDERS) if self.last >> ORDERS else self.last << 1 | succeeded
        self.total += 1
        self.succeeded += succeeded
        self.slow += max(SLOW, 1.0 / self.total) * (value - self.slow)

    @property
    def ended(self) -> bool | None:
        """How the last run ended; None without any."""
        return bool(self.last & 1) if self.total else None

    def state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def restore(cls, state: Any) -> Contexts:
        """Raises ValueError, TypeError or KeyError for what is no state of contexts."""
        found = cls()
        found.after = _counts(state["after"], 2 ** (ORDERS + 1))
        found.streaks = [_counts(of, BUCKETS) for of in state["streaks"]]
        found.last, found.streak, found.succeeded, found.total = (int(state[name]) for name in ("last", "streak", "succeeded", "total"))
        found.slow = float(state["slow"])
        if (
            len(found.streaks) != 2
            or not 1 <= found.last < 2 ** (ORDERS + 1)
            or not 0 <= found.succeeded <= found.total
            or found.streak < 0
        ):
            raise ValueError("not the state of contexts")
        if not 0.0 <= found.slow <= 1.0 or bool(found.total) is not bool(found.streak):
            raise ValueError("not the state of contexts")
        return found


def _key(last: int, order: int) -> int:
    return 1 << order | last & (1 << order) - 1


def _bucket(streak: int) -> int:
    if streak < FEW:
        return max(0, streak - 1)
    return min(BUCKETS - 1, int(2 * math.log2(streak)) + 1)


def _count(counts: list[float], value: float) -> None:
    counts[0] = counts[0] * FADES + value
    counts[1] = counts[1] * FADES + 1.0


def _counts(given: Any, length: int) -> list[list[float]]:
    found = [[float(good), float(all_)] for good, all_ in given]
    if len(found) != length or not all(0.0 <= good <= all_ + 1e-9 < math.inf for good, all_ in found):
        raise ValueError("not counts")
    return found
