"""One heap of wake-ups for all waiting runs: a waiting run costs an entry here and a row on disk, no task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush

from engine.ports import Clock

# The wall clock may jump while we sleep, so it is looked at this often (seconds).
LONGEST_SLEEP = 30.0


class Alarm:
    """Calls ``ring(key)`` when its time has come. Setting a key again adds a second ring; a ring too many must be harmless."""

    def __init__(self, clock: Clock, ring: Callable[[str], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._heap: list[tuple[datetime, str]] = []
        self._earlier = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, key: str, at: datetime) -> None:
        heappush(self._heap, (at, key))
        if self._heap[0] == (at, key):
            self._earlier.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="alarm")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        while True:
            self._earlier.clear()
            wait = self._ring_due()
            await self._sleep(wait)

    def _ring_due(self) -> float | None:
        """Seconds until the next one; None when there is none."""
        while self._heap:
            wait = (self._heap[0][0] - self._clock.now()).total_seconds()
            if wait > 0:
                return min(wait, LONGEST_SLEEP)
            self._ring(heappop(self._heap)[1])
        return None

    async def _sleep(self, wait: float | None) -> None:
        """Until ``wait`` is over or something earlier was set."""
        if wait is None:
            await self._earlier.wait()
            return
        sleeps = [asyncio.ensure_future(self._clock.sleep(wait)), asyncio.ensure_future(self._earlier.wait())]
        try:
            await asyncio.wait(sleeps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sleep in sleeps:
                sleep.cancel()
