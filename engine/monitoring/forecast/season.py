"""The daily shape of a series: taken out before a trend is read from it, and put back where it is asked how high it will get."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from engine.monitoring.forecast.points import Track

DAY = 24.0
KNOWN = 2 * DAY  # hours of history before the window that is judged
SLOTS = 48  # of half an hour


@dataclass(frozen=True, slots=True)
class Shape:
    """How far the middle of each half hour of the day (UTC) usually lies from the level. It says nothing about weekends."""

    deviations: tuple[float, ...]
    level: float
    offset: float  # hours from midnight to the start of the track it is asked about

    def at(self, hour: float) -> float:
        """``hour`` of the track; between two middles on the line that joins them."""
        place = (hour + self.offset) % DAY * SLOTS / DAY - 0.5
        below = int(place // 1)
        share = place - below
        return (1 - share) * self.deviations[below % SLOTS] + share * self.deviations[(below + 1) % SLOTS]

    def most(self, hour: float, within: float) -> float:
        """The highest of the next ``within`` hours, now among them."""
        step = DAY / SLOTS
        count = min(SLOTS, int(within / step))
        return max(self.at(hour), self.at(hour + min(within, DAY)), *(self.at(hour + step * number) for number in range(1, count + 1)))

    def out_of(self, track: Track) -> Track:
        """The track less its shape."""
        return Track(track.start, track.hours, tuple(value - self.at(hour) for hour, value in zip(track.hours, track.values, strict=True)))


def shape(whole: Track, recent: Track) -> Shape | None:
    """The medians of the days before ``recent`` (the last part of ``whole``), so that what begins now is not taken for usual.

    None with less than two whole days of them.
    """
    begins = recent.hours[0]
    before = [(hour, value) for hour, value in zip(whole.hours, whole.values, strict=True) if hour < begins]
    if not before or begins - before[0][0] < KNOWN:
        return None
    level = median(value for _, value in before)
    offset = _offset(whole)
    by_slot: dict[int, list[float]] = defaultdict(list)
    for hour, value in before:
        by_slot[int((hour + offset) % DAY * SLOTS / DAY) % SLOTS].append(value)
    return Shape(tuple(_near(by_slot, slot, level) - level for slot in range(SLOTS)), level, offset)


def without_season(whole: Track, recent: Track) -> tuple[Track, bool]:
    """``recent`` less the shape of the days before it, and whether that could be told."""
    found = shape(whole, recent)
    return (recent, False) if found is None else (found.out_of(recent), True)


def _near(by_slot: dict[int, list[float]], slot: int, level: float) -> float:
    """The median of a half hour and its neighbours; the level where nothing was measured."""
    values = [value for near in (-1, 0, 1) for value in by_slot.get((slot + near) % SLOTS, ())]
    return median(values) if values else level


def _offset(whole: Track) -> float:
    return whole.start.hour + whole.start.minute / 60 + whole.start.second / 3600
