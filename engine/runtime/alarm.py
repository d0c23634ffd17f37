"""One heap of wake-ups for all waiting runs: a waiting run costs an entry here and a row on disk, no task."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from heapq import heapify, heappop, heappush

from engine.ports import Clock

# The wall clock may jump while we sleep, so it is looked at this often (seconds).
LONGEST_SLEEP = 30.0
SPARE = 256  # entries that may be out of date before the heap is tidied


class Alarm:
    """Calls ``ring(key)`` when its time has come, once. A key has one time: setting it again replaces the former one, None takes it away.

    Times are those of the wall clock: set forward, what has become due rings within ``LONGEST_SLEEP``; set back, it is waited for again.
    """

    def __init__(self, clock: Clock, ring: Callable[[str], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._longest: float = getattr(clock, "longest_sleep", LONGEST_SLEEP)  # virtual time does not jump behind anybody's back
        self._heap: list[tuple[datetime, str]] = []
        self._times: dict[str, datetime] = {}
        self._earlier = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many keys have a time."""
        return len(self._times)

    def set(self, key: str, at: datetime | None) -> None:
        if self._times.get(key) == at:
            return
        if at is None:
            del self._times[key]
            self._tidy()
            return
        self._times[key] = at
        heappush(self._heap, (at, key))
        if self._heap[0] == (at, key):
            self._earlier.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="alarm")
        self._tidy()

    def _tidy(self) -> None:
        """A replaced time stays in the heap until it comes up or there are too many of them: runs with a deadline may end by the thousand."""
        if len(self._heap) > 2 * len(self._times) + SPARE:
            self._heap = [(at, key) for key, at in self._times.items()]
            heapify(self._heap)

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
            at, key = self._heap[0]
            if self._times.get(key) != at:
                heappop(self._heap)  # replaced meanwhile
                continue
            wait = (at - self._clock.now()).total_seconds()
            if wait > 0:
                return min(wait, self._longest)
            heappop(self._heap)
            del self._times[key]
            self._ring(key)
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
