"""When it runs, changed by a sentence: “make it 10 instead”, “not on Fridays”, “until the end of the month”."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from intents.editing.work import Question, Raw, Result, Work
from intents.when import Schedule, read_moment, read_schedule, until
from intents.when.calendar_words import WEEKDAY, weekday_of
from intents.when.zones import zone_named

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RRULE_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_IT = r"(?:it|this|that|them|(?:the|its)\s+(?:time|schedule|workflow|report|post|run|start|day|days))"
_LEAD = re.compile(
    rf"^(?:(?:also|only|rather|better|instead|just)\s+)*(?:(?:make|run|do|start|send|post|fire|schedule|reschedule|move|shift|change|set|let|put|have|trigger)\s+"
    rf"(?:{_IT}\s+)?(?:(?:should|to)\s+)?(?:(?:run|go|be|start|happen|fire|post|go\s+out)\s+)?|{_IT}\s+(?:is|should\s+(?:be|run))\s+)?(?:to\s+)?(?:only\s+)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:at\s+|for\s+|to\s+)?(?P<t>(?:half\s+past|quarter\s+(?:past|to))\s+\w+|\d{1,2}(?:[:.h]\d{2})?\s*(?:am|pm|a\.m\.|p\.m\.|o'?clock|h)?|noon|midday|midnight)"
    r"(?:\s+in\s+the\s+(?:morning|evening|afternoon))?(?:\s+(?:sharp|instead))*(?:\s+(?:instead\s+of|not|rather\s+than)\s+(?:at\s+)?[\w:.]+(?:\s*[ap]m)?)?",
    re.IGNORECASE,
)
_WD = rf"(?:{WEEKDAY})s?"
_DAY_LIST = rf"(?:(?:{_WD}|weekends?|weekdays?|working\s+days)(?:\s*(?:,|and|or|,\s*and)\s*(?:on\s+)?(?:{_WD}|weekends?))*)"
_NOT_ON = re.compile(
    rf"(?:also\s+)?(?:but\s+)?(?:not|never|except|skip|excluding|don't\s+(?:run|do|post|send)(?:\s+{_IT})?|do\s+not\s+run(?:\s+{_IT})?|no|leave\s+out|without|not\s+any\s?more)"
    rf"\s+(?:for\s+|on\s+)?(?:the\s+)?(?P<d>{_DAY_LIST})(?:\s+any\s?more)?",
    re.IGNORECASE,
)
_NOT_DAY = re.compile(
    r"(?:but\s+)?(?:not|except|skip|don't\s+run(?:\s+it)?|excluding|leave\s+out)\s+(?:on\s+|for\s+)?(?P<d>.+)", re.IGNORECASE
)
_UNTIL = re.compile(
    r"(?:(?:run|do|post|keep)\s+(?:it\s+)?)?(?:only\s+)?(?:until|till)\s+(?P<d>.+)|(?:stop|end)\s+(?:it\s+)?(?:on|after|at)\s+(?P<d2>.+)",
    re.IGNORECASE,
)
_ZONE_LEAD = re.compile(
    r"(?:^|[\s,]+)(?:(?:but|in|to|use|on|with|set|change|make|it|the|time\s?zone|of|is|for|per|by)\b\s*)*$", re.IGNORECASE
)
_ZONE_TAIL = re.compile(r"(?:'s)?\s+(?:local\s+)?time(?:\s?zone)?\s*$", re.IGNORECASE)
_NO_SCHEDULE = "It does not run at set times: {how}. To change that, say for example “run it every weekday at 9 instead”."


def read_time(work: Work) -> Result:
    text = re.sub(r"\s+instead$", "", work.text, flags=re.IGNORECASE)
    if re.match(r"(?:add|also)\s+.*\b(?:step|tell|post|notify)\b", text, re.IGNORECASE):
        return None
    bare = _LEAD.sub("", text, count=1)
    for said in (bare, text):
        rest, zone = _zoned(said)
        if zone:
            return _in_zone(work, rest, zone)
    for reader in (_end, _other_days, _one_day, _clock, _whole):
        found = reader(work, bare)
        if found is not None:
            return found
    return None


def _scheduled(work: Work) -> bool:
    return work.trigger.get("type") == "scheduled"


def _no_schedule(work: Work) -> Question:
    trigger = work.trigger
    how = "it is started by hand" if trigger.get("type") == "manual" else "it starts when something happens"
    return Question(_NO_SCHEDULE.format(how=how))


def _end(work: Work, text: str) -> Result:
    found = _UNTIL.fullmatch(text)
    if found is None:
        return None
    moment = until("until " + (found["d"] or found["d2"]), work.source.now, work.source.timezone)
    if moment is None or moment.problem:
        return None
    if not _scheduled(work):
        return _no_schedule(work)
    at = moment.at if moment.has_time else moment.at.replace(hour=23, minute=59)
    return _with(work, end=at.isoformat())


def _other_days(work: Work, text: str) -> Result:
    found = _NOT_ON.fullmatch(text) or _NOT_ON.fullmatch(work.text)
    if found is None:
        return None
    if not _scheduled(work):
        return _no_schedule(work)
    left = _days(work.trigger)
    if left is None:
        return Question("It does not run by days of the week. Say the whole schedule, for example “every Monday and Thursday at 9”.")
    without = _named(found["d"])
    left = [day for day in left if day not in without]
    if not left:
        return Question("Then no day would be left. Pause the workflow, or say on which days it should run.")
    return _on_days(work, left)


def _one_day(work: Work, text: str) -> Result:
    """ "not on 25 December": an exception, not a rule."""
    found = _NOT_DAY.fullmatch(text) or _NOT_DAY.fullmatch(work.text)
    moment = read_moment(found["d"], work.source.now, work.source.timezone) if found else None
    if moment is None or moment.problem or moment.has_time or not _scheduled(work):
        return None
    days = [*work.trigger.get("exceptions", []), moment.at.date().isoformat()]
    return _with(work, exceptions=list(dict.fromkeys(days)))


def _clock(work: Work, text: str) -> Result:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    if not _scheduled(work):
        return _no_schedule(work) if re.match(r"\s*at\b|.*\b(?:am|pm|o'?clock)\b|.*:", text, re.IGNORECASE) else None
    words = re.split(r"\s+(?:instead|not|rather)\b", text, flags=re.IGNORECASE)[0]
    words = re.sub(r"^(?:at|for|to)\s+", "", words, flags=re.IGNORECASE)
    heard = read_schedule(f"every day at {words}", work.source.now, work.source.timezone)
    if heard is None or heard.question or not heard.cron:
        return None
    return _at(work, heard.cron.split()[:2])


def _at(work: Work, clock: list[str]) -> Result:
    trigger, (minute, hour) = work.trigger, clock
    if at := trigger.get("at"):
        return _with(work, at=re.sub(r"T\d\d:\d\d(?::\d\d)?", f"T{int(hour):02}:{int(minute):02}:00", str(at)))
    if cron := trigger.get("cron"):
        fields = str(cron).split()
        if not re.fullmatch(r"\d+(?:,\d+)*", fields[0]) or not re.fullmatch(r"\d+(?:,\d+)*", fields[1]):
            return Question("It runs several times a day. Say the whole schedule, for example “every weekday at 10” or “every 2 hours”.")
        return _with(work, cron=" ".join([minute, hour, *fields[2:]]))
    rule = str(trigger.get("rrule", ""))
    if "BYHOUR=" not in rule:
        return Question("It runs several times a day. Say the whole schedule, for example “every weekday at 10” or “every 2 hours”.")
    rule = re.sub(r"BYMINUTE=[\d,]+", f"BYMINUTE={minute}", re.sub(r"BYHOUR=[\d,]+", f"BYHOUR={hour}", rule))
    return _with(work, rrule=rule)


def _whole(work: Work, text: str) -> Result:
    """A schedule said in full, or its days alone: then the time stays."""
    asked = re.sub(
        r"^(?:only\s+)?(?:on\s+)?(?P<d>(?:weekdays|weekends|working\s+days))(?:\s+only)?$", r"every \g<d>", text, flags=re.IGNORECASE
    )
    asked = re.sub(r"\s+only$", "", asked, flags=re.IGNORECASE)
    asked = {"every weekdays": "every weekday", "every weekends": "on saturdays and sundays", "every working days": "every weekday"}.get(
        asked.lower(), asked
    )
    if _scheduled(work) and not work.trigger.get("at") and re.fullmatch(rf"(?:on\s+)?{_WD}", asked, re.IGNORECASE):
        asked = "every " + re.sub(r"^on\s+|s$", "", asked, flags=re.IGNORECASE)  # of what recurs, "make it Monday" means each
    clock = _time_words(work.trigger)
    heard = read_schedule(asked, work.source.now, work.source.timezone)
    if heard is None or (heard.question and not heard.spans):
        return None
    if (
        heard.question
        and clock
        and (again := read_schedule(f"{asked} at {clock}", work.source.now, work.source.timezone))
        and not again.question
    ):
        heard = again
    if not _only(asked, heard):
        return None
    if not _scheduled(work) and not re.search(r"\binstead\b|\bevery\b|\beach\b|\b(?:dai|week|month|hour)ly\b", work.text, re.IGNORECASE):
        return _no_schedule(work)
    if heard.question:
        return Question(heard.question)
    kept = (
        {key: value for key, value in work.trigger.items() if key in ("timezone", "jitter", "misfire", "end", "exceptions")}
        if _scheduled(work)
        else {}
    )
    fresh: Raw = {**kept, **heard.trigger()}
    if not _scheduled(work) and "timezone" not in fresh:
        fresh["timezone"] = work.source.timezone
    return {**work.raw, "trigger": fresh}


def _only(text: str, heard: Schedule) -> bool:
    """Whether the words hold nothing beside the schedule."""
    rest = list(text)
    for start, end in heard.spans:
        rest[start:end] = " " * (min(end, len(text)) - start) if start < len(text) else rest[start:end]
    left = re.sub(r"[\W_]+", " ", "".join(rest)).split()
    return all(
        word.lower() in ("on", "at", "only", "the", "every", "each", "in", "and", "of", "to", "it", "run", "instead", "from", "now")
        for word in left
    )


def _zoned(text: str) -> tuple[str, str]:
    """(a time of day or nothing, the zone) where that is all that was said: “in Berlin time”, “at 9 UTC”; else (text, "")."""
    named = _ZONE_TAIL.sub("", text)
    words = named.split()
    for many in (2, 1):
        if len(words) < many or not (zone := zone_named(" ".join(words[-many:]))):
            continue
        before = " ".join(words[:-many])
        rest = _ZONE_LEAD.sub("", f" {before}").strip()
        if not rest or _CLOCK.fullmatch(rest):
            return rest, zone
    return text, ""


def _in_zone(work: Work, clock: str, zone: str) -> Result:
    if not _scheduled(work):
        return _no_schedule(work)
    timed = _clock(work, clock) if clock else work.raw
    if timed is None or isinstance(timed, Question):
        return timed
    trigger: Raw = {**timed["trigger"], "timezone": zone}
    if at := trigger.get("at"):  # the clock on the wall stays as it was said
        was = datetime.fromisoformat(str(at))
        wall = was.astimezone(ZoneInfo(str(timed["trigger"].get("timezone") or "UTC"))) if was.tzinfo else was
        trigger["at"] = wall.replace(tzinfo=ZoneInfo(zone)).isoformat()
    return {**timed, "trigger": trigger}


# --- reading a schedule that is there -----------------------------------------------------------------------------------------------


def _time_words(trigger: Raw) -> str:
    """“09:00” of a schedule with one time of day; "" of any other."""
    cron = str(trigger.get("cron", "")).split()
    if len(cron) == 5 and cron[0].isdecimal() and cron[1].isdecimal():
        return f"{int(cron[1]):02}:{int(cron[0]):02}"
    rule = re.search(r"BYHOUR=(\d+);BYMINUTE=(\d+)(?:;|$)", str(trigger.get("rrule", "")))
    if rule:
        return f"{int(rule[1]):02}:{int(rule[2]):02}"
    at = re.search(r"T(\d\d:\d\d)", str(trigger.get("at", "")))
    return at[1] if at else ""


def _days(trigger: Raw) -> list[int] | None:
    """The days of the week (Monday 0) on which it runs; None where it goes by other days."""
    cron = str(trigger.get("cron", "")).split()
    if len(cron) == 5:
        if cron[2] != "*" or not re.fullmatch(r"\*|\d(?:-\d)?(?:,\d(?:-\d)?)*", cron[4]):
            return None
        if cron[4] == "*":
            return list(range(7))
        found: set[int] = set()
        for part in cron[4].split(","):
            first, _, last = part.partition("-")
            found |= {(day - 1) % 7 for day in range(int(first), int(last or first) + 1)}
        return sorted(found)
    rule = str(trigger.get("rrule", ""))
    if rule and not re.search(r"BYMONTHDAY|BYSETPOS|FREQ=(?:MONTHLY|YEARLY)", rule):
        by = re.search(r"BYDAY=([A-Z,]+)", rule)
        if by is None:
            return list(range(7)) if "FREQ=WEEKLY" not in rule else None
        return sorted(_RRULE_DAYS.index(day) for day in by[1].split(",") if day in _RRULE_DAYS)
    return None


def _named(words: str) -> set[int]:
    low = words.lower()
    found = {5, 6} if "weekend" in low else set(range(5)) if re.search(r"weekday|working", low) else set()
    return found | {weekday_of(day) for day in re.findall(rf"\b(?:{WEEKDAY})(?=s?\b)", low, re.IGNORECASE)}


def _on_days(work: Work, days: list[int]) -> Raw:
    trigger = work.trigger
    if cron := trigger.get("cron"):
        named = "1-5" if days == [0, 1, 2, 3, 4] else ",".join(str(day) for day in sorted((day + 1) % 7 for day in days))
        return _with(work, cron=" ".join([*str(cron).split()[:4], named]))
    by = "BYDAY=" + ",".join(_RRULE_DAYS[day] for day in days)
    rule = str(trigger["rrule"])
    return _with(work, rrule=re.sub(r"BYDAY=[A-Z,]+", by, rule) if "BYDAY=" in rule else f"{rule};{by}")


def _with(work: Work, **fields: Any) -> Raw:
    return {**work.raw, "trigger": {**work.trigger, **fields}}
