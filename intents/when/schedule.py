"""From what was heard to a trigger: cron where cron can say it, RRULE where it cannot, ``at`` for once; or one precise question."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from engine.workflow.calendar import check_cron
from engine.workflow.recurrence import recurrence, tidy
from intents.when.calendar_words import RRULE_DAYS, WORKDAYS
from intents.when.clock import TimeOfDay
from intents.when.coverage import ends_unread, unread
from intents.when.doubts import doubt
from intents.when.moment import PARTS_OF_DAY, Moment, moment_on, part_timed, take_zone
from intents.when.pattern import Pattern
from intents.when.recurrence import NOISE, recurrence_on
from intents.when.starts import not_yet
from intents.when.tape import Tape
from intents.when.wording import reworded

ASK_TIME = "At what time should it run? For example “at 9:00”."
ASK_DAY = "On which day and at what time should it run? For example “on Mondays at 9:00”."
ASK_MONTH_DAY = "On which day of the month and at what time? For example “on the 1st at 9:00”."


@dataclass(frozen=True, slots=True)
class Schedule:
    """Exactly one of ``cron``, ``rrule``, ``at`` is filled, or none and ``question`` says what is missing. ``spans`` lie in the text read."""

    cron: str = ""
    rrule: str = ""
    at: str = ""
    timezone: str = ""
    question: str = ""
    spans: tuple[tuple[int, int], ...] = ()

    def trigger(self) -> dict[str, str]:
        """In the words of the parse contract."""
        said = {"cron": self.cron, "rrule": self.rrule, "at": self.at, "timezone": self.timezone}
        return {"type": "scheduled", **{key: value for key, value in said.items() if value}}


_CRON = re.compile(
    r"(?:\bcron(?:\s+expression)?\s*[:=]?\s*)?(?<!\S)((?:\*|\d[\d,\-*/]*|\*/\d+)(?:\s+(?:\*(?:/\d+)?|\d[\d,\-/]*"
    r"|[A-Za-z]{3}(?:[-,][A-Za-z]{3})*)){4})(?=[\s:,;.]|$)"
)


def read_schedule(text: str, now: datetime, zone: str) -> Schedule | None:
    """The schedule said anywhere in ``text``; None when no time is spoken of. Pure.

    Words of time beside it that were not read make it a question: what is not surely understood is asked.
    """
    worded = reworded(text)
    found = _read(worded.text, now, zone)
    if found is None:
        return None
    question = (found.question if found.question != ASK_TIME else "") or _doubt(found, worded.text, now.astimezone(ZoneInfo(zone)))
    question = question or found.question
    kept = Schedule(question=question, timezone=found.timezone, spans=found.spans) if question else found
    return replace(kept, spans=worded.back(kept.spans))


def _doubt(found: Schedule, text: str, now: datetime) -> str:
    """What keeps it from being believed; "" when nothing does."""
    unkept = _refused(found)
    if unkept:
        return unkept
    doubtful = doubt(text, found.spans, now)
    if doubtful:
        return doubtful
    left = unread(text, found.spans, NOISE) or (ends_unread(text, found.spans) if found.cron or found.rrule else "")
    if left:
        return f"I understood the time, but not “{left[:60]}”. Please say when it should run in other words, for example “every Monday at 9:00”."
    return _unknown_zone(text, found)


_ZONE = re.compile(
    r"\s*\(?(?!(?:local|my|our|your|their|the|this|that|same|first|next|last|every|each|any|in|on|for|at|of)\b)(?P<zone>[A-Za-z]{3,20}(?:\s[A-Z]\w+)?)\s+time\b"
)


def _unknown_zone(text: str, found: Schedule) -> str:
    for _, stop in () if found.timezone else found.spans:
        match = _ZONE.match(text, stop)
        if match is not None:
            return f"I do not know the time zone “{match['zone']}”. Name a big city in it, or write it like Europe/Berlin."
    return ""


def _refused(found: Schedule) -> str:
    """Why the engine would not keep it."""
    try:
        if found.cron:
            check_cron(found.cron)
        if found.rrule:
            recurrence(found.rrule)
    except Invalid as error:
        return str(error)
    return ""


def _read(text: str, now: datetime, zone: str) -> Schedule | None:
    tape = Tape(text)
    literal = _literal(tape)
    if literal is not None:
        return replace(literal, timezone=take_zone(tape), spans=tuple(tape.spans))
    spoken_first = _only_counts(text)
    if not spoken_first:
        tape.hide(NOISE)
    pattern = recurrence_on(tape, now, zone)
    if pattern is not None:
        timezone = take_zone(Tape(text)) and take_zone(tape)
        planned = _planned(pattern, timezone or _zone_near_time(text, tape), tuple(tape.spans))
        return not_yet(planned, pattern, now, zone)
    if _UNREAD.search(text):
        return Schedule(question="How often is that? For example “every Monday at 9:00” or “on the 1st of each month at 8:00”.")
    tape = Tape(text)
    tape.hide(NOISE)
    return _once(tape, moment_on(tape, now, zone), now)


_UNREAD = re.compile(
    r"\b(?:every|each)\s+(?:[\w-]+\s+){0,3}(?:of\s+(?:the|each)\s+)?(?:month|week|day|year|quarter|hour|minute|morning"
    r"|evening|night)s?\b",
    re.IGNORECASE,
)


def _only_counts(text: str) -> bool:
    """ "for the next ten days" is an end of a recurrence where one is spoken of, else a span of time."""
    return bool(re.search(r"\b(?:every|each|daily|weekly|monthly)\b", text, re.IGNORECASE))


def _zone_near_time(text: str, tape: Tape) -> str:
    """The times are already cut, so a zone right behind one ("13:00 Sydney") is looked for in the untouched text."""
    probe = Tape(text)
    name = take_zone(probe)
    if name:
        tape.spans.extend(probe.spans)
    return name


_RULE = re.compile(r"(?:\bRRULE:)?\bFREQ=[A-Z]+(?:;[A-Z]+=[\w,+-]+)*", re.IGNORECASE)


def _literal(tape: Tape) -> Schedule | None:
    rule = tape.take(_RULE)
    if rule is not None:
        return Schedule(rrule=tidy(rule[0]))
    cron = _literal_cron(tape)
    return Schedule(cron=cron) if cron is not None else None


def _literal_cron(tape: Tape) -> str | None:
    match = _CRON.search(tape.text)
    if match is None or ("*" not in match[1] and "cron" not in match[0].lower()):
        return None
    tape.cut(match.start(), match.end())
    return re.sub(r"\s+", " ", match[1]).upper() if re.search("[a-z]", match[1]) else re.sub(r"\s+", " ", match[1])


def _once(tape: Tape, moment: Moment | None, now: datetime) -> Schedule | None:
    if moment is None:
        return None
    spans = tuple(moment.spans)
    if moment.problem:
        return Schedule(question=moment.problem, timezone=moment.zone, spans=spans)
    if not moment.has_time and moment.part in PARTS_OF_DAY:
        moment = part_timed(moment)
    if not moment.has_time:
        return Schedule(question=ASK_TIME, timezone=moment.zone, spans=spans)
    if moment.at <= now:
        return Schedule(question=f"{moment.at:%d %B %Y %H:%M} is past. When should it run?", timezone=moment.zone, spans=spans)
    return Schedule(at=moment.at.isoformat(timespec="seconds"), timezone=moment.zone, spans=spans)


def _planned(pattern: Pattern, timezone: str, spans: tuple[tuple[int, int], ...]) -> Schedule:
    question = pattern.problem or _missing(pattern) or _miscounted(pattern)
    if question:
        return Schedule(question=question, timezone=timezone, spans=spans)
    kind, text = _written(pattern)
    return Schedule(cron=text if kind == "cron" else "", rrule=text if kind == "rrule" else "", timezone=timezone, spans=spans)


def _missing(pattern: Pattern) -> str:
    if pattern.unit in ("M", "H"):
        return ""
    if pattern.unit == "W" and not pattern.days:
        return ASK_DAY
    if pattern.unit in ("mon", "Q", "Y") and not (pattern.ordinal_day or pattern.monthdays):
        return ASK_MONTH_DAY
    return "" if pattern.times else ASK_TIME


def _miscounted(pattern: Pattern) -> str:
    """ "twice a day at 9": fewer or more times than were announced."""
    wanted, unit = pattern.announced
    if not wanted:
        return ""
    given = {"D": pattern.times, "W": pattern.days, "mon": pattern.monthdays or pattern.ordinals}.get(unit, ())
    whole = unit in ("H", "M", "Y", "Q") or (unit == "D" and pattern.days and len(given) != wanted)
    if whole or len(given) != wanted:
        what = {"D": "At which times", "W": "On which days", "mon": "On which days of the month"}.get(unit, "When exactly")
        return f"{what} should it run? You said {wanted} times, and named {len(given)}."
    return ""


def _written(pattern: Pattern) -> tuple[str, str]:
    if pattern.unit in ("M", "H"):
        return _often(pattern)
    if pattern.ordinal_day in ("weekday", "workday"):
        return "rrule", _rrule(_ordinal_parts(pattern), pattern)
    if pattern.monthdays:
        return _by_month_day(pattern)
    if pattern.every > 1 or pattern.ended or pattern.months or not _one_cron(pattern.times):
        return "rrule", _rrule(_weekly_parts(pattern), pattern)
    return "cron", f"{_clock_fields(pattern.times)} * * {_cron_days(pattern.days)}"


def _often(pattern: Pattern) -> tuple[str, str]:
    minutes = pattern.unit == "M"
    whole = 60 if minutes else 24
    if pattern.ended or pattern.months or (whole % pattern.every and not (pattern.window and not minutes)):
        freq = "MINUTELY" if minutes else "HOURLY"
        extra = _months(pattern) + ([f"BYDAY={_rrule_days(pattern.days)}"] if pattern.days else [])
        if pattern.window:
            first, last = pattern.window[0].hour, pattern.window[1].hour + (not minutes)
            extra.append("BYHOUR=" + ",".join(str(hour % 24) for hour in range(first, last if last > first else last + 24)))
        extra += [f"BYMINUTE={','.join(map(str, pattern.minutes))}"] if pattern.minutes and not minutes else []
        return "rrule", ";".join([f"FREQ={freq}", f"INTERVAL={pattern.every}", *extra, *_end(pattern)])
    if minutes:
        hours = _hour_window(pattern, inclusive=False)
        return "cron", f"{_step('*', pattern.every)} {hours} * * {_cron_days(pattern.days)}"
    hours = _hour_window(pattern, inclusive=True)
    return "cron", f"{','.join(map(str, pattern.minutes or (0,)))} {_step(hours, pattern.every)} * * {_cron_days(pattern.days)}"


def _hour_window(pattern: Pattern, *, inclusive: bool) -> str:
    if pattern.window is None:
        return "*"
    first, last = pattern.window[0].hour, pattern.window[1].hour
    if not inclusive and pattern.window[1].minute == 0:
        last = (last - 1) % 24
    if first <= last:
        return f"{first}-{last}"
    return ",".join(str(hour % 24) for hour in range(first, last + 25))


def _step(field: str, every: int) -> str:
    return field if every == 1 else f"{field}/{every}"


def _one_cron(times: list[TimeOfDay]) -> bool:
    return len({time.minute for time in times}) == 1 or len({time.hour for time in times}) == 1


def _clock_fields(times: list[TimeOfDay]) -> str:
    minutes = ",".join(str(minute) for minute in sorted({time.minute for time in times}))
    hours = ",".join(str(hour) for hour in sorted({time.hour for time in times}))
    return f"{minutes} {hours}"


def _cron_days(days: tuple[int, ...]) -> str:
    """Monday is 0 for us and 1 for cron."""
    if not days or len(set(days)) == 7:
        return "*"
    if tuple(sorted(days)) == WORKDAYS:
        return "1-5"
    return ",".join(str(day) for day in sorted((day + 1) % 7 for day in days))


def _rrule_days(days: tuple[int, ...]) -> str:
    return ",".join(RRULE_DAYS[day] for day in sorted(set(days)))


def _ordinal_parts(pattern: Pattern) -> list[str]:
    months = _months(pattern)
    freq = "FREQ=YEARLY" if pattern.months else "FREQ=MONTHLY"
    months = [*([f"INTERVAL={pattern.every}"] if pattern.every > 1 else []), *months]
    if pattern.ordinal_day == "workday":
        # BYSETPOS counts within the period, so a choice of months must stay MONTHLY.
        return ["FREQ=MONTHLY", *months, f"BYDAY={_rrule_days(WORKDAYS)}", f"BYSETPOS={','.join(map(str, pattern.ordinals))}"]
    days = ",".join(f"{ordinal}{RRULE_DAYS[day]}" for ordinal in pattern.ordinals for day in pattern.days)
    return [freq, *months, f"BYDAY={days}"]


def _weekly_parts(pattern: Pattern) -> list[str]:
    daily = pattern.unit == "D"
    interval = [f"INTERVAL={pattern.every}"] if pattern.every > 1 else []
    days = [f"BYDAY={_rrule_days(pattern.days)}"] if pattern.days and len(set(pattern.days)) < 7 else []
    return ["FREQ=DAILY" if daily and not days else "FREQ=WEEKLY", *interval, *_months(pattern), *days]


def _by_month_day(pattern: Pattern) -> tuple[str, str]:
    months, days = pattern.months, pattern.monthdays
    plain = min(days) > 0 and pattern.every == 1 and not pattern.ended and _one_cron(pattern.times)
    if plain:
        months_field = ",".join(map(str, months)) or "*"
        return "cron", f"{_clock_fields(pattern.times)} {','.join(map(str, days))} {months_field} *"
    freq = "YEARLY" if months else "MONTHLY"
    interval = [f"INTERVAL={pattern.every}"] if pattern.every > 1 else []
    by_month = _months(pattern)
    return "rrule", _rrule([f"FREQ={freq}", *interval, *by_month, f"BYMONTHDAY={','.join(map(str, days))}"], pattern)


def _months(pattern: Pattern) -> list[str]:
    return [f"BYMONTH={','.join(map(str, pattern.months))}"] if pattern.months else []


def _end(pattern: Pattern) -> list[str]:
    if pattern.until is not None:
        return [f"UNTIL={pattern.until:%Y%m%dT%H%M%S}"]
    return [f"COUNT={pattern.count}"] if pattern.count else []


def _rrule(parts: list[str], pattern: Pattern) -> str:
    times = pattern.times
    hours, minutes = sorted({time.hour for time in times}), sorted({time.minute for time in times})
    clock = [f"BYHOUR={','.join(map(str, hours))}", f"BYMINUTE={','.join(map(str, minutes))}"]
    if not _one_cron(times) and not any(part.startswith("BYSETPOS") for part in parts):
        # RFC 5545 crosses hours with minutes; BYSETPOS keeps only the pairs that were said (within one day's set).
        grid = [TimeOfDay(hour, minute) for hour in hours for minute in minutes]
        clock.append("BYSETPOS=" + ",".join(str(grid.index(time) + 1) for time in times))
        parts = [part.replace("FREQ=WEEKLY", "FREQ=DAILY") for part in parts]
    return ";".join([*parts, *clock, *_end(pattern)])
