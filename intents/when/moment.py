"""One moment in words: "tomorrow at 9", "in 2 hours", "friday noon", "18 December at 17:00 Paris time", "end of day"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from intents.when.clock import BARE, CLEAR, PART, TIMES, TimeOfDay, read_times
from intents.when.days import BUSINESS, DAY_IN_WEEKS, Day, take_day
from intents.when.numbers import DURATION, Duration, duration
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


_ISO = re.compile(r"\b(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)\s?(Z|[+-]\d\d:?\d\d)?)?(?![\d-])")
_RELATIVE = re.compile(
    rf"\b(?:(?:in|after|for)\s+(?:(?:the\s+)?next\s+|another\s+|(?:about|around|exactly|roughly|approximately|approx\.?|just\s+under|just\s+over)\s+)?(?P<a>{DURATION})"
    rf"|(?P<b>{DURATION})\s+(?:from\s+now|later|hence))(?!\s+(?:ago|before))",
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
    if BUSINESS.search(tape.text) or DAY_IN_WEEKS.search(tape.text):
        return None
    again = tape.take(_SAME_TIME_NEXT)
    if again is not None:
        later = {"week": relativedelta(weeks=1), "month": relativedelta(months=1), "year": relativedelta(years=1)}[again["u"].lower()]
        return Moment(local + later, True, spoken, tuple(tape.spans))
    relative = tape.take(_RELATIVE)
    if relative is None:
        return None
    length = duration(relative["a"] or relative["b"])
    return None if length is None else _after(length, local, spoken, tape)


def _after(length: Duration, local: datetime, spoken: str, tape: Tape) -> Moment | None:
    at = shifted(length, local)
    clocked = length.parts[0][1] in ("D", "W", "F", "mon", "Y") and tape.take(TIMES)
    if clocked:
        times = read_times(clocked[0])
        if times:
            at = at.replace(hour=times[0].hour, minute=times[0].minute, second=0, microsecond=0)
    return Moment(at, True, spoken, tuple(tape.spans))


def shifted(length: Duration, local: datetime) -> datetime:
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
    day = take_day(tape, local)
    clock = tape.take(TIMES) or tape.take(_UNTIL_TIME) or (tape.take(_BEHIND_DAY) if day else None)
    part = day.part if day else ""
    times = read_times(clock["time"] if "time" in clock.re.groupindex else clock[0], part) if clock else None
    if clock and not times:
        return Moment(local, False, spoken, tuple(tape.spans), problem=f"“{clock[0].strip()}” is not a time of day.")
    if day is not None and not times and tape.take(_SAME_TIME) is not None:
        times = [TimeOfDay(local.hour, local.minute)]
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


_SAME_TIME = re.compile(r"\b(?:at\s+)?(?:(?:the\s+)?same|this)\s+time\b", re.IGNORECASE)
_SAME_TIME_NEXT = re.compile(rf"{_SAME_TIME.pattern},?\s+next\s+(?P<u>week|month|year)\b", re.IGNORECASE)
_BEHIND_DAY = re.compile(rf"(?<={BLANK})\s+(?P<time>{BARE})(?=\s*(?:$|[,;.!?]|\s(?:and|to|please)\b))", re.IGNORECASE)  # "tomorrow 8"
_UNTIL_TIME = re.compile(rf"\b(?:until|till|til|to|from|before|for)\s+(?P<time>(?:{CLEAR}|{BARE}){PART.format('part')}?)", re.IGNORECASE)


def _joined(day: Day | None, time: TimeOfDay | None, local: datetime, spoken: str, tape: Tape) -> Moment:
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


def part_timed(moment: Moment) -> Moment:
    """A part of the day as the hour it is taken to begin: "tomorrow morning" is 9:00."""
    return replace(moment, at=moment.at.replace(hour=PARTS_OF_DAY[moment.part]), has_time=True)
