"""How far a value is from what was expected: four simple forecasts, each miss measured by that forecast's usual miss.

level     an exponentially weighted mean
season    the values at the same time of day (misses come from ``views``)
momentum  a linear forecast from the last LAGS values, learnt by recursive least squares with forgetting
drift     the long-run mean; what misses it is the level, so that a slow or lasting change is seen, too
"""

from __future__ import annotations

from collections import deque
from math import log1p
from operator import mul
from typing import Any

PACE = 0.05  # weight of a new value in the level
LONG_RUN = 0.001  # in the long-run mean, and of a new miss in what usually misses it
USUAL = 0.01  # weight of a new miss in the usual miss
CLIPPED = 4.0  # times the usual miss; a larger one counts as that much, so that trouble does not become usual at once
FLOOR = 0.01  # of the level: no miss is measured by less, or a constant series would find every change immense
LAGS = 3
FORGETTING = 0.999
TINY = 1e-200  # nothing is measured by less; the largest value through it is still a number
FARTHEST = 100.0  # deviations; a larger input is taken as this
MOST = 1e9  # times the usual miss; likewise
LOOSE = 1e4  # trace of the covariance beyond which the learning begins anew
SMOOTH = 2  # values whose strangeness is averaged
SETTLED = 20  # values; until then plain means
DOUBT = 10  # values after which strangeness counts half; with little past, little is certain


class Scale:
    """The usual size of a miss. ``pace``: the weight of a new one."""

    __slots__ = ("count", "pace", "usual")

    def __init__(self, pace: float = USUAL, count: int = 0, usual: float = 0.0) -> None:
        self.pace, self.count, self.usual = pace, count, usual

    def measured(self, miss: float, floor: float) -> float:
        """``miss`` as a multiple of the usual one, 0 for the first few; from then on it is one of them."""
        size = abs(miss)
        limit = max(self.usual, floor, TINY)
        times = min(size / limit, MOST) if self.count >= 5 else 0.0
        if self.count >= SETTLED:
            size = min(size, CLIPPED * limit)
        self.count += 1
        self.usual += max(self.pace, 1 / self.count) * (size - self.usual)
        return times

    def state(self) -> list[float]:
        return [self.pace, self.count, self.usual]


class Level:
    """An exponentially weighted mean that begins as a plain one. ``pace``: the weight of a new value."""

    __slots__ = ("count", "mean", "pace")

    def __init__(self, pace: float = PACE, count: int = 0, mean: float = 0.0) -> None:
        self.pace, self.count, self.mean = pace, count, mean

    def add(self, value: float) -> None:
        self.count += 1
        self.mean += max(self.pace, 1 / self.count) * (value - self.mean)

    def state(self) -> list[float]:
        return [self.pace, self.count, self.mean]


class Momentum:
    """The next value from the last LAGS, in units of the series' own mean and deviation."""

    __slots__ = ("covariance", "deviation", "last", "mean", "seen", "weights")

    def __init__(self) -> None:
        self.weights = [1.0, *[0.0] * LAGS]
        self.covariance = _loose(100.0)
        self.last: list[float] = []  # newest first
        self.mean = self.deviation = 0.0
        self.seen = 0

    def miss(self, value: float) -> float:
        """How far ``value`` is from the forecast, 0 without one; from then on it is learnt."""
        unit = max(self.deviation, FLOOR * abs(self.mean), TINY)
        missed = 0.0
        if len(self.last) == LAGS:
            mean = self.mean
            inputs = [*(min(max((known - mean) / unit, -FARTHEST), FARTHEST) for known in self.last), 1.0]
            error = (value - mean) / unit - sum(map(mul, self.weights, inputs))
            missed = error * unit
            self._learn(inputs, min(max(error, -3.0), 3.0))
        self.last = [value, *self.last[: LAGS - 1]]
        self.seen += 1
        pace = max(USUAL / 2, 1 / self.seen)
        away = value - self.mean
        self.mean += pace * away
        distance = abs(away) if self.seen <= SETTLED else min(abs(away), 5 * max(self.deviation, FLOOR * abs(self.mean)))
        self.deviation += pace * (distance - self.deviation)
        return missed

    def _learn(self, inputs: list[float], error: float) -> None:
        spread = [sum(map(mul, row, inputs)) for row in self.covariance]
        gain = FORGETTING + sum(map(mul, inputs, spread))
        self.weights = [weight + known / gain * error for weight, known in zip(self.weights, spread, strict=True)]
        self.covariance = [
            [(value - one * other / gain) / FORGETTING for value, other in zip(row, spread, strict=True)]
            for row, one in zip(self.covariance, spread, strict=True)
        ]
        trace = sum(row[at] for at, row in enumerate(self.covariance))
        if not trace <= LOOSE:
            self.covariance = _loose(1.0)

    def state(self) -> list[Any]:
        return [self.weights, self.covariance, self.last, self.mean, self.deviation, self.seen]

    @classmethod
    def of(cls, state: list[Any]) -> Momentum:
        made = cls()
        made.weights, made.covariance, made.last = list(state[0]), [list(row) for row in state[1]], list(state[2])
        made.mean, made.deviation, made.seen = state[3:]
        return made


def _loose(spread: float) -> list[list[float]]:
    return [[spread if row == column else 0.0 for column in range(LAGS + 1)] for row in range(LAGS + 1)]


class Residuals:
    """The four forecasts together."""

    __slots__ = ("latest", "level", "long_run", "magnitude", "momentum", "scales")

    def __init__(self) -> None:
        self.level, self.long_run, self.momentum = Level(), Level(LONG_RUN), Momentum()
        self.scales = [Scale(), Scale(), Scale(), Scale(LONG_RUN)]
        self.magnitude = 0.0  # the mean absolute value
        self.latest: deque[float] = deque(maxlen=SMOOTH)

    def observe(self, value: float, lonely: float | None) -> tuple[float, float]:
        """The strangeness of ``value``: 0 as expected, 0.7 a usual miss, 2.4 ten times that; and the drift, as a multiple of the usual one.

        ``lonely``: its distance from the values at the same time of day, None while those are too few.
        """
        count = self.level.count
        self.magnitude += max(LONG_RUN, 1 / (count + 1)) * (abs(value) - self.magnitude)
        floor = FLOOR * self.magnitude
        from_level = value - self.level.mean if count else 0.0
        self.level.add(value)
        from_long_run = self.level.mean - self.long_run.mean if count else 0.0
        self.long_run.add(value)
        misses = (from_level, from_level if lonely is None else lonely, self.momentum.miss(value), from_long_run)
        times = [scale.measured(miss, floor) for scale, miss in zip(self.scales, misses, strict=True)]
        self.latest.append(sum(map(log1p, times)) / len(times))
        return sum(self.latest) / len(self.latest) * count / (count + DOUBT), times[-1]

    @property
    def usual_miss(self) -> float:
        """Of the level."""
        return max(self.scales[0].usual, FLOOR * self.magnitude)

    @property
    def drifted(self) -> float:
        """How far the level is from the long-run mean."""
        return abs(self.level.mean - self.long_run.mean)

    def state(self) -> dict[str, Any]:
        return {
            "level": self.level.state(), "long_run": self.long_run.state(), "momentum": self.momentum.state(),
            "scales": [scale.state() for scale in self.scales], "magnitude": self.magnitude, "latest": list(self.latest),
        }  # fmt: skip

    @classmethod
    def of(cls, state: dict[str, Any]) -> Residuals:
        made = cls()
        made.level, made.long_run, made.momentum = Level(*state["level"]), Level(*state["long_run"]), Momentum.of(state["momentum"])
        made.latest.extend(state["latest"])
        made.scales = [Scale(*scale) for scale in state["scales"]]
        made.magnitude = state["magnitude"]
        return made
