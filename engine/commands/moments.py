"""Moments and spans that people type into a form: ``30m``, ``2 h``, ``18:30``, ``tomorrow 9:00``, ``monday 9:00``, ``2026-11-30 09:00``.

Sentences are read by the grammar of the faces' words; a form has no sentence around it, so here little is understood and the rest is refused.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from dateutil.parser import isoparse

from engine.commands.speaking import local
from engine.errors import Invalid, Rejected
from engine.monitoring.oncall import WEEKDAYS
from engine.workflow.calendar import zone_named
from engine.workflow.durations import duration

_SPAN = re.compile(r"(?:for\s+)?(?P<n>\d+(?:\.\d+)?)\s*(?P<u>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?)", re.IGNORECASE)
_DAY_AND_TIME = re.compile(
    r"(?:until\s+)?(?:(?P<day>[a-z]+)(?:\s+(?:at\s+)?|$))?(?P<time>\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm)?)?", re.IGNORECASE
)
_TIME = re.compile(r"(?P<h>\d{1,2})(?:[:.](?P<m>\d\d))?\s*(?P<half>am|pm)?", re.IGNORECASE)
_DAYS = {day.casefold(): number for number, day in enumerate(WEEKDAYS)} | {
    day[:3].casefold(): number for number, day in enumerate(WEEKDAYS)
}
MORNING = time(9)
EXAMPLES = "Say it like 30m, 2h, 18:30, tomorrow 9:00, Monday 9:00 or 2026-11-30 09:00."


def moment(said: str, now: datetime, zone: str) -> datetime:
    """The moment to come that is meant, in ``zone`` where none is said. Raises Rejected with examples."""
    text = " ".join(said.strip().split())
    found = _after(text, now) or _exact(text, now, zone) or _on_a_day(text, now, zone)
    if found is None or len(text) > 60:
        raise Rejected(f"I could not read the time “{text[:40]}”. {EXAMPLES}")
    if found <= now:
        raise Rejected(f"“{text[:40]}” is past already. {EXAMPLES}")
    return found


def in_zone(at: datetime | None, zone: str) -> datetime | None:
    """A moment that was sent without a zone is meant in the asker's."""
    return at.replace(tzinfo=zone_named(zone)) if at is not None and at.tzinfo is None else at


def _after(text: str, now: datetime) -> datetime | None:
    if span := _SPAN.fullmatch(text):
        text = span["n"] + span["u"][0].lower()
    elif text.isdecimal():
        return None  # half past nothing: 30 could be minutes or hours
    try:
        return now + timedelta(seconds=duration(text.removeprefix("for ")))
    except (Invalid, OverflowError):
        return None


def _exact(text: str, now: datetime, zone: str) -> datetime | None:
    try:
        at = isoparse(text.removeprefix("until ").replace(" ", "T", 1))
    except (ValueError, OverflowError):
        return None
    if len(text) < 8 or "-" not in text:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=zone_named(zone))


def _on_a_day(text: str, now: datetime, zone: str) -> datetime | None:
    match = _DAY_AND_TIME.fullmatch(text)
    if match is None or not (match["day"] or match["time"]):
        return None
    at = clock(match["time"]) if match["time"] else MORNING
    if at is None:
        return None
    here = local(now, zone)
    day = (match["day"] or "").casefold()
    found = datetime.combine(here.date(), at, here.tzinfo)
    if day == "tomorrow":
        return found + timedelta(days=1)
    if day in _DAYS:
        ahead = (_DAYS[day] - here.weekday()) % 7
        return found + timedelta(days=ahead or (0 if found > here else 7))
    if day in ("", "today", "tonight", "until"):
        return found if day in ("today", "tonight") or found > here else found + timedelta(days=1)
    return None


def clock(said: str) -> time | None:
    """``9``, ``9:00``, ``9.30``, ``5pm``; None for what is no time of a day."""
    match = _TIME.fullmatch(said.strip())
    if match is None:
        return None
    hour, minute = int(match["h"]), int(match["m"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
