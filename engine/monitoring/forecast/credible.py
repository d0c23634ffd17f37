"""The credible interval of a share: quantiles of the beta distribution, by its own continued fraction.

The fraction of Lentz for the incomplete beta function: M. Abramowitz and I. Stegun, “Handbook of mathematical functions” (1964), 26.5.8.
"""

from __future__ import annotations

import math

TINY = 1e-300
STEPS = 300


def interval(successes: float, failures: float, share: float = 0.9) -> tuple[float, float]:
    """(low, high) of Beta(successes, failures), both above 0, with the same probability outside on either side."""
    outside = (1 - share) / 2
    return quantile(successes, failures, outside), quantile(successes, failures, 1 - outside)


def quantile(a: float, b: float, probability: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cumulated(a, b, middle) < probability else (low, middle)
    return (low + high) / 2


def cumulated(a: float, b: float, x: float) -> float:
    """P(X ≤ x) of Beta(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    above, below = 1.0, 1 / _not_nought(1 - (a + b) * x / (a + 1))
    value = below
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            below = 1 / _not_nought(1 + part * below)
            above = _not_nought(1 + part / above)
            value *= below * above
        if abs(below * above - 1) < 1e-12:
            break
    return value


def _not_nought(value: float) -> float:
    return value if abs(value) > TINY else TINY
