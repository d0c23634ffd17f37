"""The clockwork: one heap of alarms for everything that is due at a moment (APScheduler's), and a beat for what must be looked at anyway.

An alarm is only ever a nudge to look: what is due stands in the store. The wall clock may jump while an alarm sleeps, so the beat looks, too; it
counts seconds that have passed and not the clock's time, and so goes on beating whatever the clock does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeAlias

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.errors import SignalboxError
from engine.ports import Clock

log = logging.getLogger(__name__)

Ring: TypeAlias = Callable[[], Awaitable[None]]

BEAT = 2.0  # seconds; leases are renewed by it


class Clockwork:
    """``set`` may be called before ``start``; nothing rings until then."""

    def __init__(self, clock: Clock, *, beat: float = BEAT) -> None:
        self._clock = clock
        self._beat = beat
        self._alarms = AsyncIOScheduler(timezone=UTC)
        self._beats: list[Ring] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._task is not None

    def set(self, name: str, at: datetime, ring: Ring) -> None:
        """One alarm a name; setting it again moves it."""
        self._alarms.add_job(ring, "date", run_date=at, id=name, replace_existing=True, misfire_grace_time=None, max_instances=8)

    def on_beat(self, ring: Ring) -> None:
        self._beats.append(ring)

    def start(self) -> None:
        self._alarms.start()
        self._task = asyncio.get_running_loop().create_task(self._for_ever(), name="clockwork")

    async def stop(self) -> None:
        if self._task is None:
            return
        self._alarms.shutdown(wait=False)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._beat)
            for ring in self._beats:
                try:
                    await ring()
                except SignalboxError as error:
                    log.warning("The clockwork goes on: %s", error)
                except Exception:
                    log.exception("Something that is looked at every %g seconds failed", self._beat)
