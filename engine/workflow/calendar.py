"""When a schedule fires next: cron, recurrence rule or one moment, in its own zone, right across clock changes.

clocks go forward   a time that does not exist fires once, shifted past the gap
clocks go back      a time that exists twice fires once, the first time; what beats by the minute or hour goes on beating
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from engine.errors import Invalid
from engine.workflow.calendar_words import in_words
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Trigger, TriggerType
from engine.workflow.recurrence import ANCHOR, Recurrence, recurrence, until_instant

__all__ = ["check_cron", "check_zone", "counted", "fires", "in_words", "next_fire", "next_fires", "zone_named"]

# No zone ever moved its clock by more than a day (Samoa, 2011), so fires beyond this cannot overtake each other.
_SLACK = timedelta(hours=26)


def fires(trigger: Trigger, after: datetime, zone: str = "UTC") -> Iterator[datetime]:
    """Every fire strictly after ``after`` (aware), in UTC, in order, as long as there are any; none when the trigger is no schedule.

    ``zone`` is the house's IANA zone, used where the trigger names none. Raises Invalid for a schedule that ``check_cron``, ``recurrence``
    or ``check_zone`` refuse.
    """
    if trigger.type is not TriggerType.SCHEDULED:
        return
    after = after.astimezone(UTC)
    if trigger.at is not None:
        if trigger.at > after:
            yield trigger.at.astimezone(UTC)
        return
    where = zone_named(trigger.timezone or zone)
    try:
        if trigger.cron:
            yield from (fire.astimezone(UTC) for fire in CronSim(trigger.cron, after.astimezone(where)))
        while not trigger.cron and (found := _next_recurrence(recurrence(trigger.rrule), after, where)) is not None:
            yield (after := found)
    except OverflowError:  # beyond the year 9999
        return


def next_fire(trigger: Trigger, after: datetime, zone: str = "UTC") -> datetime | None:
    """The first of ``fires``; None if there is none."""
    return next(fires(trigger, after, zone), None)


def next_fires(trigger: Trigger, after: datetime, count: int, zone: str = "UTC") -> list[datetime]:
    """The first ``count`` of ``fires``."""
    return list(islice(fires(trigger, after, zone), count))


def counted(trigger: Trigger, after: datetime, zone: str = "UTC") -> Trigger:
    """The trigger with COUNT, if its recurrence has one, turned into the moment of its last fire, counted from ``after``.

    To be done once, when the workflow is made: "for the next ten days" counts from then.
    """
    rule = recurrence(trigger.rrule) if trigger.rrule else None
    if rule is None or rule.count is None:
        return trigger
    due = next_fires(trigger, after, rule.count, zone)
    return replace(trigger, rrule=rule.ending(due[-1])) if due else trigger


def check_cron(text: str) -> str:
    """The expression with single spaces. Raises Invalid unless it has five fields that can come true."""
    fields = text.split()
    if len(fields) != 5:
        raise Invalid(f"A cron schedule has five fields (minute hour day month weekday), for example 0 9 * * 1-5; this has {len(fields)}.")
    try:
        first = next(CronSim(" ".join(fields), ANCHOR), None)
    except CronSimError as error:
        raise Invalid(f"The cron schedule “{text[:60]}” cannot be read: {str(error).lower()}.") from error
    if first is None:
        raise Invalid(f"The cron schedule “{text[:60]}” never comes true. Look at its day and month.")
    return " ".join(fields)


def check_zone(name: str) -> str:
    """Raises Invalid for what is no IANA zone, with the nearest names."""
    zone_named(name)
    return name


@lru_cache(maxsize=128)
def zone_named(name: str) -> ZoneInfo:
    """Raises Invalid, as ``check_zone``."""
    try:
        if name not in ("", "localtime"):  # those would mean this machine's own zone
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    known = sorted(available_timezones() - {"localtime", "Factory"})
    spellings = {zone.rpartition("/")[2]: zone for zone in known} | {zone: zone for zone in known}
    hint = did_you_mean(name[:60], spellings) or " Write it like Europe/Berlin or America/New_York."
    raise Invalid(f"There is no time zone “{name[:60]}”.{hint}")


def _next_recurrence(rule: Recurrence, after: datetime, zone: ZoneInfo) -> datetime | None:
    found = _next_beat(rule, after, zone) if rule.elapsed else min(_candidates(rule, after, zone), default=None)
    last = until_instant(rule, _instant(rule.until, zone)) if rule.until else None
    return None if found is None or (last is not None and found > last) else found


def _next_beat(rule: Recurrence, after: datetime, zone: ZoneInfo) -> datetime:
    start = _instant(ANCHOR, zone)
    return start + ((after - start) // rule.step + 1) * rule.step


def _candidates(rule: Recurrence, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Fires that could be the next: a clock change may let a later local time come earlier."""
    local = after.astimezone(zone).replace(tzinfo=None)
    found: datetime | None = None
    for moment in rule.local(local - _SLACK):
        if found is not None and moment > found + _SLACK:
            return
        instant = _instant(moment, zone)
        if instant > after:
            found = found or moment
            yield instant


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """UTC of a local time: the first of two in an overlap, shifted by the gap's width where it does not exist."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
