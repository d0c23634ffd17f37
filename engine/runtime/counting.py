"""Who asks whom, counted: every call of a run is added to the traffic of its workflow, and written down twice a minute.

    guard ─▶ CountedActions ─▶ the service        sums of five minutes ─▶ TrafficCounted
"""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter
from typing import Final

from engine.errors import Rejected, SignalboxError
from engine.events import TrafficCounted
from engine.graph.traffic import Traffic, TrafficKey, plus, span_of
from engine.ports import Actions, Answer, Call, Clock, Ledger

log = logging.getLogger(__name__)

EVERY: Final = 30.0  # seconds
MOST: Final = 20_000  # sums that wait while storage does not answer; beyond that new ones are not begun


class CountedActions:
    """An ``Actions`` that counts what goes through it. What the sandbox answers is counted too: it is how a newcomer sees anything.

    What ``kill -9`` takes is at most the last half minute of sums; the runs themselves are in their facts.
    """

    def __init__(self, actions: Actions, ledger: Ledger, clock: Clock) -> None:
        self._actions, self._ledger, self._clock = actions, ledger, clock
        self._sums: dict[TrafficKey, Traffic] = {}
        self._task: asyncio.Task[None] | None = None

    async def perform(self, call: Call) -> Answer:
        begun = perf_counter()
        failed = True
        try:
            answer = await self._actions.perform(call)
            failed = False
            return answer
        except Rejected:
            failed = False  # it answered; what was asked was wrong
            raise
        finally:
            self._add(call, failed, perf_counter() - begun)

    async def look(self, call: Call) -> Answer | None:
        return await self._actions.look(call)

    def looks(self, service: str, operation: str) -> bool:
        return self._actions.looks(service, operation)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="traffic")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self.write()

    async def write(self) -> None:
        """What was counted since the last time; kept for the next time while storage is busy."""
        sums, self._sums = self._sums, {}
        if not sums:
            return
        try:
            await self._ledger.record(TrafficCounted(tuple(sums[key] for key in sorted(sums))))
        except SignalboxError as error:
            log.warning("traffic could not be written down: %s", error)
            for row in sums.values():
                self._put(row)

    def _add(self, call: Call, failed: bool, seconds: float) -> None:
        if call.workflow:
            at = span_of(self._clock.now())
            self._put(Traffic(at, call.workflow, call.service, call.operation, 1, int(failed), round(seconds * 1e6)))

    def _put(self, row: Traffic) -> None:
        there = self._sums.get(row.key)
        if there is not None:
            self._sums[row.key] = plus(there, row)
        elif len(self._sums) < MOST:
            self._sums[row.key] = row

    async def _for_ever(self) -> None:
        while True:
            await self._clock.sleep(EVERY)
            try:
                await self.write()
            except Exception:
                log.exception("traffic could not be written down")
