"""Times of day of a recurrence: at which, at which minutes of an hour, and between which hours."""

from __future__ import annotations

import re

from intents.when.calendar_words import WORKDAYS
from intents.when.clock import BARE, CLEAR, PART, TIMES, TimeOfDay, read_time, read_times
from intents.when.pattern import Pattern
from intents.when.tape import Tape

_WINDOW = re.compile(
    rf"\b(?:(?:between|from)\s+)?(?P<a>{CLEAR}|{BARE})\s*(?:and|to|until|till|til|-|–)\s*(?P<b>{CLEAR}"
    rf"|{BARE}){PART.format('part')}?",
    re.IGNORECASE,
)
_OFFICE = re.compile(r"\b(?:during|in)\s+(?:business|office|working|work)\s+hours\b", re.IGNORECASE)
_PAST_HOUR = re.compile(
    r"\b(?:at\s+)?(?:(?:minutes?\s+)?:?\d{1,2}\s*(?:,|and)\s*)?(?:(?P<b>\d{1,2})|(?P<c>quarter|half))\s+(?:minutes?\s+)?(?:past|after)(?:\s+(?:the|each|every)\s+hour)?\b(?!\s+(?:\d|noon))"
    r"|(?<!\d)(?:\bat\s+)?:\d\d(?:\s*(?:,\s*and|,|and|&)\s*:\d\d)*(?:\s+past\s+(?:the|each|every)\s+hour)?\b",
    re.IGNORECASE,
)


def hour_past(tape: Tape, pattern: Pattern) -> None:
    """ "at 10 past every hour" repeats by itself."""
    match = re.search(r"\b(?:at\s+)?(?P<m>\d{1,2}|quarter|half)\s+(?:minutes?\s+)?past\s+(?:every|each)\s+hour\b", tape.text, re.IGNORECASE)
    if match is not None:
        minute = {"quarter": 15, "half": 30}.get(match["m"].lower())
        pattern.unit, pattern.minutes = "H", (int(match["m"]) if minute is None else minute,)
        tape.cut(match.start(), match.end())


_ANCHORED = re.compile(
    rf"\b(?:starting|beginning|from)\s+(?:(?:at|from)\s+)?(?P<t>{CLEAR}|{BARE})(?!\s*(?:-|–|to\b|until\b|till\b|til\b|and\b|through\b))",
    re.IGNORECASE,
)


def _anchored(tape: Tape, pattern: Pattern) -> None:
    """ "every 6 hours starting at 6:30": the same times every day, where a day is so many of them."""
    if _WINDOW.search(tape.text):  # "from 9 to 5" has an end
        return
    match = _ANCHORED.search(tape.text) if pattern.unit == "H" and pattern.every > 0 and 24 % pattern.every == 0 else None
    time = read_time(match["t"]) if match is not None else None
    if match is not None and time is not None:
        tape.cut(match.start(), match.end())
        pattern.unit = "W" if pattern.days else "D"
        pattern.times = [TimeOfDay(hour, time.minute) for hour in sorted((time.hour + step) % 24 for step in range(0, 24, pattern.every))]
        pattern.every = 1


def hours(tape: Tape, pattern: Pattern) -> None:
    _anchored(tape, pattern)
    if pattern.unit in ("M", "H"):
        _window(tape, pattern)
    if pattern.unit == "H":
        _past_hour(tape, pattern)
    while (match := TIMES.search(tape.text)) is not None:
        part = pattern.part
        found = read_times(match[0], part)
        tape.cut(match.start(), match.end())
        if found is None:
            pattern.problem = f"“{match[0].strip()}” is not a time of day. At what time should it happen?"
            return
        pattern.times.extend(time for time in found if time not in pattern.times)
    pattern.times.sort()


def _past_hour(tape: Tape, pattern: Pattern) -> None:
    while (past := tape.take(_PAST_HOUR)) is not None:
        named = (past["c"] or "").lower()
        minutes = {"quarter": (15,), "half": (30,)}.get(named) or tuple(int(one) for one in re.findall(r"\d+", past[0]))
        if any(minute > 59 for minute in minutes):
            pattern.problem = f"“{past[0].strip()}” is no minute of an hour. At which minute should it happen?"
        pattern.minutes = tuple(sorted({*pattern.minutes, *minutes}))
    tape.take(re.compile(r"\b(?:right\s+)?on\s+the\s+hour\b", re.IGNORECASE))


def _window(tape: Tape, pattern: Pattern) -> None:
    match = tape.take(_OFFICE)
    if match is not None:
        pattern.window, pattern.days = (TimeOfDay(9), TimeOfDay(17)), pattern.days or WORKDAYS
        return
    match = tape.take(_WINDOW)
    if match is None:
        return
    first, last = _span_of_day(match["a"], match["b"], match["part"] or "")
    if first is None or last is None or first.minute:
        pattern.problem = "Between which full hours should it happen?"
    else:
        pattern.window = (first, last)


def _span_of_day(first: str, last: str, part: str) -> tuple[TimeOfDay | None, TimeOfDay | None]:
    """ "9 to 5" is a working day: two bare hours of which the second is less mean morning and afternoon."""
    begin, end = read_time(first), read_time(last, part)
    plain = first.strip().isdigit() and last.strip().isdigit()
    if (
        plain
        and begin is not None
        and end is not None
        and end.hour < begin.hour <= 12
        and end.hour >= 1
        and not last.strip().startswith("0")
    ):
        end = TimeOfDay(end.hour + 12, end.minute)
    return begin, end
