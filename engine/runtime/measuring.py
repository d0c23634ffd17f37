"""The door for measurements: whoever brings numbers, each is looked at once, and what is not taken is said why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.events import MeasurementsTaken
from engine.monitoring.measurement import MOST_SERIES, Measurement, first_of_each, refusal
from engine.ports import Clock, Store

AGAIN = timedelta(minutes=1)  # so long the names that are known are believed when a new one would be too many
FULL = (
    f"{MOST_SERIES:,} series are kept, and no more fit. Send fewer: a name that holds an id or a time makes a new series each time. "
    "A series is forgotten 14 days after its last measurement."
)


@dataclass(frozen=True, slots=True)
class Taken:
    """``refused``: (place in what was brought, why), of those that were not taken. What was known already counts as taken."""

    taken: int
    refused: tuple[tuple[int, str], ...] = ()


class Measuring:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._names: set[str] = set()
        self._read_at: datetime | None = None

    async def take(self, brought: Sequence[Measurement]) -> Taken:
        """What fits is durable on return, whatever became of the rest. Raises Transient when storage is busy: then nothing was taken."""
        now = self._clock.now()
        refused: list[tuple[int, str]] = []
        fitting: list[Measurement] = []
        for place, one in enumerate(brought):
            why = refusal(one, now) or await self._no_room(one.series, now)
            if why:
                refused.append((place, why))
            else:
                self._names.add(one.series)
                fitting.append(one)
        if fitting:
            await self._store.ledger.record(MeasurementsTaken(tuple(first_of_each(fitting))))
        return Taken(len(fitting), tuple(refused))

    async def _no_room(self, series: str, now: datetime) -> str:
        if series in self._names:
            return ""
        if self._read_at is None or (len(self._names) >= MOST_SERIES and now - self._read_at >= AGAIN):
            self._names = {known.name for known in await self._store.measurements.known(limit=MOST_SERIES)}
            self._read_at = now
        return FULL if series not in self._names and len(self._names) >= MOST_SERIES else ""
