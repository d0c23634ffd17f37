"""Traffic: how often, how well and how long one thing asked another in a span of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from engine.monitoring.period import EPOCH

SPAN: Final = timedelta(minutes=5)

TrafficKey: TypeAlias = tuple[datetime, str, str, str]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Every attempt counts as one ask. ``micros``: the time all asks took together, in microseconds, so that sums are exact.

    ``source`` is the id of a workflow, ``target`` that of a service; ``at`` the beginning of a SPAN of five minutes.
    """

    at: datetime
    source: str
    target: str
    operation: str
    count: int
    failed: int
    micros: int

    @property
    def key(self) -> TrafficKey:
        return (self.at, self.source, self.target, self.operation)

    @property
    def seconds(self) -> float:
        return self.micros / 1e6


def span_of(at: datetime) -> datetime:
    """When the span began that ``at`` lies in."""
    return at - (at - EPOCH) % SPAN


def added(rows: Iterable[Traffic]) -> list[Traffic]:
    """One row a key, by key."""
    sums: dict[TrafficKey, Traffic] = {}
    for row in rows:
        there = sums.get(row.key)
        sums[row.key] = row if there is None else plus(there, row)
    return [sums[key] for key in sorted(sums)]


def plus(one: Traffic, other: Traffic) -> Traffic:
    return replace(one, count=one.count + other.count, failed=one.failed + other.failed, micros=one.micros + other.micros)
