"""A series as a level that drifts and wanders, seen through jitter: how much of each, the drift with its error, and the level now.

The local level model with a drift: level' = level + drift·hours + step, value = level + jitter. Filter and likelihood: A. C. Harvey,
“Forecasting, structural time series models and the Kalman filter” (1989), ch. 3.4 and 4.1; the drift is a regression within the filter,
as is whether there is one at all: that costs the half logarithm of the number of points (G. Schwarz, “Estimating the dimension of a model”,
Annals of Statistics 6 (1978) 461–464). Nothing is guessed once: every share of wandering that fits keeps its weight, with drift and without.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from engine.monitoring.forecast.points import Track

# Variance of the wandering in one step over that of the jitter: from none of it to nothing else.
SHARES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 1000.0)
LIGHT = 0.005  # weights below it are dropped
NEAR = 3  # neighbours on each side that a spike is measured against


@dataclass(frozen=True, slots=True)
class Walk:
    """``wander`` variance per hour, ``jitter`` variance, ``drift`` per hour with its ``error`` (one deviation), ``level`` now with variance
    ``blur``, ``age`` hours that the drift's lever is long; ``freedom`` of the estimates; ``weight`` among the walks that fit.
    """

    wander: float
    jitter: float
    drift: float
    error: float
    level: float
    blur: float
    age: float
    freedom: float
    weight: float = 1.0


def walks(line: Track) -> tuple[Walk, ...]:
    """Those that fit, with weights that make one together. Needs four points."""
    hours = tuple(hour - line.hours[-1] for hour in line.hours)
    values = without_spikes(line.values)
    tried = [each for share in SHARES for each in _filtered(hours, values, share, line.step)]
    best = max(fit for fit, _ in tried)
    weights = [math.exp(fit - best) for fit, _ in tried]
    kept = [(weight, walk) for weight, (_, walk) in zip(weights, tried, strict=True) if weight > LIGHT * sum(weights)]
    total = sum(weight for weight, _ in kept)
    return tuple(_weighed(walk, weight / total) for weight, walk in kept)


def wandering(line: Track) -> float:
    """Variance per hour that adds up, over all walks that fit."""
    return sum(walk.weight * walk.wander for walk in walks(line))


def without_spikes(values: Sequence[float]) -> tuple[float, ...]:
    """Values further from the line through their neighbours than four of the usual distances are put at that bound."""
    middles = [_middle(values, place) for place in range(len(values))]
    away = [value - middle for value, middle in zip(values, middles, strict=True)]
    told = [abs(one) for one in away if one]
    bound = 4 * 1.4826 * median(told) if told else 0.0
    return tuple(middle + max(-bound, min(bound, one)) for middle, one in zip(middles, away, strict=True))


def _middle(values: Sequence[float], place: int) -> float:
    """Where the neighbours on both sides, or on one at the end, say that it should be; each step counts as the median one."""
    first = max(0, place - NEAR)
    near = values[first : place + NEAR + 1]
    step = median(later - earlier for earlier, later in pairwise(near))
    return median(value + step * (place - first - there) for there, value in enumerate(near))


def _filtered(hours: Sequence[float], values: Sequence[float], share: float, step: float) -> tuple[tuple[float, Walk], ...]:
    """(log-likelihood, walk), with a drift and without, where one step wanders ``share`` times the jitter.

    Values and times go through the same filter; the drift is the slope of what was missed of the ones over what was missed of the others.
    """
    level, clock, blur = values[0], hours[0], 1.0
    of_values = of_both = of_times = logs = 0.0
    for (before, now), value in zip(pairwise(hours), values[1:], strict=True):
        predicted = blur + share * (now - before) / step
        total = predicted + 1.0
        missed, late = value - level, now - clock
        of_values += missed * missed / total
        of_both += missed * late / total
        of_times += late * late / total
        logs += math.log(total)
        gain = predicted / total
        level, clock, blur = level + gain * missed, clock + gain * late, gain
    count, drift = len(values) - 1, of_both / of_times
    floor = 1e-24 + 1e-18 * max(abs(value) for value in values) ** 2
    still = _walk(of_values / count, share / step, 0.0, 0.0, level, blur, 0.0, count)
    left = max(0.0, of_values - drift * of_both)
    jitter = left / (count - 1)
    moving = _walk(jitter, share / step, drift, math.sqrt(jitter / of_times), level - drift * clock, blur, -clock, count - 1)
    fits = (-0.5 * (count * math.log(rest / count + floor) + logs) for rest in (of_values, left))
    return (next(fits), still), (next(fits) - 0.5 * math.log(count), moving)


def _walk(jitter: float, share: float, drift: float, error: float, level: float, blur: float, age: float, freedom: int) -> Walk:
    return Walk(jitter * share, jitter, drift, error, level, jitter * blur, age, float(freedom))


def _weighed(walk: Walk, weight: float) -> Walk:
    return Walk(walk.wander, walk.jitter, walk.drift, walk.error, walk.level, walk.blur, walk.age, walk.freedom, weight)
