"""How far counts are beyond chance: Poisson tails, their exact intervals, and how many of many tests may be believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence


def at_least(count: int, expected: float) -> float:
    """Chance of ``count`` or more where ``expected`` are, summed from the tail so that it is right however small."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if count <= expected:
        return 1.0 - _sum(range(count), expected)
    term = math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
    total, number = 0.0, count
    while term > total * 1e-15 and number < count + 10_000:
        total += term
        number += 1
        term *= expected / number
    return min(1.0, total)


def interval(count: int, error: float = 0.05) -> tuple[float, float]:
    """Means that ``count`` is compatible with (Garwood 1936: exact, never narrower than it says)."""
    low = 0.0 if count == 0 else _root(lambda mean: at_least(count, mean) < error / 2, 0.0, float(count))
    return low, _root(lambda mean: _sum(range(count + 1), mean) > error / 2, float(count), count + 10 * math.sqrt(count + 1) + 10)


def believed(chances: Sequence[float], tests: int, share: float) -> float:
    """The largest chance that still counts so that at most ``share`` of all that count are false (Benjamini and Hochberg 1995)."""
    limit = 0.0
    for number, chance in enumerate(sorted(chances), 1):
        if chance <= share * number / max(tests, 1):
            limit = chance
    return limit


def mostly(times: float, count: int) -> float:
    """Chance that what came ``times`` of ``count`` times comes more often than not, where nothing was known before (Bayes, even prior)."""
    return math.fsum(math.comb(count + 1, number) for number in range(math.floor(times) + 1)) / 2 ** (count + 1) if count < 1_000 else 1.0


def _sum(counts: range, mean: float) -> float:
    if mean <= 0:
        return 1.0 if counts and counts[0] == 0 else 0.0
    return math.fsum(math.exp(count * math.log(mean) - mean - math.lgamma(count + 1)) for count in counts)


def _root(low_side: Callable[[float], bool], low: float, high: float) -> float:
    """Where ``low_side`` turns from true to false, by halving."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if low_side(middle) else (low, middle)
    return (low + high) / 2
