"""Days of the week that come back: "Mondays", "Tue and Thu", "Monday to Thursday", "weekdays", "every weekend", "except Fridays"."""

from __future__ import annotations

import re

from intents.when.calendar_words import WEEKDAY, WEEKEND, WORKDAYS, weekday_of
from intents.when.numbers import NUMBER
from intents.when.pattern import Pattern
from intents.when.tape import Tape

DAY = rf"(?:{WEEKDAY})"
NAMED_DAYS = rf"\b(?:{WEEKDAY})s?\b(?!\.com|\s+(?:board|item|column)|'s\b)"
WORKDAY = r"(?:work(?:ing)?|business|week)[\s-]?days?"

_DAY_RANGE = re.compile(
    rf"\b(?:from\s+|every\s+|on\s+)?(?P<a>{DAY})s?\s*(?:-|–|to|through|thru|until|till|til)\s*(?P<b>{DAY})s?\b", re.IGNORECASE
)
_DAY_SET = re.compile(
    rf"(?:\b(?:on|every|each|all)\s+)*(?<![\d\s]\s)\b(?P<set>{WORKDAY}|weekends?)\b(?:\s+(?P<part>morning|afternoon|evening|night)s?\b)?",
    re.IGNORECASE,
)
_DAY_LIST = re.compile(
    rf"(?P<lead>(?:\b(?:on|every|each|the)\s+)*)(?<!\bin\s)(?P<days>{NAMED_DAYS}(?:\s*(?:,\s*and|,|and|&|/)\s*(?:on\s+"
    rf"|every\s+)?{NAMED_DAYS})*)(?:\s+(?P<part>morning|afternoon|evening|night)s?\b)?",
    re.IGNORECASE,
)


_MORE = rf"(?:(?P<a>{DAY})s?\s*(?:-|–|to|through|thru)\s*(?P<b>{DAY})s?|(?P<set>weekdays?|weekends?|work(?:ing)?\s?days?)|(?P<day>{NAMED_DAYS}))"
_JOIN = r"\s*(?:,\s*and|,|\band\b|&|\bplus\b|\+|\bas\s+well\s+as\b)\s*"
_BEHIND = re.compile(rf"{_JOIN}(?:(?:on|every|each|the)\s+)*{_MORE}\b", re.IGNORECASE)
_BEFORE = re.compile(rf"(?:\b(?:on|every|each)\s+)*\b{_MORE}{_JOIN}(?:(?:on|every|each|the)\s+)*$", re.IGNORECASE)


def more_days(tape: Tape, pattern: Pattern) -> None:
    """ "Mon-Wed and Fri", "weekdays and Saturdays": days joined to days that were just read, before and behind."""
    if not pattern.days or pattern.ordinal_day or pattern.every > 1:
        return
    while (match := _BEHIND.match(tape.text, tape.spans[-1][1])) is not None and match.end() > match.start():
        tape.cut(match.start(), match.end())
        pattern.days = tuple(sorted({*pattern.days, *_named(match)}))
    start = min(begin for begin, _ in tape.spans[-1:])
    while (match := _BEFORE.search(tape.text[:start])) is not None:
        tape.cut(match.start(), match.end())
        start, pattern.days = match.start(), tuple(sorted({*pattern.days, *_named(match)}))


def _named(match: re.Match[str]) -> tuple[int, ...]:
    if match["a"]:
        first, last = weekday_of(match["a"]), weekday_of(match["b"])
        return tuple(day % 7 for day in range(first, (last if last >= first else last + 7) + 1))
    if match["set"]:
        return WEEKEND if match["set"].lower().startswith("weekend") else WORKDAYS
    return (weekday_of(match["day"]),)


def day_range(tape: Tape, pattern: Pattern) -> None:
    match = _DAY_RANGE.search(tape.text)
    if match is None or pattern.days:
        return
    tape.cut(match.start(), match.end())
    first, last = weekday_of(match["a"]), weekday_of(match["b"])
    _weekly(pattern, tuple(day % 7 for day in range(first, (last if last >= first else last + 7) + 1)))
    more_days(tape, pattern)


def day_set(tape: Tape, pattern: Pattern) -> None:
    match = _DAY_SET.search(tape.text)
    if match is None or pattern.days or pattern.ordinal_day:
        return
    singular = re.fullmatch(r"(?:weekend|\w+\s?day|weekday)", match["set"], re.IGNORECASE) and not re.search(
        r"\b(?:every|each)\b", match[0], re.IGNORECASE
    )
    if re.search(rf"\b{NUMBER}\s+$", tape.text[: match.start("set")], re.IGNORECASE):  # "in five working days"
        return
    if singular and not pattern.unit and not (match["part"] and match[0].lower().endswith("s")):
        return
    tape.cut(match.start(), match.end())
    pattern.part = (match["part"] or pattern.part).lower()
    _weekly(pattern, WEEKEND if match["set"].lower().startswith("weekend") else WORKDAYS)
    more_days(tape, pattern)


def _weekly(pattern: Pattern, days: tuple[int, ...]) -> None:
    pattern.days = days
    if pattern.unit not in ("M", "H", "W"):
        pattern.unit = "W"


def day_list(tape: Tape, pattern: Pattern) -> None:
    if pattern.days or pattern.ordinal_day:
        return
    match = _DAY_LIST.search(tape.text)
    if match is None:
        return
    words = re.findall(rf"\b{DAY}s?\b", match["days"], re.IGNORECASE)
    repeated = (
        re.search(r"\b(?:every|each)\b", match["lead"], re.IGNORECASE)
        or any(_plural(word) for word in words)
        or len(words) > 1
        or _many_parts(match)
    )
    if not (repeated or pattern.unit == "W"):
        return
    tape.cut(match.start(), match.end())
    pattern.part = (match["part"] or "").lower()
    _weekly(pattern, tuple(sorted({weekday_of(word) for word in words})))


def _many_parts(match: re.Match[str]) -> bool:
    """ "Monday mornings" are many."""
    return bool(match["part"]) and match[0].lower().endswith("s")


def _plural(word: str) -> bool:
    return word.lower().endswith("days")


def exclude(what: str, pattern: Pattern) -> None:
    words = what.lower()
    if "other" in words or words == "rest":
        return
    if words.startswith("weekend"):
        out: tuple[int, ...] = WEEKEND
    elif words == "weekdays":
        out = WORKDAYS
    else:
        out = tuple(weekday_of(word) for word in re.findall(DAY, words, re.IGNORECASE))
    if pattern.unit == "D" and pattern.every == 1:
        pattern.unit = "W"
    pattern.days = tuple(day for day in (pattern.days or range(7)) if day not in out)
