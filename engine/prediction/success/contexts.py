"""What followed before, when the last outcomes were as they are now: by the last one, two and three, and by how long they have been the same.

Each context that was met keeps discounted counts of what came after it, and is drawn to the shorter context as far as it was seen seldom: the last three to the
last two, those to the last one, that to the whole past. (A variable-order Markov chain with a beta distribution in each state.)
"""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

ORDERS: Final = 3
FADES: Final = 0.97  # of what a context has counted, each time it is counted again
DRAWN: Final = 3.0  # outcomes that the shorter context counts for in the longer
SLOW: Final = 0.03  # what the slow average learns of an outcome; before it has seen 33 it is the plain average
BUCKETS: Final = 21  # of lengths of a streak: 1 to 7 each alone, then two for each doubling
FEW: Final = 8
NEVER: Final = (0.0, 0.0)


Counts: TypeAlias = dict[int, list[float]]  # successes and all


class Contexts:
    """O(1) a run. Counts lie in ``after`` by the number that the last outcomes make in binary with a 1 ahead (0b110 after a success and a failure), in ``streaks``
    by the length of the streak, those of successes behind those of failures."""

    __slots__ = ("after", "last", "slow", "streak", "streaks", "succeeded", "total")

    def __init__(self) -> None:
        self.after: Counts = {}
        self.streaks: Counts = {}
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
                good, all_ = self.after.get(_key(self.last, order), NEVER)
                chance = (good + DRAWN * chance) / (all_ + DRAWN)
            found.append(chance)
        slow = self.slow if self.total else base
        good, all_ = self.streaks.get(self._streak, NEVER) if self.total else NEVER
        return [*found, (good + DRAWN * slow) / (all_ + DRAWN)]

    def learn(self, succeeded: bool) -> None:
        value = 1.0 if succeeded else 0.0
        for order in range(1, ORDERS + 1):
            if self.last >> order:
                _count(self.after, _key(self.last, order), value)
        if self.total:
            _count(self.streaks, self._streak, value)
        same = bool(self.total) and bool(self.last & 1) is succeeded
        self.streak = self.streak + 1 if same else 1
        self.last = _key(self.last << 1 | succeeded, ORDERS) if self.last >> ORDERS else self.last << 1 | succeeded
        self.total += 1
        self.succeeded += succeeded
        self.slow += max(SLOW, 1.0 / self.total) * (value - self.slow)

    @property
    def _streak(self) -> int:
        return (self.last & 1) * BUCKETS + _bucket(self.streak)

    def state(self) -> dict[str, Any]:
        counts = {name: [[key, *of] for key, of in getattr(self, name).items()] for name in ("after", "streaks")}
        return counts | {name: getattr(self, name) for name in ("last", "slow", "streak", "succeeded", "total")}

    @classmethod
    def restore(cls, state: Any) -> Contexts:
        """Raises ValueError, TypeError or KeyError for what is no state of contexts."""
        found = cls()
        found.after = _counts(state["after"], 2 ** (ORDERS + 1))
        found.streaks = _counts(state["streaks"], 2 * BUCKETS)
        found.last, found.streak, found.succeeded, found.total = (int(state[name]) for name in ("last", "streak", "succeeded", "total"))
        found.slow = float(state["slow"])
        if not 1 <= found.last < 2 ** (ORDERS + 1) or not 0 <= found.succeeded <= found.total or found.streak < 0:
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


def _count(counts: Counts, key: int, value: float) -> None:
    good, all_ = counts.get(key, NEVER)
    counts[key] = [good * FADES + value, all_ * FADES + 1.0]


def _counts(given: Any, keys: int) -> Counts:
    found = {int(key): [float(good), float(all_)] for key, good, all_ in given}
    if not all(0 <= key < keys and 0.0 <= good <= all_ + 1e-9 < math.inf for key, (good, all_) in found.items()):
        raise ValueError("not counts")
    return found
