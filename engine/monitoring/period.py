"""A period: what was counted of one account in a short span of time. Objectives, budgets and forecasts are made of periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from engine.monitoring.rollup import Rollup
from engine.monitoring.sketch import Sketch

STEP = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """``count`` answers that tell about the service (good ones and its own errors), of which ``errors``; ``over``: good ones that took longer
    than the objective's limit. ``latency``: the typical good answer in seconds, None without one. ``high``: one that one in twenty exceeds.
    """

    at: datetime
    seconds: float
    count: int
    errors: int = 0
    over: int = 0
    latency: float | None = None
    high: float | None = None

    @property
    def share(self) -> float:
        """Of errors; 0 without an answer."""
        return self.errors / self.count if self.count else 0.0


def of_rollups(rollups: Iterable[Rollup], *, step: timedelta = STEP, limit: float | None = None) -> tuple[Period, ...]:
    """Of the minutes, hours or days of one account, or of all accounts of a service together; oldest first, none where nothing was measured, on
    whole steps since 1970. ``limit`` in seconds: what is counted as ``over``.

    A rollup knows the durations of errors and good answers only together: those over the limit are taken for good ones as far as there are.
    A span longer than ``step`` stays whole.
    """
    found: dict[int, list[Rollup]] = defaultdict(list)
    for rollup in rollups:
        if rollup.count:
            found[int((rollup.at - EPOCH) / max(step, rollup.span.length))].append(rollup)
    made = [_merged(rows, max(step, rows[0].span.length), limit) for rows in found.values()]
    return tuple(sorted(made, key=lambda period: period.at))


def _merged(rows: list[Rollup], step: timedelta, limit: float | None) -> Period:
    sketch = Sketch.merged(row.sketch for row in rows)
    count, errors = sum(row.count for row in rows), sum(row.errors for row in rows)
    within = 1.0 if limit is None else sketch.share_within(limit)
    over = round((1.0 - (1.0 if within is None else within)) * count)
    return Period(
        at=EPOCH + int((rows[0].at - EPOCH) / step) * step,
        seconds=step.total_seconds(),
        count=count,
        errors=errors,
        over=min(over, count - errors),
        latency=sketch.quantile(0.5) if errors < count else None,
        high=sketch.quantile(0.95) if errors < count else None,
    )


def quantile(ordered: list[float], share: float) -> float:
    """Of values in ascending order, between the two nearest; of at least one."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
