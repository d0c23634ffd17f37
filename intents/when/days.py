"""A day in words: "tomorrow", "the 15th", "Friday next week", "18 December", "the first Monday of April"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from intents.when.calendar_words import FEAST, FEASTS, MONTH, MONTHS, ORDINAL, ORDINALS, WEEKDAY, WEEKDAYS, weekday_of
from intents.when.clock import TimeOfDay
from intents.when.numbers import NUMBER, number
from intents.when.tape import Tape


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    roll: str = ""  # what to add when it lies in the past: "week", "year", "month" or nothing
    part: str = ""
    time: TimeOfDay | None = None
    problem: str = ""


_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_DOTTED = re.compile(r"(?<![\d.])\b(\d{1,2})\.\s?(\d{1,2})\.(?![\d.])")  # "20.3.": with dots the day comes first
BUSINESS = re.compile(
    rf"\b(?:in\s+)?(?P<n>{NUMBER})\s+(?:business|working|work|week)\s*days?\b|\b(?:on\s+)?(?:the\s+)?(?:next|following)\s+(?:business|working|work|week)\s*day\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?:{WEEKDAY})\s*,?\s+)?(?:(?:the\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd"
    rf"|th)?\s+(?:of\s+)?(?P<m1>{MONTH})|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d"
    rf"|\s*[ap]m))\b"
    r"(?:,?\s+(?:(?P<y>\d{4})(?!:)|(?:of\s+)?(?P<which>next|this)\s+year\b))?",
    re.IGNORECASE,
)
_FEAST = re.compile(rf"\b(?:on\s+|at\s+)?({FEAST})\b", re.IGNORECASE)
_THE_DAY = re.compile(
    rf"\b(?:on\s+)?(?:(?:(?P<w>{WEEKDAY})\s*,?\s+)(?:the\s+)?|the\s+)(\d{{1,2}})(?:st|nd|rd|th)\b(?!\s+(?:of|time|run|step|floor))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:the\s+)?(?P<word>day\s+after\s+tomorrow|tomorrow|tmrw|tmr|tomorow|today|tonight|this\s+(?P<p1>morning|afternoon|evening)"
    r"|tonite|end\s+of\s+next\s+week|next\s+week|end\s+of\s+(?:the\s+|this\s+)?(?:day|week|month|quarter|year)|eod|cob|close\s+of\s+business|eow|eom)\b"
    r"(?:\s+(?P<p2>morning|afternoon|evening|night|lunch|lunchtime)\b)?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?:on\s+)?(?P<which>next|this|coming|upcoming)?\s*(?<!every\s)\b(?P<day>{WEEKDAY})\b(?!\.com|\s+board"
    rf"|\s+item)(?:\s+(?P<part>morning|afternoon|evening|night|lunch)\b)?",
    re.IGNORECASE,
)


def take_day(tape: Tape, local: datetime) -> Day | None:
    """The first day said, cut from the tape; ``local`` is now where it is meant. None when no day is spoken of."""
    return next((found for reader in _DAYS if (found := reader(tape, local)) is not None), None)


def _business_days(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(BUSINESS)
    count = int(number(match["n"] or "1") or 0) if match else 0
    if not 0 < count < 1000:
        return None
    day = local.date()
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return Day(day, time=TimeOfDay(local.hour, local.minute) if match and match["n"] else None)


def _calendar_date(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(_DATE)
    if match is None:
        return None
    month, day = MONTHS[(match["m1"] or match["m2"]).lower()], int(match["d1"] or match["d2"])
    fixed = match["y"] or match["which"]
    year = local.year + 1 if (match["which"] or "").lower() == "next" else int(match["y"] or local.year)
    found = _day_of(year, month, day, "" if fixed else "year")
    spoken = re.search(rf"\b{WEEKDAY}\b", match[0], re.IGNORECASE)
    coming = found.day if fixed or found.day >= local.date() else found.day.replace(year=found.day.year + 1, day=min(found.day.day, 28))
    if spoken and not found.problem and coming.day == found.day.day and coming.weekday() != weekday_of(spoken[0]):
        return Day(local.date(), problem=f"{coming.day} {coming:%B %Y} is a {coming:%A}, not a {spoken[0]}. Which day is meant?")
    return found


def _numeric_date(tape: Tape, local: datetime) -> Day | None:
    dotted = tape.take(_DOTTED)
    if dotted is not None:
        return _day_of(local.year, int(dotted[2]), int(dotted[1]), "year")
    match = tape.take(_NUMERIC)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 and second <= 12 and first != second and "/" in match[0]:
        return Day(local.date(), problem=f"Does {match[0]} mean day {first} or day {second}? Please write the month as a word.")
    return _day_of(int(match[3]), second, first, "") if second <= 12 else _day_of(int(match[3]), first, second, "")


def _day_of(year: int, month: int, day: int, roll: str) -> Day:
    try:
        return Day(date(year, month, day), roll)
    except ValueError:
        if (month, day) == (2, 29) and roll:
            return Day(date(year + 4 - year % 4, 2, 29))
        return Day(date(2000, 1, 1), problem=f"There is no day {day} in month {month}.")


def _feast(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(_FEAST)
    return _day_of(local.year, *FEASTS[match[1].lower().replace("’", "'")], "year") if match else None


def _named_day(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(_NAMED)
    if match is None:
        return None
    word, part = re.sub(r"\s+", " ", match["word"].lower()), (match["p1"] or match["p2"] or "").lower()
    if word.startswith("day"):
        return Day(local.date() + timedelta(days=2), part=part)
    if word[0] == "t" and word[:2] in ("to", "tm") and word not in ("today", "tonight", "tonite"):
        return Day(local.date() + timedelta(days=1), part=part)
    if word == "next week":
        return Day(local.date() + timedelta(days=7 - local.weekday()), part=part)
    if word == "end of next week":
        return Day(local.date() + timedelta(days=11 - local.weekday()), time=TimeOfDay(17))
    if word in ("today", "tonight", "tonite") or word.startswith("this"):
        return Day(local.date(), part="night" if word in ("tonight", "tonite") else part)
    return _end_of(word, local.date())


def _end_of(word: str, today: date) -> Day:
    close = TimeOfDay(17)
    if word == "eow" or "week" in word:
        return Day(today + timedelta(days=(4 - today.weekday()) % 7), "week", time=close)
    if word == "eom" or "month" in word:
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return Day(first - timedelta(days=1), time=close)
    if "quarter" in word:
        month = (today.month - 1) // 3 * 3 + 3
        return Day(date(today.year, month, 1) + relativedelta(months=1, days=-1), time=close)
    if "year" in word:
        return Day(date(today.year, 12, 31), time=close)
    return Day(today, "day", time=close)


def _week_day(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(_WEEKDAY)
    if match is None:
        return None
    ahead = (weekday_of(match["day"]) - local.weekday()) % 7
    if ahead == 0 and (match["which"] or "").lower() == "next":
        ahead = 7
    return Day(local.date() + timedelta(days=ahead), "week", part=(match["part"] or "").lower())


def _day_of_month(tape: Tape, local: datetime) -> Day | None:
    match = tape.take(_THE_DAY)
    if match is None:
        return None
    wanted = int(match[2])
    for step in range(4):  # the next month that has such a day
        total = local.month - 1 + step
        day = _day_of(local.year + total // 12, total % 12 + 1, wanted, "month")
        if not day.problem and match["w"] and day.day >= local.date() and day.day.weekday() != weekday_of(match["w"]):
            return Day(local.date(), problem=f"{day.day.day} {day.day:%B} is a {day.day:%A}, not a {match['w']}. Which day is meant?")
        if not day.problem:
            return day
    return Day(local.date(), problem=f"There is no day {wanted} in a month.")


_COUNTED = re.compile(
    rf"\b(?:in\s+)?(?P<n>{NUMBER})\s+(?P<u>weeks?|fortnights?|months?|days?)\s+(?:(?:from|after|on)\s+)?(?P<d>today|tomorrow|{WEEKDAY})\b"
    rf"|\b(?P<d2>tomorrow|today|{WEEKDAY})\s+week\b",
    re.IGNORECASE,
)
DAY_IN_WEEKS = re.compile(
    rf"\b(?:{WEEKDAY})\s+in\s+{NUMBER}\s+weeks?\b|\bin\s+{NUMBER}\s+weeks?(?:['’]?\s+time)?\s*,?\s+on\s+(?:{WEEKDAY})\b", re.IGNORECASE
)
_WHICH_WEEK = rf"(?:(?:the\s+)?week\s+after\s+next|(?:next|this)\s+week|in\s+(?:{NUMBER})\s+(?:weeks|fortnights?)(?:['’]?\s+time)?)"
_NEXT_WEEK = re.compile(
    rf"\b(?:on\s+)?(?P<d>{WEEKDAY})\s*,?\s+(?:(?:of|in)\s+)?(?P<w>{_WHICH_WEEK})\b|\b(?P<w2>{_WHICH_WEEK})(?:['’]s)?\s*,?\s+(?:on\s+)?(?P<d2>{WEEKDAY})\b"
    rf"|\b(?:on\s+)?(?:the\s+)?(?P<d3>{WEEKDAY})\s+(?P<w3>after\s+next)\b",
    re.IGNORECASE,
)
_NEXT_MONTH = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?P<o>{ORDINAL})\s+(?P<day>{WEEKDAY}|(?:work(?:ing)?|business|week)[\s-]?day|day)\s+(?:of|in)\s+(?P<m>(?:the\s+)?(?:next|this)\s+(?:month|year)|the\s+year|the\s+month\s+after\s+next|{MONTH})\b"
    r"|\b(?:on\s+)?(?:the\s+)?(?P<n>\d{1,2})(?:st|nd|rd|th)\s+(?:of\s+)?(?P<m2>(?:next|this)\s+month|the\s+month\s+after\s+next)\b"
    r"|\b(?P<m3>(?:next|this)\s+month)\s*,?\s+(?:on\s+)?the\s+(?P<n2>\d{1,2})(?:st|nd|rd|th)\b"
    rf"|\bend\s+of\s+(?P<m4>next\s+month|{MONTH}(?!\s+\d))\b",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})(?![\d/])")


def _counted_day(tape: Tape, local: datetime) -> Day | None:
    """ "a week from Friday", "two weeks from today", "Friday week"."""
    match = tape.take(_COUNTED)
    if match is None:
        return None
    word = (match["d"] or match["d2"]).lower()
    if re.match(r"in\b.*\bon\b", match[0], re.IGNORECASE) and word in WEEKDAYS and weekday_of(word) != local.weekday():
        return _in_weeks(match[0], word, int(number(match["n"] or "1") or 0), local)
    first = {"today": 0, "tomorrow": 1}.get(word, -1)
    base = local.date() + timedelta(days=first if first >= 0 else (weekday_of(word) - local.weekday() - 1) % 7 + 1)
    count, unit = int(number(match["n"] or "1") or 0), (match["u"] or "week").lower().rstrip("s")
    if unit == "month":
        return Day(base + relativedelta(months=min(count, 1200)))
    return Day(base + timedelta(days=min(count, 1000) * {"day": 1, "week": 7, "fortnight": 14}[unit]))


def _in_weeks(said: str, word: str, count: int, local: datetime) -> Day:
    """ "in two weeks on Monday": of the week two ahead; asked where that and two weeks after the coming one differ."""
    ahead = weekday_of(word) - local.weekday()
    near = local.date() + timedelta(days=7 * min(count, 500) + ahead)
    if ahead > 0:
        return Day(near)
    far = near + timedelta(days=7)
    return Day(near, problem=f"Is “{said.strip()}” {near.day} {near:%B} or {far.day} {far:%B}? Please say the date.")


def _day_of_week(tape: Tape, local: datetime) -> Day | None:
    """ "Tuesday next week": weeks begin on Mondays."""
    match = tape.take(_NEXT_WEEK)
    if match is None:
        return None
    if match["w3"]:  # the one after the coming one; which that is, is only clear when none is left of this week
        ahead = weekday_of(match["d3"]) - local.weekday()
        coming = local.date() + timedelta(days=ahead % 7 or 7)
        if ahead > 0:
            either = " or ".join(f"{day.day} {day:%B}" for day in (coming + timedelta(days=7), coming + timedelta(days=14)))
            return Day(local.date(), problem=f"Is “{match[0].strip()}” {either}? Please say the date.")
        return Day(coming + timedelta(days=7))
    word = (match["w"] or match["w2"]).lower()
    count = number(re.sub(r"^in\s+|\s+\w+(?:['’]?\s+time)?$", "", word)) if word.startswith("in") else None
    if count:
        return _in_weeks(match[0], (match["d"] or match["d2"]).lower(), int(count) * (2 if "fortnight" in word else 1), local)
    weeks = 2 if "after" in word else 1 if word.startswith("next") else 0
    return Day(local.date() + timedelta(days=7 * min(weeks, 500) + weekday_of(match["d"] or match["d2"]) - local.weekday()))


def _day_in_month(tape: Tape, local: datetime) -> Day | None:
    """ "first Monday of next month", "the 5th of next month", "last Friday of April"."""
    match = tape.take(_NEXT_MONTH)
    if match is None:
        return None
    named = (match["m"] or match["m2"] or match["m3"] or match["m4"]).lower()
    if named in MONTHS:
        found = _nth(match, local.date().replace(day=1, month=MONTHS[named]))
        return found if found.problem or found.day >= local.date() else _nth(match, date(local.year + 1, MONTHS[named], 1))
    if "year" in named:
        return _nth(match, date(local.year + ("next" in named), 12 if match["o"].lower() in ("last", "final", "penultimate") else 1, 1))
    return _nth(match, local.date().replace(day=1) + relativedelta(months=2 if "after" in named else 1 if "next" in named else 0))


def _nth(match: re.Match[str], first: date) -> Day:
    last = first + relativedelta(months=1, days=-1)
    if match["n"] or match["n2"]:
        return _day_of(first.year, first.month, int(match["n"] or match["n2"]), "")
    if match["m4"]:
        return Day(last)
    ordinal = ORDINALS[re.sub(r"\s+", " ", match["o"].lower())]
    fitting = [day for at in range(last.day) if _fits(match["day"].lower(), day := first + timedelta(days=at))]
    place = ordinal - 1 if ordinal > 0 else ordinal
    if not -len(fitting) <= place < len(fitting):
        return Day(first, problem=f"{first:%B %Y} has no {match['o']} {match['day']}.")
    return Day(fitting[place])


def _fits(word: str, day: date) -> bool:
    if word == "day":
        return True
    return day.weekday() == weekday_of(word) if word in WEEKDAYS else day.weekday() < 5


def _slashed_date(tape: Tape, local: datetime) -> Day | None:
    """ "25/03" and "03/25" say one day; "03/04" may be two."""
    match = tape.take(_SLASHED)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 and second <= 12 and first != second:
        return Day(local.date(), problem=f"Does {match[0]} mean day {first} or day {second}? Please write the month as a word.")
    return _day_of(local.year, second, first, "year") if second <= 12 else _day_of(local.year, first, second, "year")


_BESIDE = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?P<n>{NUMBER})\s+)?(?P<u>days?|weeks?)\s+(?P<t>before|after)\s+(?=(?:the\s+)?(?:{FEAST}|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{MONTH})\b)",
    re.IGNORECASE,
)


def _beside(tape: Tape, local: datetime) -> Day | None:
    """ "the day after Christmas", "3 days before 31 March"."""
    match = tape.take(_BESIDE)
    if match is None:
        return None
    base = _calendar_date(tape, local) or _feast(tape, local)
    if base is None or base.problem:
        return base
    days = min(int(number(match["n"] or "1") or 0), 365) * (7 if match["u"].lower().startswith("week") else 1)
    shift = timedelta(days=days if match["t"].lower() == "after" else -days)
    day = base.day if base.day + shift >= local.date() or not base.roll else base.day + relativedelta(years=1)
    return Day(day + shift)


_DAYS: tuple[Callable[[Tape, datetime], Day | None], ...] = (
    _beside, _counted_day, _day_of_week, _day_in_month, _slashed_date, _business_days, _calendar_date, _numeric_date, _feast, _named_day, _day_of_month, _week_day,
)  # fmt: skip
