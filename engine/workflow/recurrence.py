"""One recurrence rule (RFC 5545 RRULE without DTSTART) as moments of a local calendar that knows no zone.

Rules have no start of their own, so all are anchored at Monday 2024-01-01 00:00: "every two weeks" means the same weeks in every run,
on every machine. Frequencies run from MINUTELY to YEARLY. COUNT is read, but without a start there is nothing to count from: ``counted``
(``engine.workflow.calendar``) turns it into UNTIL once the moment of making is known, and until then it does not end the rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from dateutil.rrule import rrulestr

from engine.errors import Invalid
from engine.workflow.catalogue import did_you_mean

ANCHOR: Final = datetime(2024, 1, 1)  # noqa: DTZ001 - a local moment without a zone
FREQUENCIES: Final = ("MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# How far ahead a fire is looked for: a leap day on a given weekday comes within 40 years; finer rules scan minutes.
HORIZON: Final = timedelta(days=366 * 40)
FINE_HORIZON: Final = timedelta(days=366 * 5)
MAX_INTERVAL: Final = 10_000
MAX_COUNT: Final = 1_000

_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
_ONLY_IN: Final[Mapping[str, tuple[str, ...]]] = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY",),
    "BYSETPOS": ("DAILY", "MONTHLY", "YEARLY"),
    "BYMONTHDAY": ("MINUTELY", "HOURLY", "DAILY", "MONTHLY", "YEARLY"),
}
_LONGEST: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days
_KEYS: Final = ("FREQ", "INTERVAL", "UNTIL", "COUNT", "WKST", "BYDAY", "BYSECOND", *_RANGES)
_DAY: Final = re.compile(rf"([+-]?\d{{1,2}})?({'|'.join(DAYS)})")
_UNTIL: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """``parts`` are the rule's own, in upper case. ``until`` is the last moment it may fire, local unless ``until_utc``."""

    text: str
    frequency: str
    interval: int
    parts: Mapping[str, str]
    until: datetime | None = None
    until_utc: bool = False
    count: int | None = None

    @property
    def elapsed(self) -> bool:
        """Whether it counts real time only ("every 45 minutes") and not hours of the day."""
        return self.frequency in ("MINUTELY", "HOURLY") and not any(key.startswith("BY") and key != "BYSECOND" for key in self.parts)

    @property
    def step(self) -> timedelta:
        """Between two fires of an elapsed rule."""
        return self.interval * (timedelta(minutes=1) if self.frequency == "MINUTELY" else timedelta(hours=1))

    def numbers(self, key: str) -> tuple[int, ...]:
        return tuple(sorted(int(word) for word in self.parts[key].split(","))) if key in self.parts else ()

    def local(self, since: datetime) -> Iterator[datetime]:
        """Local moments from ``since`` on, in order, as far as the horizon. Not for elapsed rules."""
        if self.frequency in ("MINUTELY", "HOURLY"):
            return self._fine(since)
        return self._coarse(since)

    def _coarse(self, since: datetime) -> Iterator[datetime]:
        rule: Any = rrulestr(self.rule(), dtstart=self._start(since))
        for moment in rule.xafter(since, inc=True):
            if moment > since + HORIZON:
                return
            yield moment

    def _fine(self, since: datetime) -> Iterator[datetime]:
        """Days by the date parts, minutes within them by the rest."""
        dates = {
            key: value for key, value in self.parts.items() if key in ("BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "WKST")
        }
        rule: Any = rrulestr(";".join(["FREQ=DAILY", *(f"{key}={value}" for key, value in dates.items())]), dtstart=_midnight(since))
        for day in rule.xafter(_midnight(since), inc=True):
            if day > since + FINE_HORIZON:
                return
            for minute in self._minutes(day):
                if day + timedelta(minutes=minute) >= since:
                    yield day + timedelta(minutes=minute)

    def _minutes(self, day: datetime) -> Iterator[int]:
        """Minutes of the day on which the rule's beat, counted from the anchor, and its hours and minutes agree."""
        hours, minutes = self.numbers("BYHOUR"), self.numbers("BYMINUTE")
        since_anchor = (day - ANCHOR).days
        if self.frequency == "HOURLY":
            for hour in range(-since_anchor * 24 % self.interval, 24, self.interval):
                if not hours or hour in hours:
                    yield from (hour * 60 + minute for minute in minutes or (0,))
            return
        for total in range(-since_anchor * 1440 % self.interval, 1440, self.interval):
            if (not hours or total // 60 in hours) and (not minutes or total % 60 in minutes):
                yield total

    def rule(self) -> str:
        return ";".join(f"{key}={value}" for key, value in self.parts.items() if key not in ("UNTIL", "COUNT"))

    def ending(self, last: datetime) -> str:
        """The rule with UNTIL (``last`` is UTC) in place of COUNT."""
        return f"{self.rule()};UNTIL={last:%Y%m%dT%H%M%SZ}"

    def _start(self, since: datetime) -> datetime:
        """The anchor, moved by whole beats to shortly before ``since``: years of past fires need not be walked through."""
        behind = max(0, (since - ANCHOR).days)
        if self.frequency in ("DAILY", "WEEKLY"):
            beat = self.interval * (1 if self.frequency == "DAILY" else 7)
            return ANCHOR + timedelta(days=max(0, behind // beat - 1) * beat)
        beat = self.interval * (1 if self.frequency == "MONTHLY" else 12)
        months = max(0, behind // 31 // beat - 1) * beat
        return ANCHOR.replace(year=ANCHOR.year + months // 12, month=1 + months % 12)


def tidy(text: str) -> str:
    """The canonical spelling: upper case, no ``RRULE:``, no spaces."""
    return re.sub(r"\s+", "", text).upper().removeprefix("RRULE:").strip(";")


@lru_cache(maxsize=512)
def recurrence(text: str) -> Recurrence:
    """Raises Invalid with one sentence for what is no rule, or one that cannot be kept."""
    parts = _parts(tidy(text))
    frequency = parts.get("FREQ", "")
    if frequency not in FREQUENCIES:
        offered = "at most once a minute: use MINUTELY" if frequency == "SECONDLY" else f"use one of {', '.join(FREQUENCIES)}"
        raise Invalid(f"A recurrence needs FREQ; {offered}.")
    interval = _number("INTERVAL", parts.get("INTERVAL", "1"), 1, MAX_INTERVAL)
    count = _number("COUNT", parts["COUNT"], 1, MAX_COUNT) if "COUNT" in parts else None
    if count and "UNTIL" in parts:
        raise Invalid("A recurrence ends by UNTIL or by COUNT, not by both.")
    for key, (low, high) in _RANGES.items():
        for word in parts[key].split(",") if key in parts else ():
            _number(key, word, low, high, zero=low == 0)
    _check_fit(parts, frequency)
    _check_days(parts, frequency)
    until, until_utc = _until(parts.get("UNTIL", ""))
    made = Recurrence(tidy(text), frequency, interval, parts, until, until_utc, count)
    _try_out(made)
    return made


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for pair in text.split(";"):
        key, equals, value = pair.partition("=")
        if key == "DTSTART" or key.startswith("DTSTART"):
            raise Invalid("A recurrence has no DTSTART here; use BYHOUR and BYMINUTE for the time of day.")
        if not equals or not value or key not in _KEYS:
            raise Invalid(f"“{pair[:60]}” is no part of a recurrence.{did_you_mean(key, _KEYS)}")
        if key in parts:
            raise Invalid(f"The recurrence says {key} twice.")
        parts[key] = value
    if set(parts.get("BYSECOND", "0").split(",")) != {"0"}:
        raise Invalid("Schedules are kept to the minute: leave BYSECOND out.")
    if parts.get("WKST", "MO") not in DAYS:
        raise Invalid(f"WKST must be one of {', '.join(DAYS)}.")
    return parts


def _number(key: str, word: str, low: int, high: int, *, zero: bool = True) -> int:
    if not re.fullmatch(r"[+-]?\d{1,5}", word) or not low <= int(word) <= high or (not zero and int(word) == 0):
        raise Invalid(f"{key}={word[:20]} must be a whole number from {low} to {high}{'' if zero else ', not 0'}.")
    return int(word)


def _check_fit(parts: Mapping[str, str], frequency: str) -> None:
    """Parts that mean nothing in this frequency (RFC 5545 §3.3.10), and days that no month has: looking for those would never end."""
    for key, needed in _ONLY_IN.items():
        if key in parts and frequency not in needed:
            raise Invalid(f"{key} needs FREQ={' or '.join(needed)}.")
    months = [int(word) for word in parts.get("BYMONTH", "1").split(",")]
    days = [abs(int(word)) for word in parts.get("BYMONTHDAY", "1").split(",")]
    if min(days) > max(_LONGEST[month - 1] for month in months):
        raise Invalid("This recurrence never comes true: no such month has that day.")


def _check_days(parts: Mapping[str, str], frequency: str) -> None:
    for word in parts["BYDAY"].split(",") if "BYDAY" in parts else ():
        match = _DAY.fullmatch(word)
        if match is None:
            raise Invalid(f"“{word[:20]}” is no day of the week; use {', '.join(DAYS)}, or 1MO, -1FR in a month.")
        if match[1] and (frequency not in ("MONTHLY", "YEARLY") or not 1 <= abs(int(match[1])) <= 53):
            raise Invalid(f"“{word}” counts weekdays of a month or year; it needs FREQ=MONTHLY or YEARLY.")


def _until(text: str) -> tuple[datetime | None, bool]:
    if not text:
        return None, False
    match = _UNTIL.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        day = date(int(match[1]), int(match[2]), int(match[3]))
        clock = time(int(match[4]), int(match[5]), int(match[6])) if match[4] else time(23, 59, 59)
    except ValueError as error:
        raise Invalid(f"UNTIL={text[:30]} is no date; write 20261231 or 20261231T180000Z.") from error
    return datetime.combine(day, clock), bool(match[7])


def _try_out(made: Recurrence) -> None:
    """A rule must be readable by the calendar and must fire at some time."""
    if made.elapsed:
        return
    try:
        first = next(made.local(ANCHOR), None)
    except (ValueError, OverflowError) as error:
        raise Invalid(f"The recurrence cannot be read: {error}.") from error
    if first is None:
        raise Invalid("This recurrence never comes true. Look at its days and months.")


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def until_instant(rule: Recurrence, localised: datetime) -> datetime | None:
    """The UTC moment after which the rule is over. ``localised`` is its ``until`` in the schedule's zone."""
    if rule.until is None:
        return None
    return rule.until.replace(tzinfo=UTC) if rule.until_utc else localised
