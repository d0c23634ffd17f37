"""What a change is expected to bring, with an interval; nothing is guessed where the figures do not carry it.

Shares have Wilson's interval (1927), medians the distribution-free one of order statistics (David and Nagaraja, “Order Statistics”, 2003, § 7.1). A product of
two has the products of their bounds, so at least 90 % where each has 95 %: wider than needed rather than narrower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, Final

from engine.prediction.rate import Rate
from engine.workflow.durations import in_words

POINTS: Final = "points"  # of success, in a hundred runs
SECONDS: Final = "seconds"  # of a run
CALLS: Final = "calls"  # of services that go well, in a hundred; how many runs that makes is not known
FEWEST: Final = 8  # runs below which no gain is told
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Per run, or per call where the unit says so. ``estimate`` None: only the bounds are known."""

    unit: str
    low: float
    estimate: float | None
    high: float

    @property
    def weight(self) -> float:
        """What is worth more comes first: success before time."""
        value = self.high / 2 if self.estimate is None else self.estimate
        return value if self.unit == SECONDS else value * 1_000

    def __str__(self) -> str:
        if self.estimate is None:
            return f"up to {self._amount(self.high)}; how much of that is not known"
        return f"about {self._amount(self.estimate)} ({self._bare(self.low)} to {self._bare(self.high)})"

    def _amount(self, value: float) -> str:
        if self.unit == POINTS:
            return f"{self._bare(value)} more successes in 100 runs"
        if self.unit == CALLS:
            return f"{self._bare(value)} more successes in 100 calls of its services"
        return f"{self._bare(value)} less a run"

    def _bare(self, value: float) -> str:
        if self.unit != SECONDS:
            return f"{value:.0f}"
        return in_words(round(value)) if value >= 10 else f"{value:.1f} s"

    def to_json(self) -> dict[str, Any]:
        return {"unit": self.unit, "low": self.low, "estimate": self.estimate, "high": self.high}


def of_shares(first: tuple[int, int], second: tuple[int, int]) -> Gain:
    """Success points: so many runs fail this way (hits, of), and so many of those would be spared (hits, of)."""
    one, other = Rate(*first), Rate(*second)
    estimate = first[0] / first[1] * second[0] / second[1]
    return Gain(unit=POINTS, low=100 * one.low * other.low, estimate=100 * estimate, high=100 * one.high * other.high)


def at_most(hits: int, of: int) -> Gain:
    """Success points where nobody knows how many of the hits would be spared."""
    return Gain(unit=POINTS, low=0.0, estimate=None, high=100 * Rate(hits, of).high)


def of_time(values: Sequence[float], *, hits: int | None = None, of: int | None = None) -> Gain:
    """Seconds a run: the median of ``values``, times the share of runs that it concerns where that is not all of them."""
    low, middle, high = median_interval(values)
    if hits is None or of is None:
        return Gain(unit=SECONDS, low=low, estimate=middle, high=high)
    share = Rate(hits, of)
    return Gain(unit=SECONDS, low=low * share.low, estimate=middle * hits / of, high=high * share.high)


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """(low, median, high). With fewer than six values nothing narrower than all of them holds the median with 95 %."""
    ordered = sorted(values)
    n = len(ordered)
    middle = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    below = 0.0
    place = 0
    while place < n // 2:
        below += comb(n, place) / 2**n
        if 2 * below > 1 - CONFIDENCE:
            break
        place += 1
    first = max(place - 1, 0)
    return ordered[first], middle, ordered[n - 1 - first]
