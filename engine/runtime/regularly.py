"""Something that is looked after every so often, for as long as it is started."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from engine.errors import SignalboxError
from engine.ports import Clock

log = logging.getLogger(__name__)


class Regularly:
    """``work`` is done at once and then every ``seconds``; one time that fails does not end it. It may be started again after it was stopped.

    ``first``: whoever starts it waits for the first time, since what is started next relies on it.
    """

    def __init__(self, name: str, seconds: float, clock: Clock, work: Callable[[], Awaitable[None]], *, first: bool = False) -> None:
        self._name, self._seconds, self._clock, self._work, self._first = name, seconds, clock, work, first
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if self._first:
            await self._once()
        self._task = asyncio.create_task(self._for_ever(), name=self._name)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _for_ever(self) -> None:
        while True:
            await self._once()
            await self._clock.sleep(self._seconds)

    async def _once(self) -> None:
        try:
            await self._work()
        except SignalboxError as error:
            log.warning("%s: %s", self._name, error)
        except Exception:
            log.exception("%s failed", self._name)
