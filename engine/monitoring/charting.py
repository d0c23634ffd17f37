"""What a chart shows, as plain values: built where something is decided, drawn in a process that loads nothing else of the house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

MOST_ROWS = 30  # services in one picture; the rest is counted
MOST_DAYS = 90


@dataclass(frozen=True, slots=True)
class Series:
    """``at``: seconds since 1970 (UTC), in any order; ``values``: as many, in the chart's unit, None where nothing was measured.

    ``gap``: seconds without a value from which on no line is drawn; 0 = found from how far apart the values usually lie.
    """

    name: str = ""
    at: tuple[float, ...] = ()
    values: tuple[float | None, ...] = ()
    gap: float = 0.0

    @classmethod
    def of(cls, name: str, points: Iterable[tuple[datetime, float | None]], *, gap: float = 0.0) -> Series:
        listed = tuple(points)
        return cls(name, tuple(at.timestamp() for at, _ in listed), tuple(value for _, value in listed), gap)


@dataclass(frozen=True, slots=True)
class Band:
    """What was expected: from ``low`` to ``high`` at each of ``at``. Two lines as long as ``at``."""

    at: tuple[float, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """A time of trouble; ``end`` None: not over. It is numbered by its place in the list."""

    start: datetime
    end: datetime | None = None
    label: str = ""


class Sign(StrEnum):
    """What a mark stands for; each has a shape of its own."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RESOLVED = "resolved"
    CHANGED = "changed"  # a release, a setting
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a moment."""

    at: datetime
    sign: Sign = Sign.NOTED
    label: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    value: float
    label: str = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A number over time. ``unit``: ``s`` (seconds, shown as ms, s, min), ``share`` (0..1, shown in %), ``%``, ``/min``, ``B`` or any short word.

    ``zone``: an IANA name; what is unknown counts as UTC.
    """

    title: str
    series: Series
    start: datetime
    end: datetime
    unit: str = ""
    zone: str = "UTC"
    band: Band | None = None
    p95: Series | None = None
    limit: Limit | None = None
    incidents: tuple[Incident, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class SparkRow:
    """``state``: a word of ``HealthStatus``, or empty where it is not about health."""

    name: str
    series: Series
    unit: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparklines:
    """Small lines, one a row, each on its own scale; one row alone for a card. ``more``: rows that were left out already."""

    rows: tuple[SparkRow, ...]
    start: datetime
    end: datetime
    title: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """``uptime`` 0..1, None where nothing was measured; ``worst``: a word of ``HealthStatus``, else it is read off the uptime."""

    uptime: float | None = None
    worst: str = ""


@dataclass(frozen=True, slots=True)
class HeatRow:
    """``days``: oldest first, the last is the strip's ``last``. ``uptime``: of all of them, 0..1; None: their mean."""

    name: str
    days: tuple[Day, ...]
    uptime: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatStrip:
    """A square a day and service, of MOST_DAYS days and MOST_ROWS services. ``more``: services that were left out already."""

    title: str
    last: date
    rows: tuple[HeatRow, ...]
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnDown:
    """What is left of an error budget: 1 whole, 0 used up, below that overspent. ``budget``: seconds of it, 0 = not said.

    ``runs_out``: when it will be used up if things go on like this; a dotted line leads there.
    """

    title: str
    remaining: Series
    start: datetime
    end: datetime
    objective: float = 0.0
    budget: float = 0.0
    runs_out: datetime | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a timeline; ``state`` is a word of ``AlertState`` or ``quiet``."""

    start: datetime
    end: datetime
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What happened in an incident, on one axis, numbered, and told in a list below."""

    title: str
    start: datetime
    end: datetime
    events: tuple[Mark, ...]
    phases: tuple[Phase, ...] = ()
    zone: str = "UTC"


Chart: TypeAlias = LineChart | Sparklines | HeatStrip | BurnDown | Timeline
