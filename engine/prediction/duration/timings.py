"""How long each action of each service takes, all workflows together; and from that, how long a course takes.

The time of a step is taken as log-normal. Sums of steps are given the mean and variance of the sum (Fenton and Wilkinson 1960), what goes on side by side those
of the longest (Clark, The Greatest of a Finite Set of Random Variables, 1961), as if steps did not depend on each other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

from engine.prediction.duration.course import Leg
from engine.prediction.success.circumstances import Part

FADES: Final = 0.99  # of what was measured of an action, a call
SPREAD: Final = 0.5  # of log seconds, squared, of an action that was measured once or never,
DRAWN: Final = 4.0  # which counts for so many calls
LEAST: Final = 3.0  # calls of an action below which nobody knows how long it takes
SHORTEST: Final = 0.001  # seconds; what took less took that
MOST: Final = 2_000  # actions that are remembered; the one not heard of for longest is forgotten first
NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class LogNormal:
    """``middle`` and ``spread``: mean and variance of the log of seconds."""

    middle: float
    spread: float

    @classmethod
    def of(cls, mean: float, variance: float) -> LogNormal:
        """Of seconds."""
        spread = math.log1p(variance / (mean * mean)) if mean > 0 else 0.0
        return cls(math.log(max(SHORTEST, mean)) - spread / 2, spread)

    @property
    def mean(self) -> float:
        return math.exp(self.middle + self.spread / 2)

    @property
    def variance(self) -> float:
        return math.expm1(self.spread) * self.mean**2

    def below(self, log_seconds: float) -> float:
        """The share that takes no longer."""
        if self.spread <= 0:
            return 1.0 if log_seconds >= self.middle else 0.0
        return 0.5 * math.erfc((self.middle - log_seconds) / math.sqrt(2 * self.spread))


class Timings:
    """At most 2,000 actions: of each how many calls, and mean and variance of the log of their seconds."""

    __slots__ = ("actions",)

    def __init__(self) -> None:
        self.actions: dict[str, list[float]] = {}

    def heard(self, part: Part, seconds: float) -> None:
        """A step succeeded after so long, its pauses between tries included."""
        name, value = f"{part.service} {part.action}", math.log(max(SHORTEST, seconds))
        calls, middle, spread = self.actions.pop(name, (0.0, value, SPREAD))
        calls = calls * FADES + 1.0
        off = value - middle
        middle += off / calls
        spread += (off * (value - middle) - spread) / (calls + DRAWN)
        self.actions[name] = [calls, middle, max(0.0, spread)]
        if len(self.actions) > MOST:
            del self.actions[next(iter(self.actions))]

    def of(self, part: Part) -> LogNormal | None:
        """None while too few calls were measured."""
        calls, middle, spread = self.actions.get(f"{part.service} {part.action}", (0.0, 0.0, SPREAD))
        return LogNormal(middle, spread) if calls >= LEAST * FADES**2 else None

    def through(self, course: Sequence[Leg]) -> LogNormal | None:
        """How long a whole course takes; None while a step of it is not known, or when there is none."""
        over: list[tuple[float, float]] = []
        for leg in course:
            begun = _longest([over[place] for place in leg.after])
            if leg.part is None:
                over.append((begun[0] + leg.seconds, begun[1]))
                continue
            takes = self.of(leg.part)
            if takes is None:
                return None
            over.append((begun[0] + takes.mean, begun[1] + takes.variance))
        waited_for = {place for leg in course for place in leg.after}
        mean, variance = _longest([end for place, end in enumerate(over) if place not in waited_for])
        return LogNormal.of(mean, variance) if mean > 0 else None

    def state(self) -> dict[str, Any]:
        return {"actions": self.actions}

    @classmethod
    def restore(cls, state: Any) -> Timings:
        """Raises ValueError, TypeError, AttributeError or KeyError for what is no state of timings."""
        timings = cls()
        for name, given in state["actions"].items():
            calls, middle, spread = map(float, given)
            if not (calls > 0 and abs(middle) < 50 and 0 <= spread < 1000):
                raise ValueError("not timings")
            timings.actions[str(name)] = [calls, middle, spread]
        return timings


def _longest(of: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean and variance of the greatest of some normal numbers, two at a time; (0, 0) of none."""
    if not of:
        return 0.0, 0.0
    mean, variance = of[0]
    for other, its in of[1:]:
        apart = math.sqrt(variance + its)
        if apart == 0:
            mean = max(mean, other)
            continue
        far = (mean - other) / apart
        share, density = NORMAL.cdf(far), NORMAL.pdf(far)
        first = mean * share + other * (1 - share) + apart * density
        second = (mean**2 + variance) * share + (other**2 + its) * (1 - share) + (mean + other) * apart * density
        mean, variance = first, max(0.0, second - first**2)
    return mean, variance
