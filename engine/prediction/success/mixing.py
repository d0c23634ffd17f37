"""How much each view counts, learnt from how it did, and what is said in the end set right by what came of it.

Views are added as log odds, each with its weight; after an outcome every weight moves by how far the sum was off, times what the view said (online gradient
descent on the logarithmic loss: Mattern, Linear and Geometric Mixtures, 2012; the way the best text compressors mix models, Mahoney 2005). The
last stage says “of what was foretold at 80 %, 84 % succeeded” and goes half the way there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engine.prediction.success.circumstances import Weather
from engine.prediction.success.logit import chance_of, log_odds

INPUTS: Final = ("last", "last two", "last three", "streak", "belief", "steps", "lately", "weather", "alerts", "missing", "level")
# Where weights begin; they were about there after 57,000 builds of nine projects, and in simulated houses with outages.
CALM: Final = (0.28, 0.1, 0.06, 0.22, 0.42, 1.0, 0.5, 0.0, 0.3, 0.5, 0.0)
STORMY: Final = (0.14, 0.05, 0.03, 0.11, 0.21, 0.6, 0.1, 0.7, 0.1, 0.3, 0.0)
RATE: Final = 0.003  # of learning
BOUND: Final = 4.0  # no weight grows beyond it, either way
OWN: Final = 0.3  # of the weights of the workflow itself; the rest of those that all workflows share
POINTS: Final = 24  # of the correction
REACH: Final = 6.0  # log odds of its outermost points
SPACING: Final = 2 * REACH / (POINTS - 1)
SLOW: Final = 0.006  # what a point learns of one outcome


def first_weights() -> dict[str, list[float]]:
    return {weather.value: list(CALM if weather is Weather.CALM else STORMY) for weather in Weather}


def mixed(weights: Sequence[float], views: Sequence[float]) -> float:
    return sum(map(float.__mul__, weights, views))


def moved(weights: list[float], views: Sequence[float], missed: float) -> None:
    """``missed``: outcome less what was said."""
    step = RATE * missed
    for place, view in enumerate(views):
        weights[place] = min(BOUND, max(-BOUND, weights[place] + step * view))


class Correction:
    """``said`` is a chance; ``points`` what came of it at 24 log odds, between which it goes straight."""

    __slots__ = ("points",)

    def __init__(self) -> None:
        self.points = [chance_of(-REACH + SPACING * place) for place in range(POINTS)]

    def set_right(self, said: float) -> float:
        place, share = _between(said)
        return (said + (1.0 - share) * self.points[place] + share * self.points[place + 1]) / 2

    def learn(self, said: float, succeeded: bool) -> None:
        place, share = _between(said)
        value = 1.0 if succeeded else 0.0
        self.points[place] += SLOW * (1.0 - share) * (value - self.points[place])
        self.points[place + 1] += SLOW * share * (value - self.points[place + 1])


def _between(said: float) -> tuple[int, float]:
    where = (min(REACH, max(-REACH, log_odds(said))) + REACH) / SPACING
    place = min(POINTS - 2, int(where))
    return place, where - place


def restored_weights(given: Any) -> dict[str, list[float]]:
    """Raises ValueError, TypeError or KeyError for what are no weights."""
    found = {weather.value: [float(value) for value in given[weather.value]] for weather in Weather}
    if not all(len(weights) == len(INPUTS) and all(-BOUND <= one <= BOUND for one in weights) for weights in found.values()):
        raise ValueError("not weights")
    return found


def restored_correction(given: Any) -> Correction:
    correction = Correction()
    points = [float(value) for value in given]
    if len(points) != POINTS or not all(0.0 <= point <= 1.0 for point in points):
        raise ValueError("not a correction")
    correction.points = points
    return correction
