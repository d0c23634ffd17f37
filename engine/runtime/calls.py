"""Samples of the calls that this process made: gathered, then judged by the monitor or, where that is another process, written down for it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from engine.errors import SignalboxError
from engine.events import SamplesTaken
from engine.monitoring.sample import Sample
from engine.ports import Clock, Connections, Ledger

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds
MOST = 10_000  # samples that wait, while storage does not answer or nobody takes them; beyond that the oldest are dropped


class Calls:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._waiting: deque[Sample] = deque(maxlen=MOST)  # where nobody drains it, too

    def taken(self, sample: Sample) -> None:
        """Never blocks."""
        self._waiting.append(sample)

    def drain(self) -> list[Sample]:
        """All since the last time, each under the name of its account.

        Services without probes (chat, http to anywhere) have no account whose health a call could tell.
        """
        taken = list(self._waiting)
        self._waiting.clear()
        known = [account for account in self._connections.accounts() if account.probed]
        default = {account.service: account.name for account in reversed(known)}
        return [replace(sample, account=sample.account or default[sample.service]) for sample in taken if sample.service in default]

    def put_back(self, samples: list[Sample]) -> None:
        self._waiting = deque([*samples, *self._waiting], maxlen=MOST)


class Noting:
    """Writes samples down while ``judged`` says that the monitor is another process."""

    def __init__(self, calls: Calls, ledger: Ledger, clock: Clock, judged: Callable[[], bool]) -> None:
        self._calls, self._ledger, self._clock, self._judged = calls, ledger, clock, judged
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="samples of calls")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _for_ever(self) -> None:
        while True:
            await self._clock.sleep(EVERY)
            try:
                if not self._judged():
                    await self.note()
            except Exception:
                log.exception("samples of calls could not be written down")

    async def note(self) -> None:
        samples = self._calls.drain()
        if not samples:
            return
        try:
            await self._ledger.record(SamplesTaken(tuple(samples)))
        except SignalboxError as error:
            log.warning("samples of calls: %s", error)
            self._calls.put_back(samples)
