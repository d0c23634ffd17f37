"""A clock that stands still until told otherwise: time, sleep, ids and dice for tests."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Sized
from datetime import UTC, datetime, timedelta
from itertools import count

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


class StandingClock:
    """Fulfils ``ports.Clock``; ``pass_`` moves time and lets those who sleep wake in order."""

    def __init__(self, now: datetime = NOON, dice: float = 0.5) -> None:
        self._now, self._dice = now, dice
        self._numbers = count(1)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def new_id(self, prefix: str) -> str:
        number = next(self._numbers)
        return f"wf_{number:08x}" if prefix == "wf" else f"{prefix}_{number:026d}"

    def random(self) -> float:
        return self._dice

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._numbers), future))
        await future

    async def pass_(self, seconds: float) -> None:
        """Move on by ``seconds``, waking each sleeper at its own time."""
        end = self._now + timedelta(seconds=seconds)
        await settled()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._now, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await settled()
        self._now = end
        await settled()


async def settled(turns: int = 30) -> None:
    """Let everything that is ready run, and what that makes ready: so many turns of the loop, or fewer once nobody wants one."""
    ready: Sized = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # millions of turns in which nothing happens cost a tenth of the suite
    for _ in range(turns):
        await asyncio.sleep(0)
        if not ready:
            return
