"""Parts of the house that one process of all has running: whoever holds the lease of that name.

ask for the lease ─ mine ─▶ started ─▶ renewed every beat ─▶ lost or not renewed in time ─▶ stopped ─▶ ask again …
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Protocol

from engine.errors import SignalboxError
from engine.ports import Clock, Leases

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds between asking for it and renewing it


class Part(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Held:
    """``parts`` are made anew each time the lease is won, started in order and stopped in reverse.

    A part that cannot be started gives the lease up, so that another process may try.
    """

    def __init__(self, name: str, leases: Leases, clock: Clock, *parts: Callable[[], Part], beat: float = BEAT) -> None:
        self.name = name
        self._leases = leases
        self._clock = clock
        self._make = parts
        self._beat = beat
        self._running: list[Part] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def here(self) -> bool:
        """Whether the parts are running in this process."""
        return bool(self._running)

    async def start(self) -> None:
        """Asks once before it returns, so that a house that is alone is complete."""
        await self._look()
        self._task = asyncio.create_task(self._for_ever(), name=f"lease of {self.name}")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._running:
            await self._end()
            with contextlib.suppress(SignalboxError):  # then it runs out by itself
                await self._leases.release(self.name)

    async def _for_ever(self) -> None:
        while True:
            await self._clock.sleep(self._beat)
            try:
                await self._look()
            except Exception:
                log.exception("%s could not be started or stopped", self.name)

    async def _look(self) -> None:
        try:
            mine = await self._leases.acquire(self.name)
        except SignalboxError as error:
            log.warning("The lease of %s could not be asked for: %s", self.name, error)
            mine = self._leases.left(self.name) > 0
        if mine and not self._running:
            await self._begin()
        elif not mine and self._running:
            log.warning("%s goes on in another process.", self.name)
            await self._end()

    async def _begin(self) -> None:
        try:
            for make in self._make:
                part = make()
                self._running.append(part)  # before: what was cut off half way has something to let go of, too
                await part.start()
        except BaseException:
            await self._end()
            with contextlib.suppress(SignalboxError):
                await self._leases.release(self.name)
            raise

    async def _end(self) -> None:
        while self._running:
            part = self._running.pop()
            try:
                await part.stop()
            except Exception:
                log.exception("stopping %s", type(part).__name__)
