"""The caretaker: one process of all, by lease, looks after what a crash left lying.

executor whose lease has run out ─▶ its stretches are handed out anew
run that ought to be on its way and has no stretch (a crash between record and desk, a timer of a dead process) ─▶ one is put
what a run owed another one (its place, its end) when its process died ─▶ made up by the runner
books of stretches long over ─▶ forgotten
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from engine.errors import SignalboxError
from engine.ports import Clock, Leases, Runs
from engine.runtime.distributed.desk import Desk
from engine.runtime.distributed.executor import lease_of
from engine.runtime.distributed.tempo import USUAL, Tempo
from engine.workflow.run import RunRecord

log = logging.getLogger(__name__)


class Caretaker:
    """``own``: the name of this process's executor. ``look_after``: the runner's. Started by whoever holds the lease, stopped when it is lost."""

    def __init__(
        self,
        own: str,
        desk: Desk,
        leases: Leases,
        runs: Runs,
        clock: Clock,
        *,
        look_after: Callable[[], Awaitable[None]],
        tempo: Tempo = USUAL,
    ) -> None:
        self._own = own
        self._desk = desk
        self._leases = leases
        self._runs = runs
        self._clock = clock
        self._look_after = look_after
        self._tempo = tempo
        self._seen: Mapping[str, RunRecord] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._for_ever(), name="caretaker")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _for_ever(self) -> None:
        """Whoever lives gets time to say so first: after a start, and after the database was away."""
        await self._clock.sleep(self._tempo.patience)
        tidied: datetime | None = None
        while True:
            try:
                await self.round()
                if tidied is None or (self._clock.now() - tidied).total_seconds() > self._tempo.tidy:
                    tidied = self._clock.now()
                    await self.tidy()
                await self._clock.sleep(self._tempo.round)
            except SignalboxError as error:
                log.warning("caretaker: %s", error)
                await self._clock.sleep(self._tempo.patience)

    async def round(self) -> None:
        if await self._bury():
            await self._look_after()
        await self._gather()

    async def _bury(self) -> int:
        """The lease on a name that can be had is that of a dead executor; while it is held here, he cannot come back under it."""
        buried = 0
        for name in await self._desk.executors() - {self._own}:
            if not await self._leases.acquire(lease_of(name)):
                continue
            found = await self._desk.give_back(name)
            log.warning("Executor %s is gone; %d of its stretches are handed out anew.", name, found)
            await self._leases.release(lease_of(name))
            buried += 1
        return buried

    async def _gather(self) -> None:
        """Runs that did not move between two rounds and have no stretch."""
        now = self._clock.now()
        found = {record.id: record for record in await self._runs.adrift(now - self._tempo.lateness)}
        still = [record for record in found.values() if self._seen.get(record.id) == record]
        self._seen = found
        if not still:
            return
        out = await self._desk.out()
        for record in still:
            if record.id not in out:
                log.info("Run %s is taken up again.", record.id)
                await self._desk.put(record.id, f"again.{int(now.timestamp() / self._tempo.again)}", record.rank)

    async def tidy(self) -> int:
        """Now and then: what no executor left behind by dying with a stretch, and old books. How many stretches were forgotten."""
        await self._look_after()
        forgotten = 0
        while count := await self._desk.forget(self._clock.now() - timedelta(seconds=self._tempo.kept)):
            forgotten += count
        return forgotten
