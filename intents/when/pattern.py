"""What was heard about a recurrence, before it is written as cron or RRULE."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from intents.when.clock import TimeOfDay


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
