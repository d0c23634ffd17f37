"""What repeats, in words: from "every other Thursday at 4pm" to the facts a schedule is made of."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from intents.when.calendar_words import WEEKDAY, weekday_of
from intents.when.ends import take_end, take_start
from intents.when.hours import hour_past, hours
from intents.when.monthly import month_days, only_months, ordinal_days, yearly_date
from intents.when.numbers import DURATION, NUMBER, UNIT, UNITS, number
from intents.when.pattern import Pattern
from intents.when.tape import Tape
from intents.when.weekly import DAY, NAMED_DAYS, day_list, day_range, day_set, exclude

NOISE = re.compile(
    rf"\b(?!of\s+next\b)(?:in|over|for|during|within|inside|from|of|since)\s+(?:the\s+|an?\s+)?(?:last|past|previous|next"
    rf"|coming)\s+(?:{NUMBER}\s+)?{UNIT}\b"
    rf"|\b(?:last|past|previous|next)\s+{NUMBER}\s*{UNIT}\b|\b(?:within|inside|older\s+than|newer\s+than|more\s+than"
    rf"|less\s+than|under|over|horizon:?)\s+(?:of\s+)?{DURATION}"
    rf"|\bduring\s+the\s+(?:day|week|month)\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    rf"(?:,?\s*\(?\b(?:except|excluding|but\s+not|not|apart\s+from|other\s+than)\s+(?:for\s+|on\s+)?(?:the\s+)?(?P<what>weekends?"
    rf"|weekdays|{NAMED_DAYS}(?:\s*(?:,|and|or)\s*{NAMED_DAYS})*|(?:all\s+)?other\s+days|rest)\)?)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"\b(?:for\s+(?:the\s+next\s+)?(?P<n>{NUMBER})\s+(?P<what>minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|times|occurrences)"
    rf"|(?P<n2>{NUMBER})\s+times)\b(?!\s+(?:a|an|per|if|on\s+failure))",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    rf"\b(?:(?:once\s+)?every|each|once\s+in)\s+(?P<n>other|second|2nd|third|3rd|{NUMBER})[\s-]*(?P<u>{UNIT}|nights?|{DAY}s?)\b(?!\.com)", re.IGNORECASE
)  # fmt: skip
_UNIT_WORD = re.compile(
    rf"\b(?:(?:every|each|once\s+an?|once\s+per|per|of\s+every|of\s+each|twice\s+a|twice\s+per"
    rf"|{NUMBER}\s+times\s+(?:an?|per|each|every))\s+(?:single\s+)?(?P<u>hour|day|night|morning|afternoon|evening|week|month|quarter|year"
    rf"|minute|second)"
    r"|(?P<w>daily|everyday|nightly|hourly|weekly|monthly|quarterly|yearly|annually|fortnightly|bi-?weekly|bi-?monthly))\b(?!-)",
    re.IGNORECASE,
)
_ADVERBS = {
    "daily": "D",
    "everyday": "D",
    "nightly": "D",
    "hourly": "H",
    "weekly": "W",
    "monthly": "mon",
    "quarterly": "Q",
    "yearly": "Y",
    "annually": "Y",
}
_UNIT_NAMES = {"night": "D", "morning": "D", "afternoon": "D", "evening": "D"}


def recurrence_on(tape: Tape, now: datetime, zone: str) -> Pattern | None:
    """Read and cut everything that belongs to a recurrence; None (and nothing cut that matters) when nothing repeats."""
    pattern = Pattern()
    whole = tape.text
    pattern.until, pattern.start = take_end(tape, now, zone), take_start(tape, now, zone)
    excluded = tape.take(_EXCEPT) if re.search(r"\b(?:every|each|daily|\w*days?\b|hourly)", tape.text, re.IGNORECASE) else None
    _announced(tape, pattern)
    hour_past(tape, pattern)
    for read in (month_days, ordinal_days, _interval, _unit_word, day_range, day_set, day_list):
        read(tape, pattern)
    if not pattern.repeats:
        return None
    yearly_date(tape, pattern)
    only_months(tape, pattern)
    _count(tape, pattern, now.astimezone(ZoneInfo(zone)))
    days = list(tape.spans)
    tape.hide(NOISE)
    hours(tape, pattern)
    if excluded is not None:
        exclude(excluded["what"], pattern)
    _settle(pattern, whole, days, tape.spans[len(days) :])
    return pattern


_ANNOUNCED = re.compile(
    rf"\b(?:(?P<w>twice|thrice)|(?P<n>{NUMBER})\s+times)\s+(?:(?:an?|per|every|each)\s+)?(?P<u>hour|day|daily|week|weekly|month|monthly|quarter|year|yearly)\b",
    re.IGNORECASE,
)


def _announced(tape: Tape, pattern: Pattern) -> None:
    match = _ANNOUNCED.search(tape.text)
    if match is not None:
        unit = {"daily": "D", "weekly": "W", "monthly": "mon", "yearly": "Y"}.get(match["u"].lower()) or UNITS[match["u"].lower()]
        pattern.announced = (int(number(match["w"] or match["n"]) or 0), unit)
        if match["u"].lower().endswith("ly"):
            tape.cut(match.start(), match.start("u"))


def _settle(pattern: Pattern, whole: str, days: list[tuple[int, int]], times: list[tuple[int, int]]) -> None:
    """Contradictions, and what has to be asked although all of it was read."""
    if pattern.problem:
        return
    if pattern.unit in ("M", "H") and pattern.times:
        pattern.problem = (
            "Should it run again and again, or at that time of day? For example “every 2 hours from 9 to 17”, or “every day at 9:00”."
        )
    elif _twofold(whole, days, times):
        pattern.problem = "That is more than one schedule. Please make a workflow for each, or say one time for all those days."
    elif pattern.unit == "Q" and pattern.every > 1:
        pattern.problem = "In which months is that? For example “on the 1st of January and July at 9:00”."
    elif not pattern.months and pattern.unit == "mon" and any(day > 28 for day in pattern.monthdays):
        day = max(pattern.monthdays)
        pattern.problem = (
            f"Not every month has a day {day}. Is it the last day of the month, or only in the months that have it (name those)?"
        )
    elif pattern.unit == "W" and not pattern.days and pattern.announced[0] == 0 and pattern.ordinal_day:
        pattern.problem = "On which day is that?"
    if pattern.every > 1 and pattern.unit == "W" and len(pattern.days) > 1 and re.search(r"\bbi-?weekly\b", whole, re.IGNORECASE):
        pattern.problem = "Is that twice a week, or every two weeks?"


def _twofold(whole: str, days: list[tuple[int, int]], times: list[tuple[int, int]]) -> bool:
    """ "Mondays at 9 and Fridays at 16": day and time take turns more than once."""
    named = [
        (start, "D")
        for start, stop in days
        if re.search(rf"(?:{WEEKDAY})|weekday|weekend|\bdays?\b|\d(?:st|nd|rd|th)", whole[start:stop], re.IGNORECASE)
        and not re.match(
            r"[\s,(]*(?:except|excluding|but|not|apart|other|from|for|until|till|through|starting|beginning)\b",
            whole[start:stop],
            re.IGNORECASE,
        )
    ]
    order = "".join(kind for _, kind in sorted([*named, *((start, "T") for start, _ in times)]))
    return "DTDT" in re.sub(r"(.)\1+", r"\1", order) or "TDTD" in re.sub(r"(.)\1+", r"\1", order)


def _interval(tape: Tape, pattern: Pattern) -> None:
    match = _INTERVAL.search(tape.text)
    if match is None:
        return
    word, unit = match["n"].lower(), match["u"].lower()
    count = {"other": 2, "second": 2, "2nd": 2, "third": 3, "3rd": 3}.get(word) or number(word) or 0
    tape.cut(match.start(), match.end())
    if UNITS.get(unit) is None and unit not in ("night", "nights"):
        pattern.days, pattern.unit, pattern.every = (weekday_of(unit),), "W", int(count)
        return
    pattern.unit, pattern.every = UNITS.get(unit, "D"), int(count)
    if pattern.unit == "F":
        pattern.unit, pattern.every = "W", 2 * pattern.every
    if count != int(count) or count <= 0:
        pattern.unit, pattern.every = ("M", 30) if (count, pattern.unit) == (0.5, "H") else (pattern.unit, 0)
    if pattern.unit == "S" or pattern.every <= 0:
        pattern.problem = _TOO_OFTEN


def _unit_word(tape: Tape, pattern: Pattern) -> None:
    match = next((found for found in _UNIT_WORD.finditer(tape.text) if not _is_a_name(tape.text, found)), None)
    if match is None or (pattern.unit and pattern.every > 1):
        return
    tape.cut(match.start(), match.end())
    if pattern.ordinal_day:
        return
    word = (match["w"] or "").lower().replace("-", "")
    unit = (match["u"] or "").lower()
    pattern.part = unit if unit in ("morning", "afternoon", "evening", "night") else "night" if word == "nightly" else pattern.part
    if word in ("fortnightly", "biweekly"):
        pattern.unit, pattern.every = "W", 2
    elif word == "bimonthly":
        pattern.unit, pattern.problem = "mon", "Is that every two months, or twice a month?"
    else:
        pattern.unit = _ADVERBS.get(word) or _UNIT_NAMES.get(unit) or UNITS[unit]
    if pattern.unit == "S":
        pattern.problem = _TOO_OFTEN


_TOO_OFTEN = "How often is that? The shortest interval is one minute, for example “every 5 minutes”."


def _is_a_name(text: str, match: re.Match[str]) -> bool:
    """ "in channel Daily", "the weekly digest every Monday": part of a name, not of the time."""
    before = text[: match.start()]
    if match["w"] and re.search(
        r"\b(?:channel|board|page|list|project|called|named|folder|database|group|flow|workflow)\s+$", before, re.IGNORECASE
    ):
        return True
    other = re.search(r"\b(?:every|each)\b", text[: match.start()] + " " + text[match.end() :], re.IGNORECASE)
    return bool(match["w"] and other and re.search(r"\b(?:the|our|a|my)\s+$", before, re.IGNORECASE))


_LASTING = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks", "mo": "months", "y": "years"}


def _count(tape: Tape, pattern: Pattern, local: datetime) -> None:
    match = _COUNT.search(tape.text)
    if match is None:
        return
    count, what = int(number(match["n"] or match["n2"]) or 0), (match["what"] or "times").lower()
    if what.startswith(("time", "occ")):
        total = count
    elif what.startswith("day"):
        total = count if pattern.unit == "D" else 0
    elif what.startswith("week"):
        total = {"W": count * max(1, len(pattern.days)) // pattern.every, "D": count * 7}.get(pattern.unit, 0)
    else:
        total = count if pattern.unit == "mon" and what.startswith("month") and pattern.every == 1 else 0
    lasting = _LASTING.get((what if what.startswith("mo") else what[0])[:2].rstrip("s"), "")
    if not total and count and lasting and match["n"] and (pattern.unit in ("M", "H") or lasting not in ("minutes", "hours")):
        tape.cut(match.start(), match.end())
        pattern.until = (local + relativedelta(**{lasting: min(count, 1000)})).replace(tzinfo=None, microsecond=0)  # type: ignore[arg-type]
        return
    if total and not re.search(r"\b(?:retry|try|retries)\b", tape.text[: match.start()][-20:], re.IGNORECASE):
        tape.cut(match.start(), match.end())
        pattern.count = total
