"""The time that somebody asks about: a length up to now, or a day, week, month or year of the calendar so far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

from engine.commands.speaking import local
from engine.errors import Invalid
from engine.workflow.catalogue import did_you_mean, listed
from engine.workflow.durations import duration, in_words

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=366)
CALENDAR = ("today", "week", "month", "quarter", "year")
_MONTHS = re.compile(r"P(?:(?P<years>\d{1,2})Y)?(?:(?P<months>\d{1,3})M)?(?!T)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """From ``since`` on and before ``until``, both UTC and whole seconds; ``words`` go on from “in”: “the last 30 days”, “this month”."""

    since: datetime
    until: datetime
    words: str

    @property
    def length(self) -> timedelta:
        return self.until - self.since


def span_of(window: str, calendar: str, now: datetime, zone: str, usual: timedelta) -> TimeSpan:
    """``window``: an ISO 8601 duration (months and years as the calendar has them) or one like 30d. ``calendar`` goes before it.

    Raises Invalid for a time that is too short, too long or no time, saying what to write.
    """
    now = now.replace(microsecond=0) + timedelta(seconds=1)  # what began this very moment is in it
    found = _calendar(calendar.strip().casefold(), now, zone) if calendar.strip() else _window(window.strip(), now, usual)
    if not SHORTEST <= found.length <= LONGEST:
        raise Invalid(f"Analytics look at 5 minutes to {LONGEST.days} days. Say for example 7d, 30d or “this month”.")
    return found


def _window(said: str, now: datetime, usual: timedelta) -> TimeSpan:
    whole = _MONTHS.fullmatch(said)
    if whole is not None and (whole["years"] or whole["months"]):
        years, months = int(whole["years"] or 0), int(whole["months"] or 0)
        if not 0 < 12 * years + months <= 12:
            raise Invalid(f"Analytics look back at most {LONGEST.days} days. Say for example P1M, 90d or “this year”.")
        count = 12 * years + months
        words = "the last year" if count == 12 else f"the last {count} months" if count > 1 else "the last month"
        return TimeSpan(now - relativedelta(months=count), now, words)
    length = timedelta(seconds=duration(said)) if said else usual
    words = in_words(length)
    return TimeSpan(
        now - min(length, 2 * LONGEST), now, f"the last {words[2:] if words.startswith('1 ') and ' ' not in words[2:] else words}"
    )


def _calendar(name: str, now: datetime, zone: str) -> TimeSpan:
    if name not in CALENDAR:
        raise Invalid(f"“{name[:40]}” is no part of the calendar.{did_you_mean(name, CALENDAR)} Say one of {listed(CALENDAR)}.")
    midnight = local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begun = {
        "today": midnight,
        "week": midnight - timedelta(days=midnight.weekday()),
        "month": midnight.replace(day=1),
        "quarter": midnight.replace(day=1, month=midnight.month - (midnight.month - 1) % 3),
        "year": midnight.replace(day=1, month=1),
    }[name]
    words = "today" if name == "today" else f"this {name}"
    return TimeSpan(min(begun.astimezone(now.tzinfo), now - SHORTEST), now, words)
