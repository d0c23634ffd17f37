"""Rigs: a runner over one kind of storage, which can be killed, started anew, and told what time it is.

Every test of this folder runs over every rig of ``RIGS``, so that the same definitions give the same facts and the same outcomes wherever
they run. To hold another way of running to the contract, add one: a context manager that yields a ``Rig`` and is called with the folder to
keep things in. What a rig owes the tests:

- ``store`` fulfils ``ports.Store``, ``runner`` ``ports.Runner``; both may be other objects after ``crash``.
- ``bench`` answers every call and ``clock`` is the only clock that runner, guard and storage know.
- ``rest`` returns once nothing goes on any more by itself: every run waits, is over, or has a call in flight that the bench holds back.
- ``die_at`` lets the runner's process die at one of its next writes, so that ``crash`` finds it there; a rig that cannot do that skips.
- ``crash`` is kill -9 and a new start over the same storage, recovery included; several processes may be behind it.

A rig that needs a server marks its parameter (``pytest.param(..., marks=...)``) and skips when there is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

from engine.events import Event
from engine.ports import Actions, Answer, Call, Ledger, Runner, Store
from engine.runtime.guard import Guard
from engine.runtime.kinship import RUN_WORKFLOW
from engine.runtime.runner import JournalRunner
from engine.runtime.safe import Safe
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.engine.runtime.world import CATALOGUE, HELD, Bench, ManualClock, crash, settle

QUIET = 3  # looks in a row at which nothing has changed
PATIENT = 200  # the same while somebody is at work, who may wait for the disk or for the clock


class Rig(Protocol):
    store: Store
    bench: Bench
    clock: ManualClock

    @property
    def runner(self) -> Runner: ...
    @property
    def dead(self) -> bool: ...
    async def rest(self) -> None: ...
    async def pass_time(self, seconds: float) -> None: ...
    async def crash(self) -> None: ...
    def die_at(self, record: int, *, told: bool) -> None: ...


Opening: TypeAlias = Callable[[Path], AbstractAsyncContextManager[Rig]]


class HouseActions:
    """What the house does by itself beside the bench: runs that start runs. Everything, its own doings too, is noted by the bench."""

    def __init__(self, bench: Bench, runner: Callable[[], JournalRunner]) -> None:
        self._bench, self._runner = bench, runner

    async def perform(self, call: Call) -> Answer:
        if not self._bench.house or f"{call.service}.{call.operation}" != RUN_WORKFLOW:
            return await self._bench.perform(call)
        self._bench.asked.append(call)
        said = await self._runner().providers()["run_workflow"](call)
        return said if isinstance(said, Answer) else Answer(said)

    async def look(self, call: Call) -> Answer | None:
        return await self._bench.look(call)

    def looks(self, service: str, operation: str) -> bool:
        return self._bench.looks(service, operation)


class Mortal:
    """A ledger whose house dies in the middle of a write: ``left`` writes are done, the next is stored without anybody hearing, or not at all."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.left: int | None = None
        self.stores_last = False
        self.writing = 0

    async def record(self, *events: Event) -> None:
        self.writing += 1
        try:
            dies = await self._record(*events)
        finally:
            self.writing -= 1
        if dies:
            await asyncio.get_running_loop().create_future()

    async def _record(self, *events: Event) -> bool:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                if self.left == -1 and self.stores_last:
                    await self._ledger.record(*events)
                return True
        await self._ledger.record(*events)
        return False

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._ledger.listen(heard)

    def trouble(self) -> str:
        return self._ledger.trouble()


@dataclass(kw_only=True)
class OneProcess:
    """The journal in one process, as it ships."""

    store: Store
    clock: ManualClock
    bench: Bench = field(default_factory=Bench)
    recorded: int = 0
    mortal: Mortal = field(init=False)
    _seen: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        self.mortal = Mortal(self.store.ledger)
        self.runner = self._made()

    def _made(self) -> JournalRunner:
        actions: Actions = HouseActions(self.bench, lambda: self.runner)
        guard = Guard(actions, self.clock, tokens=self.store.tokens, safe=Safe(self.store.vault))
        self.store.ledger.listen(self._heard)
        return JournalRunner(store=self.store, guard=guard, clock=self.clock, catalogue=CATALOGUE, ledger=self.mortal)

    def die_at(self, record: int, *, told: bool) -> None:
        """From the ``record``-th write of the runner on it hears nothing any more; that one is stored and not told of, or not even stored."""
        self.mortal.left, self.mortal.stores_last = record, not told

    def _heard(self, events: Sequence[Event]) -> None:
        self.recorded += 1

    async def rest(self) -> None:
        await settle(10)
        if self._now() == self._seen and not self.runner._driver._tasks:
            return  # nothing has happened since the last rest, and nothing is under way
        quiet = 0
        while quiet < (QUIET if self._busy <= len(HELD) or self.dead else PATIENT):
            await settle(20)
            await asyncio.sleep(0.001)
            now = self._now()
            quiet = quiet + 1 if now == self._seen and not self.mortal.writing else 0
            self._seen = now

    @property
    def dead(self) -> bool:
        return self.mortal.left is not None and self.mortal.left < 0

    @property
    def _busy(self) -> int:
        """Tasks of the runner; one that the bench holds back, or that sleeps by the clock, is none to wait for."""
        return len(self.runner._driver._tasks)

    def _now(self) -> tuple[int, int, int]:
        return self.recorded, len(self.bench.asked), self._busy

    async def pass_time(self, seconds: float) -> None:
        """In steps, so that storage, which takes real time, keeps up with what the clock sets going."""
        await self.rest()
        await self.clock.pass_time(seconds, self.rest)

    async def crash(self) -> None:
        await crash(self.runner)
        self.mortal.left = None
        self.runner = self._made()
        await self.runner.recover()
        await self.rest()


@asynccontextmanager
async def in_memory(folder: Path) -> AsyncIterator[Rig]:
    clock = ManualClock()
    rig = OneProcess(store=MemoryStore(clock), clock=clock)
    yield rig
    await rig.runner.stop(grace=0)


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Rig]:
    clock = ManualClock()
    store = await SqlStore.open(f"sqlite:///{folder}/signalbox.db", secret_key="contract" * 4, clock=clock)
    rig = OneProcess(store=store, clock=clock)
    yield rig
    await rig.runner.stop(grace=0)
    await store.close()


RIGS: dict[str, Opening] = {"memory": in_memory, "sqlite": on_sqlite}
