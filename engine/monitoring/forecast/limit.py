"""When something that fills up is full: the time until a limit is reached, with its interval and the chance that it is within a horizon.

The series is taken as a level that drifts and wanders, seen through jitter; how much of each the series itself tells (``walk``). A walk with
drift first reaches a limit by time t with a known probability (the inverse Gaussian law; D. R. Cox and H. D. Miller, “The theory of
stochastic processes”, 1965, ch. 5.7); that is averaged over the walks that fit and the drifts their errors allow (Student's t). It holds as
long as things go on as they do of late; nothing here knows of a reset, or of a human's hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import NormalDist

from engine.monitoring.forecast.measure import Measure
from engine.monitoring.forecast.points import NotEnough, Point, Track, drawn_together, track
from engine.monitoring.forecast.season import Shape, shape
from engine.monitoring.forecast.slope import Slope, slope
from engine.monitoring.forecast.walk import Walk, walks
from engine.monitoring.spans import about

FEWEST_POINTS = 12
FAR = 30 * 24.0  # hours beyond which no moment is named
LOW, HIGH = 0.1, 0.9  # of the interval: four of five lie within
FICKLE = 0.2  # share of a drift by which it is expected to change within as long as it was seen
FICKLE_UNTIL = 4.0  # times as long; beyond, nothing new is learnt by waiting, and no drift turns round
NODES = 11  # drifts that are tried
SHORTEST = 12  # points of the shortest piece that is looked at for the drift of late
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """``seconds`` until it is more likely reached than not; ``low`` and ``high``: in one of ten cases sooner, in one of ten later.

    None = not within 30 days. ``moving``: it goes towards the limit, at 95 %. ``probability``: that it is reached within ``horizon`` seconds. ``within`` gives that of any other horizon;
    ``usual``: whether any day like those before reaches it within so many seconds.
    """

    seconds: float | None
    low: float | None
    high: float | None
    probability: float
    horizon: float
    because: str
    level: float
    slope: float
    moving: bool
    within: Callable[[float], float]
    usual: Callable[[float], bool]


def time_to_limit(
    points: Iterable[Point],
    limit: float,
    measure: Measure,
    *,
    rising: bool = True,
    horizon: float = 86_400.0,
    window: timedelta | None = None,
) -> Reach | NotEnough:
    """``rising``: the limit lies above (else below). ``horizon`` in seconds. What is over the limit already is reached in 0 seconds.

    ``window``: the last part that is judged; where two days before it are known, it is judged less the shape of the day, and what the hours
    ahead usually add is put on top. None = all of it, and a day has no shape.
    """
    sign = 1.0 if rising else -1.0
    whole = track(Point(point.at, sign * point.value) for point in points)
    recent = whole if window is None or not len(whole) else whole.since(whole.hours[-1] - window.total_seconds() / 3600)
    line = drawn_together(recent)
    if len(line) < FEWEST_POINTS:
        return NotEnough(
            f"Not enough data: when the {measure.words} reaches its limit needs {FEWEST_POINTS} points, there are {len(line)}."
        )
    path = _path(line, sign * limit, shape(whole, recent) if window is not None else None)
    within = partial(_within, path)
    seconds = _hours_until(path, 0.5)
    return Reach(
        seconds=None if seconds is None else seconds * 3600,
        low=_seconds(_hours_until(path, LOW)),
        high=_seconds(_hours_until(path, HIGH)),
        probability=within(horizon),
        horizon=horizon,
        because=_because(path, limit, measure, sign, horizon),
        level=sign * path.stands,
        slope=sign * path.drift,
        moving=path.moving,
        within=within,
        usual=partial(_usual, path),
    )


@dataclass(frozen=True, slots=True)
class _Path:
    """Turned so that the limit lies above. Hours. ``ways``: the walks that fit, each with the turns of its drift, equally likely, in errors of it.

    ``level``: now, less the shape of the day, if that is known; ``now``: hour of the track.
    """

    level: float
    drift: float
    span: float
    count: int
    moving: bool
    limit: float
    ways: tuple[tuple[Walk, tuple[float, ...]], ...]
    day: Shape | None
    now: float

    @property
    def stands(self) -> float:
        """The level as it is seen."""
        return self.level + self.usually(0.0)

    def usually(self, hours: float) -> float:
        """The most that the time of day adds within so many hours."""
        return self.day.most(self.now, hours) if self.day is not None else 0.0


def _path(line: Track, limit: float, day: Shape | None) -> _Path:
    recent, of_late = _of_late(day.out_of(line) if day is not None else line)
    found = walks(recent)
    return _Path(
        level=sum(walk.weight * walk.level for walk in found),
        drift=sum(walk.weight * walk.drift for walk in found),
        span=recent.span,
        count=len(recent),
        moving=of_late.rises,
        limit=limit,
        ways=tuple((walk, _turns(walk.freedom)) for walk in found),
        day=day,
        now=line.hours[-1],
    )


def _turns(freedom: float) -> tuple[float, ...]:
    """Student's t at the middles of ``NODES`` equal shares."""
    return tuple(_student((node + 0.5) / NODES, max(4.0, freedom)) for node in range(NODES))


def _of_late(line: Track) -> tuple[Track, Slope]:
    """The longest piece up to now whose slope lies within the intervals of all shorter ones, so that a ramp after a quiet day counts as one.

    After the intersection of confidence intervals of A. Goldenshluger and A. Nemirovski, “On spatially adaptive estimation of nonparametric
    regression”, Mathematical Methods of Statistics 6 (1997) 135–170.
    """
    piece = line.last(SHORTEST)
    found = slope(piece)
    low, high = found.low, found.high
    size = SHORTEST
    while size < len(line):
        size = min(len(line), math.ceil(size * 1.5))
        longer = slope(line.last(size))
        if not low <= longer.per_hour <= high:
            break
        low, high = max(low, longer.low), min(high, longer.high)
        piece, found = line.last(size), longer
    return piece, found


def _usual(path: _Path, seconds: float) -> bool:
    return path.day is not None and path.day.level + path.usually(seconds / 3600) >= path.limit


def _within(path: _Path, seconds: float) -> float:
    return _reached(path, seconds / 3600)


def _reached(path: _Path, hours: float) -> float:
    """The probability that the limit is reached within so many hours."""
    if path.stands >= path.limit:
        return 1.0
    if hours <= 0:
        return 0.0
    limit = path.limit - path.usually(hours)
    return sum(
        walk.weight * sum(_first_passage(path, walk, limit, turn, hours) for turn in turns) / len(turns) for walk, turns in path.ways
    )


def _first_passage(path: _Path, walk: Walk, limit: float, turn: float, hours: float) -> float:
    # A pace that was seen for an hour says less about a day: beside its own error it may have changed, the more the further ahead.
    drift = walk.drift + turn * math.hypot(walk.error, FICKLE * walk.drift * math.sqrt(min(FICKLE_UNTIL, hours / path.span)))
    # A drift other than the middle one means another level, too: the line turns about the middle of what it was laid through.
    gap = limit - walk.level - turn * walk.error * walk.age
    if gap <= 0:
        return 1.0
    variance = walk.wander * hours + walk.blur
    if variance <= 0:
        return 1.0 if drift * hours >= gap else 0.0
    straight = _NORMAL.cdf((drift * hours - gap) / math.sqrt(variance))
    return min(1.0, straight + _turned_back(gap, drift * hours, variance))


def _turned_back(gap: float, moved: float, variance: float) -> float:
    """Paths that were over the limit meanwhile and are below it again: exp(2·gap·moved/variance)·Φ(−(gap + moved)/√variance)."""
    far = (gap + moved) / math.sqrt(2 * variance)
    if far > 5:  # the product of a huge and a tiny factor, by the tail of the error function
        return math.exp(-((gap - moved) ** 2) / (2 * variance)) * (1 - 1 / (2 * far * far)) / (2 * far * math.sqrt(math.pi))
    return math.exp(2 * gap * moved / variance) * math.erfc(far) / 2


def _hours_until(path: _Path, probability: float) -> float | None:
    if path.stands >= path.limit:
        return 0.0
    if _reached(path, FAR) < probability:
        return None
    low, high = 0.0, FAR
    while high - low > max(1e-4, 1e-3 * high):
        middle = (low + high) / 2
        low, high = (low, middle) if _reached(path, middle) >= probability else (middle, high)
    return high


def _seconds(hours: float | None) -> float | None:
    return None if hours is None else hours * 3600


def _student(probability: float, freedom: float) -> float:
    """Quantile of Student's t by its expansion in 1/freedom (M. Abramowitz and I. Stegun, 26.7.5)."""
    z = _NORMAL.inv_cdf(probability)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _because(path: _Path, limit: float, measure: Measure, sign: float, horizon: float) -> str:
    stands = f"The {measure.words} stands at {measure.say(sign * path.stands)} of {measure.say(limit)}"
    if path.stands >= path.limit:
        return f"{stands}: the limit is reached already."
    moves = "rises" if sign * path.drift > 0 else "falls"
    pace = f"{moves} by {measure.say(abs(path.drift))} an hour over the last {about(path.span * 3600)} ({path.count} points)"
    pace += ", beside what is usual at each time of day" if path.day is not None else ""
    chance = _percent(_within(path, horizon))
    soon = _hours_until(path, 0.5)
    if soon is None:
        return f"{stands} and {pace}; that it gets there within {about(horizon)} has a chance of {chance}."
    early, late = _hours_until(path, LOW), _hours_until(path, HIGH)
    first, last = "now" if not early or early < 1 / 60 else about(early * 3600), "30 days or never" if late is None else about(late * 3600)
    until = f" (between {first} and {last})" if first != last else ""
    return f"{stands} and {pace}: it gets there in about {about(soon * 3600)}{until}, within {about(horizon)} with a chance of {chance}."


def _percent(chance: float) -> str:
    return "over 99 %" if chance > 0.99 else "under 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"
