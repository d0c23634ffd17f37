"""The slope of a series with its interval: robust against spikes, honest about neighbours that resemble each other.

Slope and interval: H. Theil 1950; P. K. Sen, “Estimates of the regression coefficient based on Kendall's tau”, JASA 63 (1968) 1379–1389.
Neighbours that resemble each other make the plain interval too narrow; the variance is widened as K. H. Hamed and A. R. Rao do it in “A
modified Mann-Kendall trend test for autocorrelated data”, Journal of Hydrology 204 (1998) 182–196, and never narrowed. Where the series
wanders (each value is the one before plus a step), no correction of ranks is enough: there the slope's error is that of the wandering
itself, and the wider of the two intervals is taken.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist, median

from engine.monitoring.forecast.points import Track
from engine.monitoring.forecast.walk import wandering

CONFIDENCE = 0.95
FEWEST = 8  # points; below, the interval of the ranks does not exist at 95 %


@dataclass(frozen=True, slots=True)
class Slope:
    """Per hour. ``low`` to ``high`` is the interval at ``CONFIDENCE``."""

    per_hour: float
    low: float
    high: float

    @property
    def rises(self) -> bool:
        return self.low > 0

    @property
    def falls(self) -> bool:
        return self.high < 0

    @property
    def error(self) -> float:
        """One standard deviation."""
        return (self.high - self.low) / (2 * _quantile(CONFIDENCE))


def slope(line: Track, confidence: float = CONFIDENCE) -> Slope:
    """Of at least ``FEWEST`` points. Cost grows with the square of their number: draw them together first."""
    if len(line) < FEWEST:
        raise ValueError(f"a slope needs {FEWEST} points")
    pairs = sorted((line.values[j] - line.values[i]) / (line.hours[j] - line.hours[i]) for i, j in combinations(range(len(line)), 2))
    middle = median(pairs)
    residuals = [value - middle * hour for hour, value in zip(line.hours, line.values, strict=True)]
    spread = _quantile(confidence) * math.sqrt(_kendall_variance(line.values) * _inflation(residuals))
    count = len(pairs)
    low = pairs[max(0, math.floor((count - spread) / 2))]
    high = pairs[min(count - 1, math.ceil((count + spread) / 2))]
    # The error of a line through a wandering series: 6/5 of its variance per hour, over its length (ordinary least squares).
    wide = _quantile(confidence) * math.sqrt(1.2 * wandering(line) / line.span)
    return Slope(middle, min(low, middle - wide), max(high, middle + wide))


def _kendall_variance(values: tuple[float, ...]) -> float:
    n = len(values)
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values() if t > 1)
    return (n * (n - 1) * (2 * n + 5) - ties) / 18


def _inflation(residuals: list[float]) -> float:
    """n / n*: how many times fewer independent values there are than points; never below 1."""
    n = len(residuals)
    ranks = _ranks(residuals)
    mean = (n - 1) / 2
    centred = [rank - mean for rank in ranks]
    total = sum(one * one for one in centred)
    if total == 0:
        return 1.0
    bound = _quantile(0.95) / math.sqrt(n)
    added = 0.0
    for lag in range(1, max(2, n // 3)):
        correlation = sum(a * b for a, b in zip(centred, centred[lag:], strict=False)) / total
        if correlation > bound:
            added += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation
    return max(1.0, 1 + 2 * added / (n * (n - 1) * (n - 2)))


def _ranks(values: list[float]) -> list[float]:
    """From 0; equal values share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    first = 0
    while first < len(order):
        last = first
        while last + 1 < len(order) and values[order[last + 1]] == values[order[first]]:
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = (first + last) / 2
        first = last + 1
    return ranks


def _quantile(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
