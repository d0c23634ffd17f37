"""How long the next run takes: the time that half of all runs keep within, and the one that nine in ten do.

What was measured of the last runs and what their shape says are put together as a Dirichlet process does (Ferguson 1973): the measured ones count as
many as they are, a log-normal for so many more. Its middle and spread come from the runs, drawn to what the steps add up to while runs are few.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import Rejected
from engine.prediction.duration.course import Leg
from engine.prediction.duration.timings import SHORTEST, LogNormal, Timings
from engine.prediction.rate import ENOUGH
from engine.workflow.durations import in_words

VERSION: Final = 1
KEPT: Final = 64  # runs
FADES: Final = 0.985  # of what a run counts for, with each that came after it
SHAPE: Final = 6.0  # runs that the log-normal counts for beside the measured ones
STEPS: Final = 4.0  # runs that the steps count for in the log-normal
SPREAD: Final = 0.3  # of log seconds, squared, where the steps say nothing,
NOBODY: Final = 2.0  # which counts for so many runs
HALVINGS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Seconds of a run that succeeds: ``median`` of half, ``long`` of nine in ten. ``samples``: its own runs that say so; 0: only its steps do."""

    median: float
    long: float
    samples: int

    def __str__(self) -> str:
        """``usually 12 seconds, nine in ten within 40 seconds (24 runs)``."""
        of = f"{self.samples} run{'s' if self.samples != 1 else ''}" if self.samples else "by its steps; it has not run yet"
        return f"usually {_told(self.median)}, nine in ten within {_told(self.long)} ({of})"


class PastDurations:
    """Of one workflow: the last 64 runs that succeeded, as log seconds, newest last."""

    __slots__ = ("logs",)

    def __init__(self) -> None:
        self.logs: list[float] = []

    def learn(self, seconds: float) -> None:
        self.logs.append(math.log(max(SHORTEST, seconds)))
        del self.logs[:-KEPT]

    def expected(self, by_steps: LogNormal | None = None) -> Expected | None:
        """None while nobody can say: fewer than five runs, and steps that are not known."""
        if by_steps is None and len(self.logs) < ENOUGH:
            return None
        weights = [FADES**age for age in reversed(range(len(self.logs)))]
        shape = _shape(self.logs, weights, by_steps)
        median, long = (math.exp(_quantile(share, self.logs, weights, shape)) for share in (0.5, 0.9))
        return Expected(median=median, long=long, samples=len(self.logs))

    def state(self) -> dict[str, Any]:
        return {"version": VERSION, "logs": self.logs}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> PastDurations:
        """Raises Rejected for what is no state of durations."""
        past = cls()
        try:
            past.logs = [float(value) for value in state["logs"]]
            if state["version"] != VERSION or len(past.logs) > KEPT or not all(abs(value) < 50 for value in past.logs):
                raise ValueError("not durations")
        except (KeyError, TypeError, ValueError) as error:
            raise Rejected(
                "What was learnt of durations is damaged or of another version. Let it be learnt anew from the runs that are kept."
            ) from error
        return past


def expected(past: PastDurations, timings: Timings, course: Sequence[Leg] | None) -> Expected | None:
    """Of the next run of a workflow whose steps take that course."""
    return past.expected(timings.through(course) if course else None)


def _shape(logs: Sequence[float], weights: Sequence[float], by_steps: LogNormal | None) -> LogNormal:
    """Mean and variance with a prior of some runs, widened as a forecast of one more run is (normal-inverse-gamma)."""
    runs = sum(weights)
    middle = sum(map(float.__mul__, logs, weights)) / runs if runs else 0.0
    squares = sum(weight * (value - middle) ** 2 for value, weight in zip(logs, weights, strict=True))
    if by_steps is None:
        return LogNormal(middle, (squares + NOBODY * SPREAD) / (runs + NOBODY) * (1 + 1 / runs))
    whole = runs + STEPS
    between = runs * STEPS / whole * (middle - by_steps.middle) ** 2 if runs else 0.0
    drawn = (runs * middle + STEPS * by_steps.middle) / whole
    return LogNormal(drawn, (squares + between + STEPS * by_steps.spread) / whole * (1 + 1 / whole))


def _quantile(share: float, logs: Sequence[float], weights: Sequence[float], shape: LogNormal) -> float:
    """Log seconds, by halving."""
    far = 6 * math.sqrt(shape.spread) + 1e-6
    low, high = min((shape.middle - far, *logs)), max((shape.middle + far, *logs))
    sought = share * (sum(weights) + SHAPE)
    for _ in range(HALVINGS):
        at = (low + high) / 2
        measured = sum(weight for value, weight in zip(logs, weights, strict=True) if value <= at)
        if measured + SHAPE * shape.below(at) < sought:
            low = at
        else:
            high = at
    return high


def _told(seconds: float) -> str:
    """Two digits are what such a figure is worth."""
    if seconds < 9.95:
        return f"{max(0.1, seconds):.1f} seconds"
    digits = 10.0 ** (math.floor(math.log10(seconds)) - 1)
    return in_words(round(seconds / digits) * digits)
