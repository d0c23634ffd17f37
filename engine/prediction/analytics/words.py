"""Lengths of work and shares as sentences of analytics say them."""

from __future__ import annotations

from engine.workflow.durations import in_words

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def work(seconds: float) -> str:
    """Of people's time, never in days, as a day of work is no day: “45 s”, “12 min”, “3 h 20 min”, “1,240 h”."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    minutes = round(seconds / MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours:,} h {rest} min" if rest and hours < 100 else f"{round(minutes / 60):,} h"


def length(seconds: float) -> str:
    """How long something took: “0.34 s”, “12 s”, “3 min 5 s”, “2 hours”."""
    if seconds < 1:
        return f"{seconds:.2g} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 2 * MINUTE else in_words(round(seconds, -1) if seconds >= HOUR else seconds)


def share(part: float) -> str:
    """0..1 as a percentage; 100 % and 0 % only where it is all or none."""
    if part in (0.0, 1.0):
        return f"{part:.0%}".replace("%", " %")
    number = 100 * part
    return f"{min(max(number, 0.1), 99.9):.1f} %" if number > 99 or number < 1 else f"{number:.0f} %"


def amount(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
