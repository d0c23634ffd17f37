"""Housekeeping: what has served its time is forgotten, once an hour."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from engine.errors import SignalboxError
from engine.ports import Clock, Store

log = logging.getLogger(__name__)

EVERY = 3600.0  # seconds
SAMPLES_KEPT = timedelta(days=7)
INBOX_KEPT = timedelta(days=7)  # platforms repeat a delivery for hours, not days


class Housekeeping:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
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

    async def tidy(self) -> int:
        """How many rows were forgotten."""
        now = self._clock.now()
        store = self._store
        samples, deliveries = await store.samples.prune(now - SAMPLES_KEPT), await store.inbox.prune(now - INBOX_KEPT)
        return samples + deliveries + await store.dialogues.prune(now)
