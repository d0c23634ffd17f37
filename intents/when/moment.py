"""One moment in words: "tomorrow at 9", "in 2 hours", "friday noon", "18 December at 17:00 Paris time", "end of day"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from intents.when.calendar_words import FEAST, FEASTS, MONTH, MONTHS, ORDINAL, ORDINALS, WEEKDAY, weekday_of
from intents.when.clock import BARE, CLEAR, PART, TIMES, TimeOfDay, read_time, read_times
from intents.when.numbers import DURATION, NUMBER, Duration, duration, number
from intents.when.tape import BLANK, Tape
from intents.when.wording import reworded
from intents.when.zones import AFTER_TIME, FORMS, zone_named

PARTS_OF_DAY = {"morning": 9, "lunch": 12, "lunchtime": 12, "afternoon": 14, "evening": 18, "night": 21}


@dataclass(frozen=True, slots=True)
class Moment:
    """``at`` is aware, in the zone it was said for. Without ``has_time`` it is the day's midnight. ``problem`` set: it cannot be."""

    at: datetime
    has_time: bool
    zone: str = ""  # IANA name, only where said
    spans: tuple[tuple[int, int], ...] = ()
    part: str = ""
    problem: str = ""
    sure_day: bool = True  # False: only a time of day was said


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    roll: str = ""  # what to add when it lies in the past: "week", "year", "month" or nothing
    part: str = ""
    time: TimeOfDay | None = None
    problem: str = ""


_ISO = re.compile(r"\b(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)\s?(Z|[+-]\d\d:?\d\d)?)?(?![\d-])")
_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")
_RELATIVE = re.compile(
    rf"\b(?:(?:in|after|for)\s+(?:(?:the\s+)?next\s+|another\s+|about\s+)?(?P<a>{DURATION})"
    rf"|(?P<b>{DURATION})\s+from\s+now)(?!\s+(?:ago|before))",
    re.IGNORECASE,
)
_BUSINESS = re.compile(rf"\b(?:in\s+)?({NUMBER})\s+(?:business|working|work)\s*days?\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?:(?:{WEEKDAY})\s*,?\s+)?(?:(?:the\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd"
    rf"|th)?\s+(?:of\s+)?(?P<m1>{MONTH})|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|[:.]\d"
    rf"|\s*[ap]m))\b"
    r"(?:,?\s+(?P<y>\d{4})(?!:))?",
    re.IGNORECASE,
)
_FEAST = re.compile(rf"\b(?:on\s+|at\s+)?({FEAST})\b", re.IGNORECASE)
_THE_DAY = re.compile(
    rf"\b(?:on\s+)?(?:(?:(?P<w>{WEEKDAY})\s*,?\s+)(?:the\s+)?|the\s+)(\d{{1,2}})(?:st|nd|rd|th)\b(?!\s+(?:of|time|run|step|floor))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\b(?:the\s+)?(?P<word>day\s+after\s+tomorrow|tomorrow|tmrw|tmr|tomorow|today|tonight|this\s+(?P<p1>morning|afternoon|evening)"
    r"|next\s+week|end\s+of\s+(?:the\s+|this\s+)?(?:day|week|month|year)|eod|cob|close\s+of\s+business|eow|eom)\b"
    r"(?:\s+(?P<p2>morning|afternoon|evening|night|lunch|lunchtime)\b)?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    rf"\b(?:on\s+)?(?P<which>next|this|coming|upcoming)?\s*(?<!every\s)\b(?P<day>{WEEKDAY})\b(?!\.com|\s+board"
    rf"|\s+item)(?:\s+(?P<part>morning|afternoon|evening|night|lunch)\b)?",
    re.IGNORECASE,
)


def read_moment(text: str, now: datetime, zone: str) -> Moment | None:
    """The first moment said in ``text``, or None. ``now`` aware; ``zone`` the speaker's IANA name."""
    worded = reworded(text)
    moment = moment_on(Tape(worded.text), now, zone)
    return None if moment is None else replace(moment, spans=worded.back(moment.spans))


def moment_on(tape: Tape, now: datetime, zone: str) -> Moment | None:
    """As ``read_moment``, cutting what was read from the tape."""
    spoken = take_zone(tape)
    local = now.astimezone(ZoneInfo(spoken or zone))
    exact = _exact(tape, local, spoken)
    return exact if exact is not None else _dated(tape, local, spoken)


def take_zone(tape: Tape) -> str:
    """Cut and name the zone that was said, "" when none was."""
    for form in FORMS:
        for match in form.finditer(tape.text):
            name = zone_named(match["zone"])
            if name is not None:
                tape.cut(match.start(), match.end())
                return name
    for time in TIMES.finditer(tape.text):
        match_after = AFTER_TIME.match(tape.text, time.end())
        name = zone_named(match_after["zone"]) if match_after else None
        if match_after is not None and name is not None:
            tape.cut(match_after.start("zone"), match_after.end())
            return name
    return ""


def _exact(tape: Tape, local: datetime, spoken: str) -> Moment | None:
    written = tape.take(_ISO)
    if written is not None:
        return _from_iso(written, local, spoken, tape)
    if _BUSINESS.search(tape.text):
        return None
    relative = tape.take(_RELATIVE)
    if relative is None:
        return None
    length = duration(relative["a"] or relative["b"])
    return None if length is None else _after(length, local, spoken, tape)


def _after(length: Duration, local: datetime, spoken: str, tape: Tape) -> Moment | None:
    at = _shifted(length, local)
    clocked = length.parts[0][1] in ("D", "W", "F", "mon", "Y") and tape.take(TIMES)
    if clocked:
        times = read_times(clocked[0])
        if times:
            at = at.replace(hour=times[0].hour, minute=times[0].minute, second=0, microsecond=0)
    return Moment(at, True, spoken, tuple(tape.spans))


def _shifted(length: Duration, local: datetime) -> datetime:
    """Clock time for hours, calendar time for days and longer, so that "in 1 day" is the same hour also over a clock change."""
    if length.parts[0][1] not in ("D", "W", "F", "mon", "Q", "Y"):
        return (local.astimezone(ZoneInfo("UTC")) + timedelta(seconds=length.seconds)).astimezone(local.tzinfo)
    months = {"mon": 1, "Q": 3, "Y": 12}.get(length.parts[0][1], 0) * length.parts[0][0]
    try:
        if months and len(length.parts) == 1 and months == int(months):
            return local + relativedelta(months=int(months))
        return local + timedelta(seconds=length.seconds)
    except (OverflowError, ValueError):
        return local


def _from_iso(match: re.Match[str], local: datetime, spoken: str, tape: Tape) -> Moment:
    clock = match[2] or "00:00"
    times = None if match[2] else tape.take(TIMES)
    try:
        at = datetime.fromisoformat(f"{match[1]}T{clock}{(match[3] or '').replace('Z', '+00:00')}")
    except ValueError:
        return Moment(local, False, spoken, tuple(tape.spans), problem=f"{match[0].strip()} is not a date.")
    at = at if at.tzinfo else at.replace(tzinfo=local.tzinfo)
    found = read_times(times[0]) if times else None
    if found:
        at = at.replace(hour=found[0].hour, minute=found[0].minute)
    return Moment(at, bool(match[2] or found), spoken, tuple(tape.spans), problem="" if at.year > 1970 else "That date is long past.")


def _dated(tape: Tape, local: datetime, spoken: str) -> Moment | None:
    day = next((found for reader in _DAYS if (found := reader(tape, local)) is not None), None)
    clock = tape.take(TIMES) or tape.take(_UNTIL_TIME) or (tape.take(_BEHIND_DAY) if day else None)
    part = day.part if day else ""
    times = read_times(clock["time"] if "time" in clock.re.groupindex else clock[0], part) if clock else None
    if clock and not times:
        return Moment(local, False, spoken, tuple(tape.spans), problem=f"“{clock[0].strip()}” is not a time of day.")
    if day is None and not times:
        return None
    if times and len(times) > 1:
        return Moment(
            local,
            False,
            spoken,
            tuple(tape.spans),
            problem="Which of these times is meant? Say one, or “every day at …” when it should run again and again.",
        )
    return _joined(day, times[0] if times else None, local, spoken, tape)


_BEHIND_DAY = re.compile(rf"(?<={BLANK})\s+(?P<time>{BARE})(?=\s*(?:$|[,;.!?]|\s(?:and|to|please)\b))", re.IGNORECASE)  # "tomorrow 8"
_UNTIL_TIME = re.compile(rf"\b(?:until|till|til|to|from|before|for)\s+(?P<time>(?:{CLEAR}|{BARE}){PART.format('part')}?)", re.IGNORECASE)


def _joined(day: _Day | None, time: TimeOfDay | None, local: datetime, spoken: str, tape: Tape) -> Moment:
    if day is not None and day.problem:
        return Moment(local, False, spoken, tuple(tape.spans), problem=day.problem)
    chosen = time or (day.time if day else None)
    base = day.day if day else local.date()
    clock = chosen or TimeOfDay(0)
    at = datetime(base.year, base.month, base.day, clock.hour, clock.minute, tzinfo=local.tzinfo)
    at = _rolled(at, local, day.roll if day else "day")
    return Moment(at, chosen is not None, spoken, tuple(tape.spans), part=day.part if day else "", sure_day=day is not None)


def _rolled(at: datetime, local: datetime, roll: str) -> datetime:
    """The same words, next time round, when they would otherwise mean the past."""
    if at > local or not roll:
        return at
    if roll == "year":
        return at.replace(year=at.year + 1) if (at.month, at.day) != (2, 29) else at.replace(year=at.year + 4)
    if roll == "month":
        return _next_month(at)
    return at + timedelta(days=7 if roll == "week" else 1)


def _next_month(at: datetime) -> datetime:
    for step in range(1, 4):
        total = at.month - 1 + step
        try:
            return at.replace(year=at.year + total // 12, month=total % 12 + 1)
        except ValueError:
            continue
    return at


def _business_days(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_BUSINESS)
    count = int(number(match[1]) or 0) if match else 0
    if not 0 < count < 1000:
        return None
    day = local.date()
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return _Day(day, time=TimeOfDay(local.hour, local.minute))


def _calendar_date(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_DATE)
    if match is None:
        return None
    month, day = MONTHS[(match["m1"] or match["m2"]).lower()], int(match["d1"] or match["d2"])
    found = _day_of(int(match["y"] or local.year), month, day, "" if match["y"] else "year")
    spoken = re.search(rf"\b{WEEKDAY}\b", match[0], re.IGNORECASE)
    coming = (
        found.day if match["y"] or found.day >= local.date() else found.day.replace(year=found.day.year + 1, day=min(found.day.day, 28))
    )
    if spoken and not found.problem and coming.day == found.day.day and coming.weekday() != weekday_of(spoken[0]):
        return _Day(local.date(), problem=f"{coming.day} {coming:%B %Y} is a {coming:%A}, not a {spoken[0]}. Which day is meant?")
    return _day_of(int(match["y"] or local.year), month, day, "" if match["y"] else "year")


def _numeric_date(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_NUMERIC)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 and second <= 12 and first != second and "/" in match[0]:
        return _Day(local.date(), problem=f"Does {match[0]} mean day {first} or day {second}? Please write the month as a word.")
    return _day_of(int(match[3]), second, first, "") if second <= 12 else _day_of(int(match[3]), first, second, "")


def _day_of(year: int, month: int, day: int, roll: str) -> _Day:
    try:
        return _Day(date(year, month, day), roll)
    except ValueError:
        if (month, day) == (2, 29) and roll:
            return _Day(date(year + 4 - year % 4, 2, 29))
        return _Day(date(2000, 1, 1), problem=f"There is no day {day} in month {month}.")


def _feast(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_FEAST)
    return _day_of(local.year, *FEASTS[match[1].lower().replace("’", "'")], "year") if match else None


def _named_day(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_NAMED)
    if match is None:
        return None
    word, part = re.sub(r"\s+", " ", match["word"].lower()), (match["p1"] or match["p2"] or "").lower()
    if word.startswith("day"):
        return _Day(local.date() + timedelta(days=2), part=part)
    if word[0] == "t" and word[:2] in ("to", "tm") and word not in ("today", "tonight"):
        return _Day(local.date() + timedelta(days=1), part=part)
    if word == "next week":
        return _Day(local.date() + timedelta(days=7 - local.weekday()), part=part)
    if word in ("today", "tonight") or word.startswith("this"):
        return _Day(local.date(), part="night" if word == "tonight" else part)
    return _end_of(word, local.date())


def _end_of(word: str, today: date) -> _Day:
    close = TimeOfDay(17)
    if word == "eow" or "week" in word:
        return _Day(today + timedelta(days=(4 - today.weekday()) % 7), "week", time=close)
    if word == "eom" or "month" in word:
        first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return _Day(first - timedelta(days=1), time=close)
    if "year" in word:
        return _Day(date(today.year, 12, 31), time=close)
    return _Day(today, "day", time=close)


def _week_day(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_WEEKDAY)
    if match is None:
        return None
    ahead = (weekday_of(match["day"]) - local.weekday()) % 7
    if ahead == 0 and (match["which"] or "").lower() == "next":
        ahead = 7
    return _Day(local.date() + timedelta(days=ahead), "week", part=(match["part"] or "").lower())


def _day_of_month(tape: Tape, local: datetime) -> _Day | None:
    match = tape.take(_THE_DAY)
    if match is None:
        return None
    wanted = int(match[2])
    for step in range(4):  # the next month that has such a day
        total = local.month - 1 + step
        day = _day_of(local.year + total // 12, total % 12 + 1, wanted, "month")
        if not day.problem and match["w"] and day.day >= local.date() and day.day.weekday() != weekday_of(match["w"]):
            return _Day(local.date(), problem=f"{day.day.day} {day.day:%B} is a {day.day:%A}, not a {match['w']}. Which day is meant?")
        if not day.problem:
            return day
    return _Day(local.date(), problem=f"There is no day {wanted} in a month.")


_COUNTED = re.compile(
    rf"\b(?:in\s+)?(?P<n>{NUMBER})\s+(?P<u>weeks?|fortnights?|months?|days?)\s+(?:(?:from|after|on)\s+)?(?P<d>today|tomorrow|{WEEKDAY})\b"
    rf"|\b(?P<d2>tomorrow|today|{WEEKDAY})\s+week\b",
    re.IGNORECASE,
)
_NEXT_WEEK = re.compile(
    rf"\b(?:on\s+)?(?P<d>{WEEKDAY})\s*,?\s+(?:of\s+)?(?P<w>next|this)\s+week\b|\b(?P<w2>next|this)\s+week\s*,?\s+(?:on\s+)?(?P<d2>{WEEKDAY})\b",
    re.IGNORECASE,
)
_NEXT_MONTH = re.compile(
    rf"\b(?:on\s+)?(?:the\s+)?(?P<o>{ORDINAL})\s+(?P<day>{WEEKDAY}|day)\s+(?:of|in)\s+(?P<m>(?:the\s+)?(?:next|this)\s+month|{MONTH})\b"
    r"|\b(?:on\s+)?(?:the\s+)?(?P<n>\d{1,2})(?:st|nd|rd|th)\s+of\s+(?P<m2>(?:next|this)\s+month)\b"
    r"|\b(?P<m3>(?:next|this)\s+month)\s*,?\s+(?:on\s+)?the\s+(?P<n2>\d{1,2})(?:st|nd|rd|th)\b"
    r"|\bend\s+of\s+(?P<m4>next\s+month)\b",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})(?![\d/])")


def _counted_day(tape: Tape, local: datetime) -> _Day | None:
    """ "a week from Friday", "two weeks from today", "Friday week"."""
    match = tape.take(_COUNTED)
    if match is None:
        return None
    word = (match["d"] or match["d2"]).lower()
    first = {"today": 0, "tomorrow": 1}.get(word, -1)
    base = local.date() + timedelta(days=first if first >= 0 else (weekday_of(word) - local.weekday() - 1) % 7 + 1)
    count, unit = int(number(match["n"] or "1") or 0), (match["u"] or "week").lower().rstrip("s")
    if unit == "month":
        return _Day(base + relativedelta(months=min(count, 1200)))
    return _Day(base + timedelta(days=min(count, 1000) * {"day": 1, "week": 7, "fortnight": 14}[unit]))


def _day_of_week(tape: Tape, local: datetime) -> _Day | None:
    """ "Tuesday next week": weeks begin on Mondays."""
    match = tape.take(_NEXT_WEEK)
    if match is None:
        return None
    ahead = 7 if (match["w"] or match["w2"]).lower() == "next" else 0
    return _Day(local.date() + timedelta(days=ahead + weekday_of(match["d"] or match["d2"]) - local.weekday()))


def _day_in_month(tape: Tape, local: datetime) -> _Day | None:
    """ "first Monday of next month", "the 5th of next month", "last Friday of April"."""
    match = tape.take(_NEXT_MONTH)
    if match is None:
        return None
    named = (match["m"] or match["m2"] or match["m3"] or match["m4"]).lower()
    if named in MONTHS:
        found = _nth(match, local.date().replace(day=1, month=MONTHS[named]))
        return found if found.problem or found.day >= local.date() else _nth(match, date(local.year + 1, MONTHS[named], 1))
    return _nth(match, local.date().replace(day=1) + relativedelta(months=1 if "next" in named else 0))


def _nth(match: re.Match[str], first: date) -> _Day:
    last = first + relativedelta(months=1, days=-1)
    if match["n"] or match["n2"]:
        return _day_of(first.year, first.month, int(match["n"] or match["n2"]), "")
    if match["m4"]:
        return _Day(last)
    ordinal = ORDINALS[re.sub(r"\s+", " ", match["o"].lower())]
    fitting = [
        day
        for at in range(last.day)
        if ((day := first + timedelta(days=at)) and match["day"].lower() in ("day", "")) or day.weekday() == weekday_of(match["day"])
    ]
    place = ordinal - 1 if ordinal > 0 else ordinal
    if not -len(fitting) <= place < len(fitting):
        return _Day(first, problem=f"{first:%B %Y} has no {match['o']} {match['day']}.")
    return _Day(fitting[place])


def _slashed_date(tape: Tape, local: datetime) -> _Day | None:
    """ "25/03" and "03/25" say one day; "03/04" may be two."""
    match = tape.take(_SLASHED)
    if match is None:
        return None
    first, second = int(match[1]), int(match[2])
    if first <= 12 and second <= 12 and first != second:
        return _Day(local.date(), problem=f"Does {match[0]} mean day {first} or day {second}? Please write the month as a word.")
    return _day_of(local.year, second, first, "year") if second <= 12 else _day_of(local.year, first, second, "year")


_DAYS: tuple[Callable[[Tape, datetime], _Day | None], ...] = (
    _counted_day, _day_of_week, _day_in_month, _slashed_date, _business_days, _calendar_date, _numeric_date, _feast, _named_day, _day_of_month, _week_day,
)  # fmt: skip


def part_timed(moment: Moment) -> Moment:
    """A part of the day as the hour it is taken to begin: "tomorrow morning" is 9:00."""
    return replace(moment, at=moment.at.replace(hour=PARTS_OF_DAY[moment.part]), has_time=True)


def until(text: str, now: datetime, zone: str) -> Moment | None:
    """The end that "until Monday", "for 2h", "till tomorrow morning", "til 6am" names; a day without a time is its midnight."""
    moment = read_moment(text, now, zone)
    if moment is None or moment.has_time or moment.problem or moment.part not in PARTS_OF_DAY:
        return moment
    at = moment.at.replace(hour=PARTS_OF_DAY[moment.part])
    return Moment(at if at > now else at + timedelta(days=1), True, moment.zone, moment.spans, moment.part)


_RANGE = re.compile(
    rf"(?:\b(?:from|between)\s+|\bat\s+)?(?P<a>{CLEAR}|{BARE})\s*(?:-|–|to|until|till|til|and)\s*(?P<b>{CLEAR}|{BARE})", re.IGNORECASE
)  # fmt: skip


def read_range(text: str, now: datetime, zone: str) -> tuple[Moment | None, Moment | None]:
    """(start, end) of "tonight 22:00 to 23:30", "on Saturday from 9 to 12", "for the next 3 hours", "from Friday 18:00 until Sunday noon"."""
    clocks = _RANGE.search(text)
    if clocks is not None:
        return _clock_range(text, clocks, now, zone)
    parts = re.split(r"\b(?:until|till|til|through|to)\b|[–→]", text, maxsplit=1, flags=re.IGNORECASE)
    if len(parts) == 2:
        start, end = read_moment(parts[0], now, zone), read_moment("until " + parts[1], now, zone)
        if start is not None and end is not None and end.at <= start.at:
            end = read_moment("until " + parts[1], start.at, zone)
        return start, end
    length = re.search(rf"\bfor\s+(?:the\s+next\s+)?({DURATION})", text, re.IGNORECASE)
    starts = re.sub(rf"\bfor\s+(?:the\s+next\s+)?{DURATION}", " ", text, flags=re.IGNORECASE)
    start = read_moment(starts, now, zone) if length else None
    if length is not None and start is not None and (lasting := duration(length[1])):
        return start, Moment(_shifted(lasting, start.at), True, start.zone)
    return None, read_moment(text, now, zone)


def _clock_range(text: str, clocks: re.Match[str], now: datetime, zone: str) -> tuple[Moment | None, Moment | None]:
    day = text[: clocks.start()] + " " + text[clocks.end() :]
    night = "night" if re.search(r"\btonight\b|\bevening\b|\bafternoon\b", text, re.IGNORECASE) else ""
    first, last = read_time(clocks["a"], night), read_time(clocks["b"], night)
    if first is None or last is None:
        return None, None
    if "pm" in clocks["b"].lower() and not re.search("[ap]m", clocks["a"].lower()) and first.hour < 12 and first.hour + 12 <= last.hour:
        first = TimeOfDay(first.hour + 12, first.minute)
    spoken = read_moment(f"{day} at {first.hour:02}:{first.minute:02}", now, zone)
    if spoken is None or spoken.problem:
        return None, spoken
    end = spoken.at.replace(hour=last.hour, minute=last.minute)
    return spoken, Moment(end if end > spoken.at else end + timedelta(days=1), True, spoken.zone)
