"""Housekeeping: what has served its time is forgotten, once an hour."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from engine.errors import SignalboxError
from engine.files import ID
from engine.monitoring.measurement import KEPT as MEASUREMENTS_KEPT
from engine.monitoring.rollup import KEPT as ROLLUPS_KEPT
from engine.ports import Clock, Store
from engine.runtime.series_watch import PREFIX as SERIES

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds
SAMPLES_KEPT = timedelta(days=7)
INBOX_KEPT = timedelta(days=14)  # platforms repeat a delivery for hours; replay wants the deliveries of two weeks
DIALOGUES_KEPT = timedelta(hours=12)  # after a question is over, so that an answer that comes too late is known to be one
RUNS_KEPT = timedelta(days=90)  # in full
FILES_KEPT = timedelta(days=30)  # unless a workflow names it
MOST_MEASUREMENTS = 5_000_000  # beyond, the oldest go before their time: about 150 MB
TRAFFIC_KEPT = timedelta(days=35)
MAP_KEPT = timedelta(days=400)  # what changed in who needs whom
LEARNT_KEPT = timedelta(days=30)  # of a series that is measured no more
SHORTEST = timedelta(minutes=5)  # so long a measurement is kept in any case
LONGER = 4  # so many times as long a run stays on record, its facts packed away, before it is forgotten


class Housekeeping:
    def __init__(self, store: Store, clock: Clock, *, keep: timedelta = RUNS_KEPT) -> None:
        """``keep``: how long finished runs, cards, requests and messages of the web chat are kept in full."""
        self._store, self._clock, self._keep = store, clock, keep
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(EVERY)
            try:
                await self.tidy()
            except SignalboxError as error:
                log.warning("housekeeping: %s", error)

    async def _named_files(self) -> frozenset[str]:
        """Files that a workflow's definition names: it may want them every Monday."""
        return frozenset(name for flow in await self._store.workflows.list() for name in ID.findall(repr(flow.definition)))

    async def _measured(self, now: datetime) -> int:
        """Rollups and measurements by their age; of measurements never more than MOST_MEASUREMENTS, however many come."""
        rows = sum([await self._store.rollups.prune(span, now - kept) for span, kept in ROLLUPS_KEPT.items()])
        rows += await self._store.measurements.prune(now - MEASUREMENTS_KEPT)
        rows += await self._store.detectors.prune(now - LEARNT_KEPT, prefix=SERIES)
        kept = MEASUREMENTS_KEPT
        while (there := await self._store.measurements.count()) > MOST_MEASUREMENTS and kept > SHORTEST:
            kept *= 0.9 * MOST_MEASUREMENTS / there
            log.warning("%d measurements are kept; those older than %.1f hours go.", there, kept.total_seconds() / 3600)
            rows += await self._store.measurements.prune(now - kept)
        return rows

    async def tidy(self) -> int:
        """How many rows were forgotten or packed away; the audit is never touched."""
        now = self._clock.now()
        store, old = self._store, now - self._keep
        rows = await store.samples.prune(now - SAMPLES_KEPT)
        rows += await self._measured(now)
        rows += await store.traffic.prune(now - TRAFFIC_KEPT)
        rows += await store.map_changes.prune(now - MAP_KEPT)
        rows += await store.foretold.prune(now - LONGER * self._keep)
        rows += await store.inbox.prune(now - INBOX_KEPT)
        rows += await store.dialogues.prune(now - DIALOGUES_KEPT)
        rows += await store.runs.forget(now - LONGER * self._keep)
        rows += await store.runs.archive(old)
        rows += await store.postings.prune(old)
        rows += await store.drafts.prune(old)
        rows += await store.web_messages.prune(old)
        rows += await store.files.prune(now - FILES_KEPT, needed=await self._named_files())
        rows += await store.things.prune()
        if given_back := await store.shrink():
            log.info("housekeeping: %d rows, %.1f MB given back to the disk", rows, given_back / 1e6)
        return rows
