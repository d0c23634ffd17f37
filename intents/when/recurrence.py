"""What repeats, in words: from "every other Thursday at 4pm" to the facts a schedule is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from intents.when.calendar_words import MONTH, MONTHS, ORDINAL, ORDINALS, WEEKDAY, WEEKEND, WORKDAYS, weekday_of
from intents.when.clock import BARE, CLEAR, PART, TIMES, TimeOfDay, read_time, read_times
from intents.when.ends import take_end, take_start
from intents.when.numbers import DURATION, NUMBER, UNIT, UNITS, number
from intents.when.tape import Tape


@dataclass(slots=True)
class Pattern:
    """What was heard about a recurrence; ``schedule`` turns it into cron or RRULE. ``problem`` is a question to ask instead."""

    unit: str = ""  # key of UNITS' values: M, H, D, W, mon, Q, Y
    every: int = 1
    days: tuple[int, ...] = ()
    ordinals: tuple[int, ...] = ()
    ordinal_day: str = ""  # "weekday" (with ``days``), "day", "workday"
    monthdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    window: tuple[TimeOfDay, TimeOfDay] | None = None
    times: list[TimeOfDay] = field(default_factory=list)
    minutes: tuple[int, ...] = ()  # of "every hour at :15 and :45"
    part: str = ""  # "evening" of "every evening at 7"
    count: int = 0
    until: datetime | None = None  # local, naive
    start: date | None = None
    announced: tuple[int, str] = (0, "")  # "twice a day"
    problem: str = ""

    @property
    def ended(self) -> bool:
        return bool(self.count or self.until)

    @property
    def repeats(self) -> bool:
        return bool(self.unit or self.ordinal_day or self.problem)


_WD = rf"(?:{WEEKDAY})"
_WDS = rf"\b(?:{WEEKDAY})s?\b(?!\.com|\s+(?:board|item|column)|'s\b)"
_WORK = r"(?:work(?:ing)?|business|week)[\s-]?days?"

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
    rf"|weekdays|{_WDS}(?:\s*(?:,|and|or)\s*{_WDS})*|(?:all\s+)?other\s+days|rest)\)?)",
    re.IGNORECASE,
)
_COUNT = re.compile(
    rf"\b(?:for\s+(?:the\s+next\s+)?(?P<n>{NUMBER})\s+(?P<what>days?|weeks?|months?|times|occurrences)"
    rf"|(?P<n2>{NUMBER})\s+times)\b(?!\s+(?:a|an|per|if|on\s+failure))",
    re.IGNORECASE,
)
_ORDINAL_DAY = re.compile(
    rf"(?:\b(?P<every>every|each)\s+|\bon\s+|\bthe\s+|\bmonthly\s+)*\b(?P<ords>{ORDINAL}(?:\s*(?:,\s*and|,|and"
    rf"|&)\s*(?:the\s+)?{ORDINAL})*)\s+(?P<day>{_WDS}|{_WORK}|day)\b"
    rf"(?:\s+(?:of|in)\s+(?P<of>(?:the|each|every|a|per|any)?\s*(?:calendar\s+)?(?P<period>month|quarter|year)\b"
    rf"|{MONTH}(?:\s*(?:,\s*and|,|and|&)\s*{MONTH})*))?",
    re.IGNORECASE,
)
_MONTHDAYS = re.compile(
    rf"(?:\b(?:on|every|each|the|monthly)\s+)*\b(?P<first>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s*(?:,|and"
    rf"|&)\s*(?:the\s+)?\w+\s+{_WD}\b)(?P<more>(?:\s*(?:,\s*and|,|and|&)\s*(?:the\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|last\s+day\b))*)(?!\s+(?:{_WD}|work|business|weekday|quarter))"
    rf"(?:\s+(?:day\s+)?(?:of|in)\s+(?P<of>(?:the|each|every|a|any)\s+(?P<period>month|quarter)\b"
    rf"|{MONTH}\b(?:\s*(?:,\s*and|,|and|&)\s*{MONTH}\b)*))?",
    re.IGNORECASE,
)
_YEARLY_DATE = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m1>{MONTH})"
    rf"|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)\b(?!:)",
    re.IGNORECASE,
)
_INTERVAL = re.compile(
    rf"\b(?:(?:once\s+)?every|each|once\s+in)\s+(?P<n>other|second|2nd|third|3rd|{NUMBER})[\s-]*(?P<u>{UNIT}|nights?|{_WD}s?)\b(?!\.com)", re.IGNORECASE
)  # fmt: skip
_UNIT_WORD = re.compile(
    rf"\b(?:(?:every|each|once\s+an?|once\s+per|per|of\s+every|of\s+each|twice\s+a|twice\s+per"
    rf"|{NUMBER}\s+times\s+an?)\s+(?:single\s+)?(?P<u>hour|day|night|morning|afternoon|evening|week|month|quarter|year"
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
_DAY_RANGE = re.compile(
    rf"\b(?:from\s+|every\s+|on\s+)?(?P<a>{_WD})s?\s*(?:-|–|to|through|thru|until|till|til)\s*(?P<b>{_WD})s?\b", re.IGNORECASE
)
_DAY_SET = re.compile(
    rf"(?:\b(?:on|every|each|all)\s+)*(?<![\d\s]\s)\b(?P<set>{_WORK}|weekends?)\b(?:\s+(?P<part>morning|afternoon|evening|night)s?\b)?",
    re.IGNORECASE,
)
_DAY_LIST = re.compile(
    rf"(?P<lead>(?:\b(?:on|every|each|the)\s+)*)(?<!\bin\s)(?P<days>{_WDS}(?:\s*(?:,\s*and|,|and|&|/)\s*(?:on\s+"
    rf"|every\s+)?{_WDS})*)(?:\s+(?P<part>morning|afternoon|evening|night)s?\b)?",
    re.IGNORECASE,
)
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
_FIRST_OF = re.compile(
    r"\b(?:(?:on|every|each|the)\s+)*(?P<o>first|1st|last)(?:\s+day)?\s+of\s+(?:the|each|every|a)\s+month\b", re.IGNORECASE
)
_DAILY_DATES = re.compile(r"\bday\s+(\d{1,2})\s+of\s+(?:the|each|every)\s+month\b|\bevery\s+month\s+on\s+day\s+(\d{1,2})\b", re.IGNORECASE)


def recurrence_on(tape: Tape, now: datetime, zone: str) -> Pattern | None:
    """Read and cut everything that belongs to a recurrence; None (and nothing cut that matters) when nothing repeats."""
    pattern = Pattern()
    whole = tape.text
    pattern.until, pattern.start = take_end(tape, now, zone), take_start(tape, now, zone)
    excluded = tape.take(_EXCEPT) if re.search(r"\b(?:every|each|daily|\w*days?\b|hourly)", tape.text, re.IGNORECASE) else None
    _announced(tape, pattern)
    _hour_past(tape, pattern)
    for read in (_month_days, _ordinal_days, _interval, _unit_word, _day_range, _day_set, _day_list):
        read(tape, pattern)
    if not pattern.repeats:
        return None
    _yearly_date(tape, pattern)
    _only_months(tape, pattern)
    _count(tape, pattern)
    days = list(tape.spans)
    tape.hide(NOISE)
    _hours(tape, pattern)
    if excluded is not None:
        _exclude(excluded["what"], pattern)
    _settle(pattern, whole, days, tape.spans[len(days) :])
    return pattern


def _hour_past(tape: Tape, pattern: Pattern) -> None:
    """ "at 10 past every hour" repeats by itself."""
    match = re.search(r"\b(?:at\s+)?(?P<m>\d{1,2}|quarter|half)\s+(?:minutes?\s+)?past\s+(?:every|each)\s+hour\b", tape.text, re.IGNORECASE)
    if match is not None:
        minute = {"quarter": 15, "half": 30}.get(match["m"].lower())
        pattern.unit, pattern.minutes = "H", (int(match["m"]) if minute is None else minute,)
        tape.cut(match.start(), match.end())


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


_MONTHS_ONLY = re.compile(
    rf"\b(?:(?P<out>except|excluding|but\s+not|not)\s+(?:in\s+)?|in\s+)(?P<list>{MONTH}(?:\s*(?:,\s*and|,|and|&|or)\s*{MONTH})*)\b(?!\s+\d)"
    rf"|\b(?:from\s+|between\s+)(?P<a>{MONTH})\s+(?:to|and|until|till|through|-)\s+(?P<b>{MONTH})\b(?!\s+\d)",
    re.IGNORECASE,
)


def _only_months(tape: Tape, pattern: Pattern) -> None:
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


def _months_in(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(MONTHS[name.lower()] for name in re.findall(rf"\b{MONTH}\b", text, re.IGNORECASE)))


def _ordinal_days(tape: Tape, pattern: Pattern) -> None:
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
    ordinals = tuple(ORDINALS[re.sub(r"\s+", " ", word.lower())] for word in re.findall(ORDINAL, match["ords"], re.IGNORECASE))
    if not period:
        _loose_ordinal(tape, pattern, match, ordinals)
        return
    tape.cut(match.start(), match.end())
    _fill_ordinal(pattern, match["day"].lower(), ordinals, period, _months_in(match["of"] or ""))


def _loose_ordinal(tape: Tape, pattern: Pattern, match: re.Match[str], ordinals: tuple[int, ...]) -> None:
    """ "every second Tuesday" is every other one; "every third Wednesday" may mean two things; "last Friday" is no recurrence."""
    if not match["every"] or not re.match(_WDS, match["day"], re.IGNORECASE) or ordinals[0] < 0:
        return
    tape.cut(match.start(), match.end())
    pattern.unit, pattern.every, pattern.days = "W", ordinals[0], (weekday_of(match["day"]),)
    if ordinals[0] > 2 or match["ords"][0].isdigit():
        pattern.problem = f"Is that every {ordinals[0]} weeks, or the {match['ords']} {match['day']} of each month?"


def _fill_ordinal(pattern: Pattern, day: str, ordinals: tuple[int, ...], period: str, months: tuple[int, ...]) -> None:
    pattern.ordinals, pattern.months = ordinals, months
    pattern.unit = "Y" if period == "quarter" or months else "mon"
    if period == "quarter":
        pattern.months = (3, 6, 9, 12) if ordinals[0] < 0 else (1, 4, 7, 10)
    if re.fullmatch(_WORK, day, re.IGNORECASE):
        pattern.ordinal_day = "workday"
    elif day == "day":
        pattern.ordinal_day, pattern.monthdays = "day", tuple(ordinals)
    else:
        pattern.ordinal_day, pattern.days = "weekday", (weekday_of(day),)


def _month_days(tape: Tape, pattern: Pattern) -> None:
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


def _day_range(tape: Tape, pattern: Pattern) -> None:
    match = _DAY_RANGE.search(tape.text)
    if match is None or pattern.days:
        return
    tape.cut(match.start(), match.end())
    first, last = weekday_of(match["a"]), weekday_of(match["b"])
    _weekly(pattern, tuple(day % 7 for day in range(first, (last if last >= first else last + 7) + 1)))


def _day_set(tape: Tape, pattern: Pattern) -> None:
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


def _weekly(pattern: Pattern, days: tuple[int, ...]) -> None:
    pattern.days = days
    if pattern.unit not in ("M", "H", "W"):
        pattern.unit = "W"


def _day_list(tape: Tape, pattern: Pattern) -> None:
    if pattern.days or pattern.ordinal_day:
        return
    match = _DAY_LIST.search(tape.text)
    if match is None:
        return
    words = re.findall(rf"\b{_WD}s?\b", match["days"], re.IGNORECASE)
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


def _yearly_date(tape: Tape, pattern: Pattern) -> None:
    if pattern.unit not in ("Y", "mon", "Q") or pattern.monthdays or pattern.ordinal_day:
        return
    match = tape.take(_YEARLY_DATE)
    if match is not None:
        pattern.monthdays, pattern.months = (int(match["d1"] or match["d2"]),), (MONTHS[(match["m1"] or match["m2"]).lower()],)
        pattern.ordinal_day = "day"


def _count(tape: Tape, pattern: Pattern) -> None:
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
        total = count if pattern.unit == "mon" else 0
    if total and not re.search(r"\b(?:retry|try|retries)\b", tape.text[: match.start()][-20:], re.IGNORECASE):
        tape.cut(match.start(), match.end())
        pattern.count = total


def _hours(tape: Tape, pattern: Pattern) -> None:
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


def _exclude(what: str, pattern: Pattern) -> None:
    words = what.lower()
    if "other" in words or words == "rest":
        return
    if words.startswith("weekend"):
        out: tuple[int, ...] = WEEKEND
    elif words == "weekdays":
        out = WORKDAYS
    else:
        out = tuple(weekday_of(word) for word in re.findall(_WD, words, re.IGNORECASE))
    if pattern.unit == "D" and pattern.every == 1:
        pattern.unit = "W"
    pattern.days = tuple(day for day in (pattern.days or range(7)) if day not in out)
