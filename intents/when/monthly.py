"""Days of the month and of the year that come back: "the 1st and 15th", "last Friday of each quarter", "every 4 July"."""

from __future__ import annotations

import re

from intents.when.calendar_words import MONTH, MONTHS, ORDINAL, ORDINALS, weekday_of
from intents.when.pattern import Pattern
from intents.when.tape import Tape
from intents.when.weekly import DAY, NAMED_DAYS, WORKDAY

_ORDINAL_DAY = re.compile(
    rf"(?:\b(?P<every>every|each)\s+|\bon\s+|\bthe\s+|\bmonthly\s+)*\b(?P<ords>{ORDINAL}(?:\s*(?:,\s*and|,|and"
    rf"|&)\s*(?:the\s+)?{ORDINAL})*)\s+(?P<day>{NAMED_DAYS}|{WORKDAY}|day)\b"
    rf"(?:\s+(?:of|in)\s+(?P<of>(?:the|each|every|a|per|any)?\s*(?:calendar\s+)?(?P<period>month|quarter|year)\b"
    rf"|{MONTH}(?:\s*(?:,\s*and|,|and|&)\s*{MONTH})*))?",
    re.IGNORECASE,
)
_MONTHDAYS = re.compile(
    rf"(?:\b(?:on|every|each|the|monthly)\s+)*\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s*(?:,|and"
    rf"|&)\s*(?:the\s+)?\w+\s+{DAY}\b)(?P<more>(?:\s*(?:,\s*and|,|and|&)\s*(?:the\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|last\s+day\b))*)(?!\s+(?:{DAY}|work|business|weekday|quarter))"
    rf"(?:\s+(?:day\s+)?(?:of|in)\s+(?P<of>(?:the|each|every|a|any)\s+(?P<period>month|quarter)\b"
    rf"|{MONTH}\b(?:\s*(?:,\s*and|,|and|&)\s*{MONTH}\b)*))?",
    re.IGNORECASE,
)
_YEARLY_DATE = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{MONTH})"
    rf"|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)\b(?!:)",
    re.IGNORECASE,
)
_FIRST_OF = re.compile(
    r"\b(?:(?:on|every|each|the)\s+)*(?P<o>first|1st|last)(?:\s+day)?\s+of\s+(?:the|each|every|a)\s+month\b", re.IGNORECASE
)
_DAILY_DATES = re.compile(r"\bday\s+(\d{1,2})\s+of\s+(?:the|each|every)\s+month\b|\bevery\s+month\s+on\s+day\s+(\d{1,2})\b", re.IGNORECASE)


_MONTHS_ONLY = re.compile(
    rf"\b(?:(?P<out>except|excluding|but\s+not|not)\s+(?:in\s+)?|in\s+)(?P<list>{MONTH}(?:\s*(?:,\s*and|,|and|&|or)\s*{MONTH})*)\b(?!\s+\d)"
    rf"|\b(?:from\s+|between\s+)(?P<a>{MONTH})\s+(?:to|and|until|till|through|-)\s+(?P<b>{MONTH})\b(?!\s+\d)",
    re.IGNORECASE,
)


def only_months(tape: Tape, pattern: Pattern) -> None:
    """ "every Monday in April", "from June to August", "except in August"."""
    match = _MONTHS_ONLY.search(tape.text)
    if match is None or pattern.months:
        return
    tape.cut(match.start(), match.end())
    if match["a"]:
        first, last = MONTHS[match["a"].lower()], MONTHS[match["b"].lower()]
        pattern.months = tuple((month - 1) % 12 + 1 for month in range(first, (last if last >= first else last + 12) + 1))
        return
    named = _months_in(match["list"])
    pattern.months = tuple(month for month in range(1, 13) if month not in named) if match["out"] else named


def _months_in(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(MONTHS[name.lower()] for name in re.findall(rf"\b{MONTH}\b", text, re.IGNORECASE)))


def ordinal_days(tape: Tape, pattern: Pattern) -> None:
    match = _ORDINAL_DAY.search(tape.text)
    if match is None or pattern.ordinal_day:
        return
    monthly = re.search(
        r"\b(?:every|each|once\s+a|per|monthly|quarterly)\b[^.]*?\b(month|quarter)s?\b|\bmonthly\b|\bquarterly\b", tape.text, re.IGNORECASE
    )
    period = (match["period"] or "").lower() or ("month" if match["of"] else "")
    if not period and monthly:
        period = "quarter" if "quarter" in monthly[0].lower() else "month"
    once = match["of"] and not match["period"] and len(_months_in(match["of"])) == 1 and not match["every"]
    if once and not re.search(r"\b(?:every|each|yearly|annually|once\s+a)\b", tape.text, re.IGNORECASE):
        return
    if (
        period == "year"
        and not match["every"]
        and not re.search(r"\b(?:every|each|a|per)\s+year\b|\byearly\b|\bannually\b", tape.text, re.IGNORECASE)
    ):
        return  # "the last day of the year" comes once
    ordinals = tuple(ORDINALS[re.sub(r"\s+", " ", word.lower())] for word in re.findall(ORDINAL, match["ords"], re.IGNORECASE))
    if not period:
        _loose_ordinal(tape, pattern, match, ordinals)
        return
    tape.cut(match.start(), match.end())
    _fill_ordinal(pattern, match["day"].lower(), ordinals, period, _months_in(match["of"] or ""))


def _loose_ordinal(tape: Tape, pattern: Pattern, match: re.Match[str], ordinals: tuple[int, ...]) -> None:
    """ "every second Tuesday" is every other one; "every third Wednesday" may mean two things; "last Friday" is no recurrence."""
    if match["every"] and re.match(NAMED_DAYS, match["day"], re.IGNORECASE) and (len(ordinals) > 1 or ordinals == (1,)):
        tape.cut(match.start(), match.end())  # "every 1st and 3rd Friday"
        _fill_ordinal(pattern, match["day"].lower(), ordinals, "month", ())
        return
    if not match["every"] or not re.match(NAMED_DAYS, match["day"], re.IGNORECASE) or ordinals[0] < 0:
        return
    tape.cut(match.start(), match.end())
    pattern.unit, pattern.every, pattern.days = "W", ordinals[0], (weekday_of(match["day"]),)
    if ordinals[0] > 2 or match["ords"][0].isdigit():
        pattern.problem = f"Is that every {ordinals[0]} weeks, or the {match['ords']} {match['day']} of each month?"


def _fill_ordinal(pattern: Pattern, day: str, ordinals: tuple[int, ...], period: str, months: tuple[int, ...]) -> None:
    pattern.ordinals, pattern.months = ordinals, months
    pattern.unit = "Y" if period == "quarter" or months else "mon"
    if period == "year" and not months:
        pattern.unit, pattern.months = "Y", (12,) if ordinals[0] < 0 else (1,)
    if period == "quarter":
        pattern.months = (3, 6, 9, 12) if ordinals[0] < 0 else (1, 4, 7, 10)
    if re.fullmatch(WORKDAY, day, re.IGNORECASE):
        pattern.ordinal_day = "workday"
    elif day == "day":
        pattern.ordinal_day, pattern.monthdays = "day", tuple(ordinals)
    else:
        pattern.ordinal_day, pattern.days = "weekday", (weekday_of(day),)


def month_days(tape: Tape, pattern: Pattern) -> None:
    match = _FIRST_OF.search(tape.text)
    if match is not None and not re.search(r"(?:\band|,|&)\s*$", tape.text[: match.start()]):
        tape.cut(match.start(), match.end())
        pattern.unit, pattern.ordinal_day, pattern.monthdays = "mon", "day", (-1 if match["o"].lower() == "last" else 1,)
        return
    match = _DAILY_DATES.search(tape.text)
    if match is not None:
        tape.cut(match.start(), match.end())
        pattern.unit, pattern.monthdays = "mon", (int(match[1] or match[2]),)
        return
    match = _MONTHDAYS.search(tape.text)
    if match is None or pattern.ordinal_day:
        return
    days = [int(match["first"])] + [int(n) for n in re.findall(r"\d+", match["more"])] + ([-1] if "last" in match["more"].lower() else [])
    months = _months_in(match["of"] or "")
    monthly = bool(match["period"]) or re.search(
        r"\b(?:every|each)\s+(?:(?:other|\w+)\s+)?(?:months?|quarters?)\b|\bmonthly\b|\bquarterly\b|\b(?:once|twice|times)\s+(?:an?|per)\s+month\b",
        tape.text,
        re.IGNORECASE,
    )
    yearly = re.search(r"\b(?:every|each)\s+year\b|\byearly\b|\bannually\b", tape.text, re.IGNORECASE)
    if not (
        monthly
        or len(days) > 1
        or len(months) > 1
        or (months and yearly)
        or re.match(r"(?:on\s+)?(?:every|each)\b", match[0], re.IGNORECASE)
    ):
        return
    tape.cut(match.start(), match.end())
    pattern.monthdays, pattern.months, pattern.unit, pattern.ordinal_day = tuple(days), months, "mon", "day"
    if (match["period"] or "").lower() == "quarter" or re.search(r"\bquarterly\b|\b(?:every|each)\s+quarter\b", tape.text, re.IGNORECASE):
        pattern.months = (1, 4, 7, 10)
    if any(day > 31 or day == 0 for day in days):
        pattern.problem = f"There is no day {max(days)} in a month. Which day is meant?"


_AND_DATE = re.compile(r"\s*(?:,\s*and|,|\band\b|&)\s*(?:(?:on|every|each)\s+)*", re.IGNORECASE)


def yearly_date(tape: Tape, pattern: Pattern) -> None:
    if pattern.unit not in ("Y", "mon", "Q") or pattern.monthdays or pattern.ordinal_day:
        return
    dates: list[tuple[int, int]] = []
    match = _YEARLY_DATE.search(tape.text)
    while match is not None:
        tape.cut(match.start(), match.end())
        dates.append((MONTHS[(match["m1"] or match["m2"]).lower()], int(match["d1"] or match["d2"])))
        joined = _AND_DATE.match(tape.text, match.end())
        match = _YEARLY_DATE.match(tape.text, joined.end()) if joined is not None else None
    if not dates:
        return
    pattern.ordinal_day = "day"
    pattern.months, pattern.monthdays = tuple(sorted({month for month, _ in dates})), tuple(sorted({day for _, day in dates}))
    if len(pattern.months) * len(pattern.monthdays) != len(set(dates)):
        pattern.problem = "Those dates are more than one schedule. Please make a workflow for each."
