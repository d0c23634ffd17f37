"""The days that a window means, for reports that know days only: “last 7 days”, P7D, “yesterday”, “this month”, 2026-11-01..2026-11-07. Pure."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

from engine.errors import Rejected

LONGEST = 4000  # days
_DAY = r"\d{4}-\d{2}-\d{2}"
_SPAN = re.compile(rf"(?P<first>{_DAY})(?:\s*(?:\.\.|/|to|until|–|-)\s*(?P<last>{_DAY}))?")
_ISO = re.compile(
    r"p(?:(?P<months>\d{1,3})m)?(?:(?P<weeks>\d{1,3})w)?(?:(?P<days>\d{1,4})d)?(?:t(?:(?P<hours>\d{1,5})h)?(?:(?P<minutes>\d{1,6})m)?)?"
)
_SAID = re.compile(
    r"(?:the\s+)?(?:last|past|previous)?\s*(?P<count>\d{1,5})?\s*(?P<unit>minutes?|mins?|m|hours?|h|days?|d|weeks?|w|months?)"
)
_UNITS = {"m": 1 / 1440, "h": 1 / 24, "d": 1.0, "w": 7.0}


def days_said(said: str, today: date) -> tuple[date, date]:
    """The first and the last day. A length reaches back from today and counts it: P7D is today and the six days before; 24 hours reach into yesterday.

    Raises Rejected for what cannot be read.
    """
    text = " ".join(said.strip().casefold().split())
    named = _named(text.removeprefix("the "), today)
    if named is not None:
        return named
    span = _SPAN.fullmatch(text)
    if span:
        return _between(span["first"], span["last"] or span["first"], said)
    length = _length(text)
    if length is None or length > LONGEST:
        raise Rejected(
            f"“{said[:60]}” is no span of days. Say for example “last 7 days”, “yesterday”, “this month” or 2026-11-01..2026-11-07."
        )
    return today - timedelta(days=length), today


def _named(text: str, today: date) -> tuple[date, date] | None:
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    last_month = (first - timedelta(days=1)).replace(day=1)
    known = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "this week": (monday, today),
        "last week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "this month": (first, today),
        "last month": (last_month, first - timedelta(days=1)),
        "this year": (today.replace(month=1, day=1), today),
    }
    return known.get(text)


def _between(first: str, last: str, said: str) -> tuple[date, date]:
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as err:
        raise Rejected(f"“{said[:60]}” holds a day that is not in the calendar.") from err
    if end < begin:
        raise Rejected(f"“{said[:60]}” ends before it begins.")
    return begin, end


def _length(text: str) -> int | None:
    """How many days before today it reaches; None for what is no length."""
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groups()):
        parts = {name: int(value or 0) for name, value in iso.groupdict().items()}
        whole = parts["months"] * 30 + parts["weeks"] * 7 + parts["days"]
        return _reach(whole, (parts["hours"] + parts["minutes"] / 60) / 24)
    plain = _SAID.fullmatch(text)
    if plain is None:
        return None
    count, unit = int(plain["count"] or 1), plain["unit"]
    days = count * 30.0 if unit.startswith("month") else count * _UNITS[unit[0]]
    return _reach(int(days), days - int(days)) if unit[0] in "dw" or unit.startswith("month") else _reach(0, days)


def _reach(whole: int, hours: float) -> int | None:
    """Whole days count today; a stretch of hours reaches into the day before. ``hours`` in days."""
    if hours > 0:
        return math.ceil(whole + hours)
    return whole - 1 if whole > 0 else None
