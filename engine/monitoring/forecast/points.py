"""Points of a series as every forecast takes them, and the answer that there are too few."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

MOST = 4000  # newest points of a series that are looked at
LARGEST = 1e100  # what is beyond counts as this, so that no square overflows
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)  # of a track without a point
FITTED = 180  # points a line is laid through; more are first drawn together, as the number of pairs grows with the square


@dataclass(frozen=True, slots=True)
class Point:
    """``at`` is aware."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Nothing is claimed. ``because`` says in a sentence what is needed and what there is."""

    because: str


@dataclass(frozen=True, slots=True)
class Track:
    """Hours since ``start``, strictly rising, with finite values."""

    start: datetime
    hours: tuple[float, ...]
    values: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.hours)

    @property
    def span(self) -> float:
        return self.hours[-1] - self.hours[0] if self.hours else 0.0

    @property
    def step(self) -> float:
        """The usual distance of two points, in hours."""
        return median(later - earlier for earlier, later in pairwise(self.hours)) if len(self) > 1 else 0.0

    def last(self, count: int) -> Track:
        return Track(self.start, self.hours[-count:], self.values[-count:])

    def since(self, hour: float) -> Track:
        kept = [index for index, at in enumerate(self.hours) if at >= hour]
        return self.last(len(kept)) if kept else Track(self.start, (), ())


def track(points: Iterable[Point]) -> Track:
    """In order of time, without what is no number; of two at the same moment the later given counts; the newest ``MOST``."""
    by_time = {point.at: max(-LARGEST, min(LARGEST, point.value)) for point in points if math.isfinite(point.value)}
    times = sorted(by_time)[-MOST:]
    start = times[0] if times else BEGINNING
    return Track(start, tuple((at - start).total_seconds() / 3600 for at in times), tuple(by_time[at] for at in times))


def drawn_together(whole: Track, most: int = FITTED) -> Track:
    """At most ``most`` points: each the median of neighbours, so that single spikes vanish and no pattern of sampling stays."""
    if len(whole) <= most:
        return whole
    size = math.ceil(len(whole) / most)
    groups = [range(first, min(first + size, len(whole))) for first in range(0, len(whole), size)]
    return Track(
        whole.start, tuple(_mean(whole.hours, group) for group in groups), tuple(median(whole.values[i] for i in group) for group in groups)
    )


def _mean(values: Sequence[float], group: range) -> float:
    return sum(values[i] for i in group) / len(group)
