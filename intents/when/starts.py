"""A recurrence that is to begin later: kept where it would not fire sooner anyhow, asked about where it would."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.errors import Invalid
from engine.workflow.calendar import counted, next_fire
from engine.workflow.definition import Trigger, TriggerType
from intents.when.pattern import Pattern

if TYPE_CHECKING:
    from intents.when.schedule import Schedule


def not_yet(schedule: Schedule, pattern: Pattern, now: datetime, zone: str) -> Schedule:
    """``schedule``, or a question when it would fire before the day it is to start on: schedules begin when they are confirmed."""
    if pattern.start is None or schedule.question:
        return schedule
    where = schedule.timezone or zone
    trigger = Trigger(type=TriggerType.SCHEDULED, cron=schedule.cron, rrule=schedule.rrule, timezone=where)
    try:
        first = next_fire(counted(trigger, now, where), now, where)
    except Invalid:  # it is refused with its own sentence
        return schedule
    begins = first.astimezone(ZoneInfo(where)).date() if first is not None else None
    if begins is not None and begins >= pattern.start and (pattern.every == 1 or begins == pattern.start):
        return schedule
    asked = f"A schedule begins as soon as it is confirmed, so I cannot hold it back until {pattern.start:%d %B}. When should it run, without a first day?"
    return replace(schedule, cron="", rrule="", question=asked)
