"""A bucket: what was counted of one account in a short span of time. Objectives, budgets and forecasts are made of buckets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from engine.monitoring.sample import Outcome, Sample

STEP = timedelta(minutes=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
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


def buckets(samples: Iterable[Sample], *, step: timedelta = STEP, limit: float | None = None) -> tuple[Bucket, ...]:
    """Oldest first, none where nothing was measured; on whole steps since 1970. ``limit`` in seconds: what is counted as ``over``.

    Throttled and misconfigured answers say nothing about the service and are not counted.
    """
    found: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.outcome in (Outcome.OK, Outcome.ERROR):
            found[int((sample.at - EPOCH) / step)].append(sample)
    return tuple(_bucket(EPOCH + number * step, step, found[number], limit) for number in sorted(found))


def _bucket(at: datetime, step: timedelta, samples: list[Sample], limit: float | None) -> Bucket:
    good = sorted(sample.latency for sample in samples if sample.outcome is Outcome.OK)
    return Bucket(
        at=at,
        seconds=step.total_seconds(),
        count=len(samples),
        errors=len(samples) - len(good),
        over=0 if limit is None else sum(latency > limit for latency in good),
        latency=median(good) if good else None,
        high=quantile(good, 0.95) if good else None,
    )


def quantile(ordered: list[float], share: float) -> float:
    """Of values in ascending order, between the two nearest; of at least one."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
