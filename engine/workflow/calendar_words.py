"""When a schedule fires, said in words as people say it: “every weekday at 09:00”."""

from __future__ import annotations

from collections.abc import Sequence

from engine.workflow.catalogue import listed
from engine.workflow.definition import Trigger
from engine.workflow.durations import in_words as long
from engine.workflow.recurrence import DAYS, Recurrence, recurrence

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}


def schedule_in_words(trigger: Trigger) -> str:
    """When it fires, without zone, jitter, end and exceptions."""
    if trigger.at is not None:
        at = trigger.at
        offset = f" ({at.tzname()})" if not trigger.timezone and at.tzname() else ""
        return f"once on {WEEK[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year} at {at:%H:%M}{offset}"
    return cron_in_words(trigger.cron) if trigger.cron else rule_in_words(recurrence(trigger.rrule))


# --- cron ----------------------------------------------------------------------------------------------------------------


def cron_in_words(text: str) -> str:
    """Plain shapes in plain words; anything else is quoted, because a wrong paraphrase is worse than none."""
    minute, hour, day, month, weekday = text.upper().split()
    time, days, months = _cron_time(minute, hour), _cron_days(day, weekday), _cron_months(month)
    if time is None or days is None or months is None:
        return f"by the cron schedule “{text}”"
    if time.startswith("at ") or (days, months) != ("every day", ""):
        return f"{days}{months} {time}" if time.startswith("at ") else f"{time}, {days}{months}"
    return time


def _cron_time(minute: str, hour: str) -> str | None:
    minutes, hours = _numbers(minute), _numbers(hour)
    if minutes and hours and len(minutes) * len(hours) <= 6:
        return _clock([(h, m) for h in hours for m in minutes])
    beat = _minutes(minute)
    if beat is None:
        return None
    if hour == "*":
        return beat
    if hour.startswith("*/") and hour[2:].isdigit() and int(hour[2:]) > 0 and 24 % int(hour[2:]) == 0 and len(minutes) == 1:
        return f"every {hour[2:]} hours" + ("" if minutes == [0] else f" at :{minutes[0]:02}")
    first, dash, last = hour.partition("-")
    if dash and first.isdigit() and last.isdigit():
        end = minutes[-1] if minutes else 59
        return f"{beat} from {int(first):02}:00 to {int(last):02}:{end:02}"
    return None


def _minutes(minute: str) -> str | None:
    """How often within the hour. ``*/45`` is no beat of 45 minutes: it fires at :00 and :45."""
    if minute in ("*", "*/1"):
        return "every minute"
    if minute.startswith("*/") and minute[2:].isdigit() and 0 < int(minute[2:]) < 60:
        step = int(minute[2:])
        return f"every {step} minutes" if 60 % step == 0 else _past([*range(0, 60, step)])
    numbers = _numbers(minute)
    if not numbers:
        return None
    return "every hour" if numbers == [0] else _past(numbers)


def _past(minutes: Sequence[int]) -> str:
    return f"every hour at {listed(f':{minute:02}' for minute in minutes)}" if len(minutes) <= 6 else f"{len(minutes)} times an hour"


def _cron_days(day: str, weekday: str) -> str | None:
    on_days = _cron_weekdays(weekday)
    if day in ("*", "?"):
        return "every day" if weekday in ("*", "?") else on_days
    of_month = "the last day" if day == "L" else "the last weekday" if day == "LW" else None
    if of_month is None and (numbers := _numbers(day)):
        of_month = f"day {listed(map(str, numbers))}"
    if of_month is None:
        return None
    if weekday in ("*", "?"):
        return f"on {of_month} of the month"
    return f"on {of_month} of the month and also {on_days}," if on_days else None


def _cron_weekdays(text: str) -> str | None:
    plain = text
    for index, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")):
        plain = plain.replace(name, str(index))
    if plain[:1].isdigit() and plain[1:] == "L":
        return f"on the last {_weekday(int(plain[0]))} of the month"
    if len(plain) == 3 and plain[1] == "#" and plain[0].isdigit() and plain[2] in "12345":
        return f"on the {_ORDINALS[int(plain[2])]} {_weekday(int(plain[0]))} of the month"
    numbers = _numbers(plain)
    return _weekdays(sorted({(number - 1) % 7 for number in numbers})) if numbers else None


def _weekday(cron: int) -> str:
    return WEEK[(cron - 1) % 7]


def _cron_months(text: str) -> str | None:
    if text == "*":
        return ""
    plain = text
    for index, name in enumerate(MONTHS, 1):
        plain = plain.replace(name[:3].upper(), str(index))
    numbers = _numbers(plain)
    return f" in {listed(MONTHS[number - 1] for number in numbers)}" if numbers else None


def _numbers(field: str) -> list[int]:
    """``1,3-5`` → [1, 3, 4, 5]; empty for anything with steps or signs."""
    found: set[int] = set()
    for part in field.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            return []
        found.update(range(int(first), int(last or first) + 1))
    return sorted(found)


# --- recurrence rules ------------------------------------------------------------------------------------------------------


def rule_in_words(rule: Recurrence) -> str:
    """As ``cron_in_words``: what cannot be said simply is quoted."""
    until = f" until {rule.until:%Y-%m-%d}" if rule.until else f", {rule.count} times" if rule.count else ""
    if _intricate(rule):
        return f"by the recurrence “{rule.text}”"
    if rule.frequency in ("MINUTELY", "HOURLY"):
        return _beat(rule) + until
    said = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[rule.frequency](rule)
    if rule.frequency != "YEARLY" and rule.numbers("BYMONTH"):
        said += f" in {listed(MONTHS[month - 1] for month in rule.numbers('BYMONTH'))}"
    return f"{said} {_at(rule)}{until}"


def _intricate(rule: Recurrence) -> bool:
    keys = rule.parts.keys()
    if {"BYYEARDAY", "BYWEEKNO"} & keys or ("BYSETPOS" in keys and not _setpos(rule) and not _chosen_times(rule)):
        return True
    if rule.frequency in ("MINUTELY", "HOURLY"):
        return False
    return {"BYDAY", "BYMONTHDAY"} <= keys or (rule.frequency == "DAILY" and rule.interval > 1 and "BYMONTHDAY" in keys)


def _beat(rule: Recurrence) -> str:
    unit = "minute" if rule.frequency == "MINUTELY" else "hour"
    said = f"every {unit}" if rule.interval == 1 else f"every {long(rule.step)}" if rule.elapsed else f"every {rule.interval} {unit}s"
    if hours := rule.numbers("BYHOUR"):
        run = list(hours) == list(range(hours[0], hours[-1] + 1)) and len(hours) > 1
        said += f" from {hours[0]:02}:00 to {hours[-1]:02}:59" if run else f" in the hours {listed(f'{hour:02}' for hour in hours)}"
    if minutes := rule.numbers("BYMINUTE"):
        said += f" at {listed(f':{minute:02}' for minute in minutes)}"
    if days := _plain_days(rule):
        said += f", {_weekdays(days)}"
    if months := rule.numbers("BYMONTH"):
        said += f", in {listed(MONTHS[month - 1] for month in months)}"
    if dates := rule.numbers("BYMONTHDAY"):
        said += f", {_dates(dates)}"
    return said


def _daily(rule: Recurrence) -> str:
    if days := _plain_days(rule):
        return (
            _weekdays(days) if rule.interval == 1 else f"every {rule.interval} days if it is a {listed((WEEK[day] for day in days), 'or')}"
        )
    return f"{_dates(rule.numbers('BYMONTHDAY'))} of the month" if "BYMONTHDAY" in rule.parts else _every(rule, "day")


def _weekly(rule: Recurrence) -> str:
    days = _plain_days(rule) or [0]
    return _weekdays(days) if rule.interval == 1 else f"{_every(rule, 'week')} on {listed(WEEK[day] for day in days)}"


def _monthly(rule: Recurrence) -> str:
    of = "of the month" if rule.interval == 1 else f"of {_every(rule, 'month')}"
    if "BYSETPOS" in rule.parts:
        return f"on the {_setpos(rule)} {of}"
    if "BYDAY" in rule.parts:
        return f"{_counted_days(rule)} {of}"
    return f"{_dates(rule.numbers('BYMONTHDAY') or (1,))} {of}"


def _yearly(rule: Recurrence) -> str:
    months = rule.numbers("BYMONTH") or (1,)
    when = listed(MONTHS[month - 1] for month in months)
    if "BYDAY" in rule.parts:
        return f"{_every(rule, 'year')} {_counted_days(rule)} of {when if 'BYMONTH' in rule.parts else 'the year'}"
    return f"{_every(rule, 'year')} {_dates(rule.numbers('BYMONTHDAY') or (1,))} of {when}"


def _every(rule: Recurrence, unit: str) -> str:
    return f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"


def _at(rule: Recurrence) -> str:
    return _clock(_chosen_times(rule) or _grid(rule))


def _grid(rule: Recurrence) -> list[tuple[int, int]]:
    return [(hour, minute) for hour in rule.numbers("BYHOUR") or (0,) for minute in rule.numbers("BYMINUTE") or (0,)]


def _chosen_times(rule: Recurrence) -> list[tuple[int, int]]:
    """Of a daily rule whose BYSETPOS picks some of its times (9:15 and 17:30, not 9:30); empty for any other."""
    places, grid = rule.numbers("BYSETPOS"), _grid(rule)
    if rule.frequency != "DAILY" or not places or places[0] < 1 or places[-1] > len(grid):
        return []
    return [grid[place - 1] for place in places]


def _clock(times: Sequence[tuple[int, int]]) -> str:
    if len(times) > 6:
        return f"{len(times)} times a day"
    return f"at {listed(f'{hour:02}:{minute:02}' for hour, minute in sorted(times))}"


def _plain_days(rule: Recurrence) -> list[int]:
    """Days of the week, Monday 0; only where none is counted."""
    words = rule.parts["BYDAY"].split(",") if "BYDAY" in rule.parts else []
    return sorted({DAYS.index(word) for word in words}) if all(word in DAYS for word in words) else []


def _weekdays(days: Sequence[int]) -> str:
    named = {(0, 1, 2, 3, 4): "every weekday", (5, 6): "every Saturday and Sunday", (0, 1, 2, 3, 4, 5, 6): "every day"}
    return named.get(tuple(days)) or f"every {listed(WEEK[day] for day in days)}"


def _counted_days(rule: Recurrence) -> str:
    said = []
    for word in rule.parts["BYDAY"].split(","):
        number, day = word[:-2], WEEK[DAYS.index(word[-2:])]
        ordinal = _ORDINALS.get(int(number), f"{number}.") if number else ""
        said.append(f"on the {ordinal} {day}" if number else f"on every {day}")
    return listed(said)


def _dates(days: Sequence[int]) -> str:
    last = {-1: "the last day", -2: "the second to last day"}
    plain = [day for day in days if day > 0]
    said = [f"day {listed(map(str, plain))}"] if plain else []
    said += [last.get(day, f"day {-day} from the end") for day in sorted(days, reverse=True) if day < 0]
    return f"on {listed(said)}"


def _setpos(rule: Recurrence) -> str:
    """``last weekday`` for the common shape of one position among weekdays; empty for any other."""
    position = rule.numbers("BYSETPOS")
    days = _plain_days(rule)
    if rule.frequency != "MONTHLY" or len(position) != 1 or position[0] not in _ORDINALS or "BYMONTHDAY" in rule.parts or not days:
        return ""
    kinds = {(0, 1, 2, 3, 4): "weekday", (5, 6): "weekend day", tuple(range(7)): "day"}
    kind = kinds.get(tuple(days)) or (WEEK[days[0]] if len(days) == 1 else "")
    return f"{_ORDINALS[position[0]]} {kind}" if kind else ""
