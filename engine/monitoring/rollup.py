"""A rollup: what was measured of one account in one minute, hour or day, in a row that can be merged with others.

samples ──of a minute──▶ minute ──of an hour──▶ hour ──of a day (UTC)──▶ day

Derived and never the truth: told from the same samples it is the same, so that it may be replaced at any time. Everything in it is a whole
number, so that merging is exact in whatever order it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeAlias

from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.sketch import EMPTY, MOST, Sketch, bucket_of


class Span(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        return LENGTHS[self]

    def start(self, at: datetime) -> datetime:
        """When the one that holds ``at`` (UTC) began."""
        whole = at.replace(second=0, microsecond=0)
        return whole if self is Span.MINUTE else whole.replace(minute=0) if self is Span.HOUR else whole.replace(minute=0, hour=0)


LENGTHS = {Span.MINUTE: timedelta(minutes=1), Span.HOUR: timedelta(hours=1), Span.DAY: timedelta(days=1)}
FINER = {Span.HOUR: Span.MINUTE, Span.DAY: Span.HOUR}
KEPT = {Span.MINUTE: timedelta(days=14), Span.HOUR: timedelta(days=100), Span.DAY: timedelta(days=730)}


Key: TypeAlias = tuple[Span, datetime, str, str, Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """``at``: when the span began. ``count``: answers that tell about the service itself, good ones and errors; ``errors`` of them failed.

    ``untold``: asks that tell nothing of its health (throttled, refused credential). ``micros``: the latencies of ``count`` together, in
    microseconds; ``sketch``: the same latencies in seconds. ``sandbox``: how many of all of them the sandbox answered.
    """

    service: str
    account: str
    source: Source
    span: Span
    at: datetime
    count: int = 0
    errors: int = 0
    untold: int = 0
    micros: int = 0
    sandbox: int = 0
    sketch: Sketch = EMPTY

    @property
    def key(self) -> Key:
        return self.span, self.at, self.service, self.account, self.source

    @property
    def until(self) -> datetime:
        return self.at + self.span.length

    @property
    def good(self) -> int:
        return self.count - self.errors

    @property
    def success_rate(self) -> float | None:
        """0..1; None where nothing was told."""
        return self.good / self.count if self.count else None

    @property
    def mean(self) -> float | None:
        """Seconds, of good answers and errors."""
        return self.micros / 1e6 / self.count if self.count else None

    @property
    def p50(self) -> float | None:
        return self.sketch.quantile(0.5)

    @property
    def p95(self) -> float | None:
        return self.sketch.quantile(0.95)

    @property
    def p99(self) -> float | None:
        return self.sketch.quantile(0.99)


class Tally:
    """Samples taken one after the other, as many as there are, and the rollups of their minutes."""

    def __init__(self) -> None:
        self._rows: dict[Key, Rollup] = {}
        self._buckets: dict[Key, Counter[int]] = {}

    def take(self, sample: Sample) -> None:
        key = (Span.MINUTE, Span.MINUTE.start(sample.at), sample.service, sample.account, sample.source)
        row = self._rows.get(key) or Rollup(span=key[0], at=key[1], service=key[2], account=key[3], source=key[4])
        if sample.outcome in (Outcome.OK, Outcome.ERROR):
            latency = sample.latency if isfinite(sample.latency) else 0.0  # so that as many latencies as answers are counted
            self._buckets.setdefault(key, Counter())[bucket_of(latency)] += 1
            row = replace(
                row,
                count=row.count + 1,
                errors=row.errors + (sample.outcome is Outcome.ERROR),
                micros=row.micros + round(min(max(latency, 0.0), MOST) * 1e6),
                sandbox=row.sandbox + sample.sandbox,
            )
        else:
            row = replace(row, untold=row.untold + 1, sandbox=row.sandbox + sample.sandbox)
        self._rows[key] = row

    def rollups(self) -> list[Rollup]:
        """By key."""
        return [replace(self._rows[key], sketch=Sketch.counted(self._buckets.get(key, Counter()))) for key in sorted(self._rows)]


def minutes(samples: Iterable[Sample]) -> list[Rollup]:
    """The rollups of the minutes in which the samples were taken, by key."""
    tally = Tally()
    for sample in samples:
        tally.take(sample)
    return tally.rollups()


def widened(rollups: Iterable[Rollup], span: Span) -> list[Rollup]:
    """Rollups of one account and source each, merged into those of the longer ``span`` they lie in, by key."""
    return _merged(rollups, lambda row: replace(row, span=span, at=span.start(row.at)))


def by_time(rollups: Iterable[Rollup]) -> list[Rollup]:
    """All accounts and sources of a service at one time as one row: the account is empty, the source that of the first, oldest first."""
    listed = list(rollups)
    source = min((row.source for row in listed), default=Source.PROBE)
    return _merged(listed, lambda row: replace(row, account="", source=source))


def total(rollups: Sequence[Rollup]) -> Rollup | None:
    """Everything as one row that begins with the earliest; None of none. Its span is that of its parts and says nothing of its length."""
    if not rollups:
        return None
    first = min(rollups, key=lambda row: row.at)
    return merged(first, rollups)


def merged(named: Rollup, rows: Sequence[Rollup]) -> Rollup:
    """The sum of ``rows`` under the key of ``named``."""
    return replace(
        named,
        count=sum(row.count for row in rows),
        errors=sum(row.errors for row in rows),
        untold=sum(row.untold for row in rows),
        micros=sum(row.micros for row in rows),
        sandbox=sum(row.sandbox for row in rows),
        sketch=Sketch.merged(row.sketch for row in rows),
    )


def _merged(rollups: Iterable[Rollup], named: Callable[[Rollup], Rollup]) -> list[Rollup]:
    groups: dict[Key, tuple[Rollup, list[Rollup]]] = {}
    for row in rollups:
        name = named(row)
        groups.setdefault(name.key, (name, []))[1].append(row)
    return [merged(*groups[key]) for key in sorted(groups)]
