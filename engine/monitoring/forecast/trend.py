"""A trend: improving, stable or degrading, with its slope, the slope's interval and the evidence in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median

from engine.monitoring.forecast.measure import Measure
from engine.monitoring.forecast.points import NotEnough, Point, Track, drawn_together, track
from engine.monitoring.forecast.season import without_season
from engine.monitoring.forecast.slope import FEWEST, slope
from engine.monitoring.spans import about

WINDOW = timedelta(hours=6)
FEWEST_POINTS = 12
MATERIAL = 0.10  # share of the level by which it must have changed over the window


class Direction(StrEnum):
    IMPROVING = "improving"
    STABLE = "stable"
    DEGRADING = "degrading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """``slope`` per hour in the measure's unit, ``low`` to ``high`` its 95 % interval. ``rising``: whether the value does, whatever that means."""

    direction: Direction
    slope: float
    low: float
    high: float
    level: float
    because: str
    seasonal: bool = False

    @property
    def rising(self) -> bool:
        return self.low > 0


def trend(points: Iterable[Point], measure: Measure, *, window: timedelta = WINDOW) -> Trend | NotEnough:
    """Of the last ``window``; where two days before it are known, the shape of the day is taken out first.

    It is ``stable`` unless the interval leaves out zero and the change over the window is at least ``MATERIAL`` of the level and the
    measure's floor. A measure of which neither way is worse is ``stable`` however it moves; see ``rising``.
    """
    whole = track(points)
    recent = whole.since(whole.hours[-1] - window.total_seconds() / 3600) if len(whole) else whole
    if len(recent) < max(FEWEST_POINTS, FEWEST):
        return NotEnough(_too_few(len(recent), measure))
    adjusted, seasonal = without_season(whole, recent)
    return _read(drawn_together(adjusted), measure, seasonal, len(recent))


def _read(line: Track, measure: Measure, seasonal: bool, count: int) -> Trend:
    found = slope(line)
    level = median(line.values)
    change = abs(found.per_hour) * line.span
    moved = (found.rises or found.falls) and change >= max(MATERIAL * abs(level), measure.floor)
    worse = measure.worse * (1 if found.per_hour > 0 else -1)
    direction = Direction.STABLE if not moved or not worse else Direction.DEGRADING if worse > 0 else Direction.IMPROVING
    return Trend(
        direction=direction,
        slope=found.per_hour,
        low=found.low,
        high=found.high,
        level=level,
        because=_because(line, measure, found.per_hour, found.low, found.high, moved, seasonal, count),
        seasonal=seasonal,
    )


def _because(line: Track, measure: Measure, per_hour: float, low: float, high: float, moved: bool, seasonal: bool, count: int) -> str:
    over = f"{count} points over {about(max(60.0, line.span * 3600))}"
    beside = ", less what is usual at each time of day" if seasonal else ""
    between = f"between {_signed(measure, low)} and {_signed(measure, high)} an hour"
    if not moved:
        change = f"a change of {_signed(measure, low)} to {_signed(measure, high)} an hour"
        return f"The {measure.words} stands at about {measure.say(median(line.values))}; {over} allow {change}{beside}."
    verb = "rises" if per_hour > 0 else "falls"
    return f"The {measure.words} {verb} by {measure.say(abs(per_hour))} an hour ({between}), by {over}{beside}."


def _signed(measure: Measure, value: float) -> str:
    return ("−" if value < 0 else "+") + measure.say(abs(value))


def _too_few(count: int, measure: Measure) -> str:
    return f"Not enough data: a trend of the {measure.words} needs {FEWEST_POINTS} points, there are {count}."
