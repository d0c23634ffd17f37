"""Times and recurrences in words, resolved against the speaker's clock and zone. Pure; wrong is worse than asking."""

from __future__ import annotations

from intents.when.moment import Moment, read_moment
from intents.when.numbers import DURATION, NUMBER, UNIT, Duration, duration, number, window
from intents.when.ranges import read_range, until, whole_moment
from intents.when.schedule import Schedule, read_schedule

__all__ = [
    "DURATION",
    "NUMBER",
    "UNIT",
    "Duration",
    "Moment",
    "Schedule",
    "duration",
    "number",
    "read_moment",
    "read_range",
    "read_schedule",
    "until",
    "whole_moment",
    "window",
]
