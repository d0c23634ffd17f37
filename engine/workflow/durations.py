"""Durations: ``10m``, ISO 8601 or seconds in, seconds or words out."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from engine.errors import Invalid

_ISO = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+(?:\.\d+)?)W)?(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+(?:\.\d+)?)H)?(?:(?P<minutes>\d+(?:\.\d+)?)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
# 90s, 1h30m, and what ``in_words`` says: 1 hour 30 minutes.
_NAMES = {
    "weeks": "w(?:eeks?)?",
    "days": "d(?:ays?)?",
    "hours": "h(?:(?:ou)?rs?)?",
    "minutes": "m(?:in(?:ute)?s?)?",
    "seconds": "s(?:ec(?:ond)?s?)?",
}
_SHORT = re.compile(r"\s*".join(rf"(?:(?P<{unit}>\d+(?:\.\d+)?)\s*{name})?" for unit, name in _NAMES.items()))
_SIZES = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
LONGEST = 100 * 366 * 86_400.0  # seconds


def duration(value: object) -> float:
    """Seconds of ``90s``, ``1h30m``, ``12 minutes``, an ISO 8601 duration (``PT1H30M``, ``P7D``), a number of seconds, or a timedelta. Raises Invalid."""
    seconds = _seconds(value)
    if seconds is None or not math.isfinite(seconds) or not 0 <= seconds <= LONGEST:
        raise Invalid(f"“{str(value)[:40]}” is no duration. Write it like 30s, 10m, 1h30m or 7d, or in ISO 8601 such as PT10M.")
    return seconds


def _seconds(value: object) -> float | None:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) < 1e300 else None
    if not isinstance(value, str) or len(value) > 60:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value)
    match = _ISO.fullmatch(value.strip().upper()) or _SHORT.fullmatch(value.strip())
    if match is None or not any(match.groupdict().values()):
        return None
    return sum(float(number) * _SIZES[unit] for unit, number in match.groupdict().items() if number)


def iso(seconds: float | timedelta) -> str:
    """``90.0 → "PT1M30S"``; exact: ``duration(iso(x)) == x``."""
    total = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if not total.is_integer():
        return f"PT{total:.6f}".rstrip("0") + "S"
    rest, text = int(total), "P"
    for (name, size), letter in zip(_UNITS, "DHMS", strict=True):
        count, rest = divmod(rest, size)
        if count:
            text += ("T" if "T" not in text and name != "day" else "") + f"{count}{letter}"
    return text if text != "P" else "PT0S"


def in_words(value: timedelta | float) -> str:
    """``timedelta(minutes=90) → "1 hour 30 minutes"``."""
    rest = round(value.total_seconds() if isinstance(value, timedelta) else value)
    parts = []
    for name, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'s' if count != 1 else ''}")
    return " ".join(parts) or "0 seconds"
