"""The daily shape of a series, taken out before a trend is read from it: a morning is not a trend."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from engine.monitoring.forecast.points import Track

DAY = 24.0
KNOWN = 2 * DAY  # hours of history before the window that is judged
SLOTS = 48  # of half an hour


def without_season(whole: Track, recent: Track) -> tuple[Track, bool]:
    """``recent`` (the last part of ``whole``) less the usual deviation of each half hour of the day, and whether that could be told.

    The shape is the median over the days before ``recent``, so that what begins now is not taken for usual. It needs two whole days of
    them, and says nothing about weekends.
    """
    begins = recent.hours[0]
    before = [(hour, value) for hour, value in zip(whole.hours, whole.values, strict=True) if hour < begins]
    if not before or begins - before[0][0] < KNOWN:
        return recent, False
    usual = _shape(whole, before)
    level = median(value for _, value in before)
    offset = _offset(whole)
    values = tuple(
        value - (usual.get(_slot(hour + offset), level) - level) for hour, value in zip(recent.hours, recent.values, strict=True)
    )
    return Track(recent.start, recent.hours, values), True


def _shape(whole: Track, before: list[tuple[float, float]]) -> dict[int, float]:
    by_slot: dict[int, list[float]] = defaultdict(list)
    offset = _offset(whole)
    for hour, value in before:
        by_slot[_slot(hour + offset)].append(value)
    wide = {
        slot: [value for near in (-1, 0, 1) for value in by_slot.get((slot + near) % SLOTS, ())]
        for slot in range(SLOTS)
        if by_slot.get(slot)
    }
    return {slot: median(values) for slot, values in wide.items()}


def _offset(whole: Track) -> float:
    """Hours from midnight UTC to the start of the track."""
    return whole.start.hour + whole.start.minute / 60 + whole.start.second / 3600


def _slot(hour: float) -> int:
    return int(hour % DAY * SLOTS / DAY) % SLOTS
