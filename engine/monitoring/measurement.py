"""A measurement: one number of one series, whatever it is about: a queue's length, the sign-ups of an hour, our own outbox."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,119}")
UNIT = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,20}")
NAME_RULE = "A series is named by 1 to 120 letters, digits and . _ - : /, beginning with a letter or digit: shop.orders_per_minute."
UNIT_RULE = "A unit has at most 20 characters, such as ms, % or orders."
MOST_SERIES = 10_000
KEPT = timedelta(days=14)
AHEAD = timedelta(minutes=5)  # so far may another machine's clock be ahead of ours
OWN = "signalbox"  # the service whose series the house measures of itself


@dataclass(frozen=True, slots=True)
class Measurement:
    """``at`` is aware and UTC; there is one value of a series at one time. ``unit`` in a word or sign; empty changes none that was said before."""

    series: str
    at: datetime
    value: float
    unit: str = ""


def service_of(series: str) -> str:
    """Whose series it is by its name: what stands before the first dot, or the whole."""
    return series.partition(".")[0]


def refusal(measurement: Measurement, now: datetime) -> str:
    """Why it is not taken, in a sentence that says what to do; empty for one that is."""
    if not NAME.fullmatch(measurement.series):
        return NAME_RULE
    if not UNIT.fullmatch(measurement.unit):
        return UNIT_RULE
    if not isfinite(measurement.value):
        return "A value is a finite number; leave out what could not be measured."
    if measurement.at > now + AHEAD:
        return f"It lies more than {AHEAD.seconds // 60} minutes ahead ({measurement.at:%Y-%m-%d %H:%M} UTC); look at the sender's clock."
    if measurement.at < now - KEPT:
        return f"It is older than {KEPT.days} days ({measurement.at:%Y-%m-%d %H:%M} UTC), and so long no measurement is kept."
    return ""


def first_of_each(measurements: Iterable[Measurement]) -> list[Measurement]:
    """Of several of one series at one time the first, in the order they came."""
    found: dict[tuple[str, datetime], Measurement] = {}
    for measurement in measurements:
        found.setdefault((measurement.series, measurement.at), measurement)
    return list(found.values())
