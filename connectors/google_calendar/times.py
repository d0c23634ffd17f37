"""How people say times to a calendar: days and moments, lengths, and windows ahead. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from engine.errors import Invalid, Problem

_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z])")
_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+S)?)?", re.IGNORECASE)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
LONGEST = timedelta(days=366)


def whole_day(said: str) -> bool:
    """Whether it is a day and no moment."""
    return len(said) <= len("2026-11-30")


def moment(said: str) -> datetime:
    """ISO 8601, with a zone or without; a day begins at midnight."""
    return datetime.fromisoformat(said)


def iso(when: datetime) -> str:
    """With a zone, as Google wants it; a time without one counts as UTC."""
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return aware.isoformat(timespec="seconds").replace("+00:00", "Z")


def length(said: str) -> timedelta:
    """Of ``45 minutes``, ``1h 30m``, ``PT2H`` or ``90`` (minutes). Raises Invalid."""
    text = said.strip().lower()
    found = timedelta()
    if match := _ISO.fullmatch(said.strip()):
        found = sum((int(part) * unit for part, unit in zip(match.groups(), _UNITS.values(), strict=True) if part), timedelta())
    elif text.isascii() and text.isdigit():
        found = timedelta(minutes=min(int(text), 10**6))
    elif not re.sub(r"[\s,]|and", "", _PART.sub("", text)):
        found = sum((_part(amount, unit) for amount, unit in _PART.findall(text)), timedelta())
    if not timedelta() < found <= LONGEST:
        raise Invalid(
            "That is no length of time:", [Problem(f"“{said}” should be like 45 minutes, 1h 30m or PT2H, at most a year.", ("duration",))]
        )
    return found


def _part(amount: str, unit: str) -> timedelta:
    return min(float(amount.replace(",", ".")), 10**6) * _UNITS[unit[0]]


def lasting(begins: datetime, said: str, alone: bool) -> datetime:
    """When what begins then ends: after the length that was said, else after a day or an hour. Raises Invalid."""
    lasts = length(said) if said else timedelta(days=1) if alone else timedelta(hours=1)
    if alone:  # days are counted whole
        lasts = timedelta(days=max(1, -(-lasts // timedelta(days=1))))
    try:
        return begins + lasts
    except OverflowError as err:
        raise Invalid("The event cannot be made like this:", [Problem("it would end after the last day there is.", ("start",))]) from err


def boundaries(window: str, now: datetime) -> tuple[datetime, datetime | None]:
    """From when until when a window reaches; from now on without one. Days begin at midnight UTC. Raises Invalid."""
    today, text = now.replace(hour=0, minute=0, second=0, microsecond=0), " ".join(window.lower().split())
    text = text.removeprefix("the ").removeprefix("next ")
    if not text:
        return now, None
    days = {"today": (0, 1), "tomorrow": (1, 1), "this week": (0, 7 - now.weekday()), "week": (0, 7)}.get(text)
    if days:
        first = today + timedelta(days=days[0])
        return max(first, now) if days[0] == 0 else first, first + timedelta(days=days[1])
    return now, now + length(window.strip() if window.strip()[:1] in "Pp" else text)
