"""A desk in memory, for several executors of one process: the same rules without a database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from engine.ports import Clock
from engine.runtime.distributed.desk import Take


@dataclass(slots=True)
class Stretch:
    id: str
    run: str
    rank: int
    at: datetime
    executor: str = ""  # "" while it waits
    over: bool = False


@dataclass(slots=True)
class Books:
    """What all desks share."""

    clock: Clock
    stretches: dict[str, Stretch] = field(default_factory=dict)
    open: dict[str, Take] = field(default_factory=dict)
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    turn: int = 0

    def hand_out(self) -> None:
        """The first of each run that has none out, to the open desks in turn."""
        busy = {stretch.run for stretch in self.stretches.values() if stretch.executor and not stretch.over}
        waiting = (stretch for stretch in self.stretches.values() if not stretch.executor and not stretch.over)
        for stretch in sorted(waiting, key=lambda stretch: stretch.rank):
            if stretch.run in busy or not self.open:
                continue
            busy.add(stretch.run)
            self.turn += 1
            stretch.executor = list(self.open)[self.turn % len(self.open)]
            self.tasks[stretch.id] = asyncio.get_running_loop().create_task(self._do(stretch, stretch.executor))

    async def _do(self, stretch: Stretch, executor: str) -> None:
        await self.open[executor](stretch.run)
        if stretch.executor == executor:
            stretch.over = True
        self.hand_out()


class MemoryDesk:
    """Fulfils ``desk.Desk``."""

    def __init__(self, books: Books, name: str) -> None:
        self._books, self._name = books, name

    async def open(self, take: Take) -> None:
        self._books.open[self._name] = take
        self._books.hand_out()

    async def put(self, run_id: str, token: str, rank: int) -> None:
        key = f"{run_id}:{token}"
        if key not in self._books.stretches:
            self._books.stretches[key] = Stretch(key, run_id, rank, self._books.clock.now())
            self._books.hand_out()

    async def held(self) -> frozenset[str]:
        return frozenset(stretch.run for stretch in self._out() if stretch.executor == self._name)

    async def out(self) -> frozenset[str]:
        return frozenset(stretch.run for stretch in self._out())

    async def executors(self) -> frozenset[str]:
        return frozenset(stretch.executor for stretch in self._out() if stretch.executor)

    async def give_back(self, executor: str) -> int:
        found = [stretch for stretch in self._out() if stretch.executor == executor]
        for stretch in found:
            stretch.executor = ""
        self._books.hand_out()
        return len(found)

    async def forget(self, before: datetime) -> int:
        old = [key for key, stretch in self._books.stretches.items() if stretch.over and stretch.at < before]
        for key in old:
            del self._books.stretches[key]
        return len(old)

    async def close(self) -> None:
        self._books.open.pop(self._name, None)

    async def leave(self) -> None:
        return

    def _out(self) -> list[Stretch]:
        return [stretch for stretch in self._books.stretches.values() if not stretch.over]
