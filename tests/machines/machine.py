"""One process of a house for killing: the real runner, executor and caretaker over a real database, and a service that notes what it does.

    python -m tests.machines.machine URL FOLDER

It drives runs until its standard input ends. What the service did stands in FOLDER/book: "call key pid seconds", then, once it took effect,
"effect key pid seconds".
The action ``*.wait`` answers only when the file FOLDER/go exists.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

from engine.events import WorkflowSaved
from engine.ports import Answer, Call
from engine.runtime.clock import SystemClock
from engine.runtime.distributed.machines import Machines, desks
from engine.runtime.distributed.tempo import Tempo
from engine.runtime.distributed.workers import parent_gone
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import Definition, Options, Step, Trigger, TriggerType, Workflow, WorkflowState
from storage import shared_leases
from storage.sql import SqlStore

shared_leases.LASTS, shared_leases.MARGIN = timedelta(seconds=2.5), 0.5  # so that tests need not wait long for the end of a lease
TEMPO = Tempo(beat=0.2, patience=1.0, round=0.3, overdue=0.5)
CLOCK = SystemClock()
SECRET = "machines" * 8


def service(name: str, *, repeatable: bool) -> Service:
    actions = tuple(Action(service=name, operation=operation, repeatable=repeatable) for operation in ("do", "wait"))
    return Service(id=name, name=name.capitalize(), category="test", actions=actions)


CATALOGUE = Catalogue([service("safe", repeatable=True), service("risky", repeatable=False)])


class Book:
    """Fulfils ``ports.Actions``; the services' own memory is a file that all processes append to."""

    def __init__(self, folder: Path) -> None:
        self._go = folder / "go"
        self._file = os.open(folder / "book", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def perform(self, call: Call) -> Answer:
        self._note("call", call.key)
        if call.operation == "wait":
            while not self._go.exists():
                await asyncio.sleep(0.02)
        self._note("effect", call.key)
        return Answer({"key": call.key, "pid": os.getpid()})

    async def look(self, call: Call) -> Answer | None:
        return None

    def looks(self, service: str, operation: str) -> bool:
        return False

    def _note(self, kind: str, key: str) -> None:
        os.write(self._file, f"{kind} {key} {os.getpid()} {time.monotonic()}\n".encode())


def read_book(folder: Path) -> list[tuple[str, str, int, float]]:
    """(call or effect, key, pid, seconds of a clock that all processes share)."""
    path = folder / "book"
    lines = path.read_text().splitlines() if path.exists() else []
    return [(kind, key, int(pid), float(at)) for kind, key, pid, at in (line.split() for line in lines)]


def flow(*steps: Step, number: int = 1, options: Options | None = None) -> Workflow:
    now = CLOCK.now()
    of = Definition(name=f"Machines {number}", trigger=Trigger(type=TriggerType.MANUAL), steps=steps, options=options or Options())
    return Workflow(
        id=f"wf_{number:08x}", version=1, revision=1, definition=of, state=WorkflowState.ACTIVE, created_at=now, created_by="test", updated_at=now
    )  # fmt: skip


class Machine:
    """Not started, it is a process that writes down what people ask and leaves all runs to the others."""

    def __init__(self, store: SqlStore, url: str, folder: Path) -> None:
        self.store = store
        self.machines = Machines(store, CLOCK, desks(url), tempo=TEMPO)
        self.executor = self.machines.executor
        guard = Guard(Book(folder), CLOCK, tokens=store.tokens)
        self.runner = JournalRunner(store=store, clock=CLOCK, catalogue=CATALOGUE, guard=guard, turns=self.executor)
        self.executor.join(self.runner)
        self.caretaker = self.machines.caretaker(self.runner)

    @classmethod
    async def open(cls, url: str, folder: Path) -> Machine:
        return cls(await SqlStore.open(url, secret_key=SECRET, clock=CLOCK), url, folder)

    async def start(self) -> None:
        await self.machines.retelling.start()
        await self.executor.start()
        await self.caretaker.start()

    async def stop(self) -> None:
        await self.caretaker.stop()
        await self.executor.stop()
        await self.machines.retelling.stop()

    async def close(self) -> None:
        await self.store.close()

    async def define(self, *flows: Workflow) -> None:
        await self.store.ledger.record(*(WorkflowSaved(one) for one in flows))


async def live(url: str, folder: Path) -> None:
    machine = await Machine.open(url, folder)
    await machine.start()
    print("ready", flush=True)
    await parent_gone()
    await machine.stop()
    await machine.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(live(sys.argv[1], Path(sys.argv[2])))
