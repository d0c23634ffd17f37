"""When a schedule fires next: cron, recurrence rule or one moment, in its own zone, right across clock changes.

clocks go forward   a time that does not exist fires once, shifted past the gap
clocks go back      a time that exists twice fires once, the first time; what beats by the minute or hour goes on beating
end                 no fire after it; one at that very moment still counts
exceptions          a date takes out every fire of that day in the trigger's zone, a moment the fire at exactly that moment

A *fire* is the moment the schedule names. Jitter does not move it: a run begins up to so much later and is still the run of that fire
(see ``engine.workflow.due``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from engine.errors import Invalid
from engine.workflow.catalogue import did_you_mean
from engine.workflow.definition import Trigger, TriggerType
from engine.workflow.recurrence import ANCHOR, Recurrence, recurrence, until_instant
from engine.workflow.trigger_words import in_words

__all__ = ["check_cron", "check_zone", "counted", "fires", "in_words", "next_fire", "next_fires", "zone_named"]

# No zone ever moved its clock by more than a day (Samoa, 2011), so fires beyond this cannot overtake each other.
_SLACK = timedelta(hours=26)


def fires(trigger: Trigger, after: datetime, zone: str = "UTC") -> Iterator[datetime]:
    """Every fire strictly after ``after`` (aware), in UTC, in order, as long as there are any; none when the trigger is no schedule.

    ``zone`` is the house's IANA zone, used where the trigger names none. Raises Invalid for a schedule that ``check_cron``, ``recurrence``
    or ``check_zone`` refuse, or an exception that is neither date nor moment.
    """
    if trigger.type is not TriggerType.SCHEDULED:
        return
    where = zone_named(trigger.timezone or zone)
    days, moments = _exceptions(trigger.exceptions, where)
    for fire in _named(trigger, after.astimezone(UTC), where):
        if trigger.end is not None and fire > trigger.end:
            return
        if fire not in moments and not (days and fire.astimezone(where).date() in days):
            yield fire


def _named(trigger: Trigger, after: datetime, where: ZoneInfo) -> Iterator[datetime]:
    """Without regard to end and exceptions."""
    if trigger.at is not None:
        if trigger.at > after:
            yield trigger.at.astimezone(UTC)
        return
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

    Always counted from when this version of the workflow was made: "for the next ten days" means the ten after that, through restarts and
    pauses. Exceptions count (RFC 5545 takes them out of what was counted), and ``end`` may end it sooner.
    """
    rule = recurrence(trigger.rrule) if trigger.rrule else None
    if rule is None or rule.count is None:
        return trigger
    due = next_fires(replace(trigger, exceptions=(), end=None), after, rule.count, zone)
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


def _exception(text: str) -> date:
    """A date, or a datetime (which is a date, too)."""
    said = text.strip()
    try:
        return date.fromisoformat(said) if len(said) <= 10 else datetime.fromisoformat(said)
    except ValueError as error:
        raise Invalid(
            f"“{said[:40]}” is no exception. Write a date such as 2026-12-25, or a moment such as 2026-12-25T09:00:00+01:00."
        ) from error


@lru_cache(maxsize=256)
def _exceptions(texts: tuple[str, ...], zone: ZoneInfo) -> tuple[frozenset[date], frozenset[datetime]]:
    """Local days, and moments in UTC."""
    said = [_exception(text) for text in texts]
    moments = [one if one.tzinfo else one.replace(tzinfo=zone) for one in said if isinstance(one, datetime)]
    return frozenset(one for one in said if not isinstance(one, datetime)), frozenset(one.astimezone(UTC) for one in moments)


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
