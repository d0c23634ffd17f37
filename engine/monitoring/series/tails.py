"""How rare a number is among those of its own stream: −log10 of its tail probability, in decades.

Inside the bulk the probability is the rank; beyond the quantile BULK a generalised Pareto tail is laid through the excesses by
probability-weighted moments (Hosking and Wallis 1987), so that a number farther out than any before still gets a finite place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import log, log10

from engine.monitoring.series.window import SortedWindow

BULK = 0.98
REMEMBERED = 4000  # numbers; two weeks at one in five minutes
ENOUGH = 100  # numbers, before anything is called rare
FEWEST = 10  # excesses a tail is laid through
HEAVY = (
    0.9  # the heaviest shape for which the moments hold; the lightest is exponential, since a bounded tail calls the next record impossible
)
RAREST = 6.0  # decades; no past is long enough to say more


class Tail:
    """The numbers of one stream so far."""

    __slots__ = ("past",)

    def __init__(self, past: SortedWindow | None = None) -> None:
        self.past = past or SortedWindow(REMEMBERED)

    def observe(self, number: float) -> float:
        """The decades of ``number`` among those before it, 0 while they are too few; from then on it is one of them."""
        decades = self.decades(number) if len(self.past) >= ENOUGH else 0.0
        self.past.add(number)
        return decades

    def decades(self, number: float) -> float:
        known = self.past.sorted
        count = len(known)
        limit = known[int(BULK * count)]
        if number > limit:
            excesses = [value - limit for value in known[bisect_right(known, limit) :]]
            if len(excesses) >= FEWEST:
                return min(RAREST, log10((count + 1) / len(excesses)) + _pareto(excesses, number - limit))
        return log10((count + 1) / (count - bisect_left(known, number) + 0.5))

    @classmethod
    def of(cls, state: list[int | str]) -> Tail:
        return cls(SortedWindow.of(REMEMBERED, state))


def _pareto(excesses: list[float], excess: float) -> float:
    """−log10 of the share of excesses beyond ``excess``. ``excesses``: more than 0, ascending."""
    count = len(excesses)
    mean = sum(excesses) / count
    weighted = sum(value * weight for value, weight in zip(excesses, range(count - 1, -1, -1), strict=True)) / (count * (count - 1))
    spread = mean - 2 * weighted
    shape = min(max(2 - mean / spread, 0.0), HEAVY) if spread > 1e-12 * mean else 0.0
    scale = max(mean * (1 - shape), 1e-300)
    if shape < 1e-3:
        return excess / scale / log(10)
    return log10(1 + shape * excess / scale) / shape
