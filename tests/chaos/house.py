"""A small house for killing: the real runner over the real store, and a service that notes durably whatever it does.

    python -m tests.chaos.house FOLDER LIFE [--last] [--forget-asks]

Each life takes up what the one before left, starts runs of its own and works until it is killed. The last one starts nothing, puts every
doubt to “a human” (who looks into the service's book) and ends when all runs are over. ``--forget-asks`` breaks the write-ahead on purpose.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from engine.events import Event, RunMoved, RunStarted, WorkflowSaved
from engine.parties import SYSTEM, Address
from engine.ports import Answer, Call, Clock, Ledger
from engine.runtime.clock import SystemClock
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import Definition, Step, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.kernel import steps_of
from engine.workflow.run import Fact, FactKind, StepState
from storage.sql import SqlStore

RUNS_PER_LIFE = 12
WHERE = Address("web", "ops")
STEPS = (
    Step(id="first", action="safe.do"),
    Step(id="pay", action="risky.do"),
    Step(id="left", action="safe.do", needs=("pay",)),
    Step(id="right", action="risky.do", needs=("pay",)),
    Step(id="last", action="safe.do", needs=("left", "right"), arguments={"both": "{{steps.left.output.key}} {{steps.right.output.key}}"}),
)
CATALOGUE = Catalogue(
    [
        Service(id="safe", name="Safe", category="test", actions=(Action(service="safe", operation="do", repeatable=True),)),
        Service(id="risky", name="Risky", category="test", actions=(Action(service="risky", operation="do"),)),
    ]
)


def flow(clock: Clock) -> Workflow:
    now = clock.now()
    of = Definition(name="Chaos", trigger=Trigger(type=TriggerType.MANUAL), steps=STEPS)
    return Workflow(
        id="wf_00000001", version=1, revision=1, definition=of, state=WorkflowState.ACTIVE, created_at=now, created_by="test", updated_at=now
    )  # fmt: skip


class Book:
    """The service's own durable memory: a line ``call key`` for every request, ``effect key`` for everything it did."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "book"
        self._file = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        self.done = {key for kind, key in read_book(folder) if kind == "effect"}

    def note(self, kind: str, key: str) -> None:
        os.write(self._file, f"{kind} {key}\n".encode())
        os.fsync(self._file)


def read_book(folder: Path) -> list[tuple[str, str]]:
    """Whole lines only: a line cut by the kill was never acted on."""
    path = folder / "book"
    text = path.read_text() if path.exists() else ""
    return [(kind, key) for line in text.splitlines(keepends=True) if line.endswith("\n") for kind, key in [line.split()]]


class Noting:
    """Fulfils ``ports.Actions``: takes its time, does the thing, takes its time to say so. ``safe`` heeds the key, ``risky`` does not."""

    def __init__(self, book: Book, dice: random.Random) -> None:
        self._book = book
        self._dice = dice

    async def perform(self, call: Call) -> Answer:
        await asyncio.sleep(self._dice.random() * 0.02)
        self._book.note("call", call.key)
        if call.service == "risky" or call.key not in self._book.done:
            self._book.done.add(call.key)
            self._book.note("effect", call.key)
        await asyncio.sleep(self._dice.random() * 0.03)
        return Answer({"key": call.key})


class WithoutWriteAhead:
    """A ledger broken on purpose: that a step is asked is written only together with what comes after it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._held: dict[str, tuple[Fact, ...]] = {}

    def _cut(self, run_id: str, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        facts = (*self._held.pop(run_id, ()), *facts)
        end = len(facts)
        while end and facts[end - 1].kind is FactKind.ASKED:
            end -= 1
        self._held[run_id] = facts[end:]
        return facts[:end]

    async def record(self, *events: Event) -> None:
        kept: list[Event] = []
        for event in events:
            if isinstance(event, RunMoved):
                event = replace(event, facts=self._cut(event.run_id, event.facts))
            elif isinstance(event, RunStarted):
                event = replace(event, facts=self._cut(event.run.id, event.facts))
            kept.append(event)
        await self._ledger.record(*kept)

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._ledger.listen(heard)

    def trouble(self) -> str:
        return self._ledger.trouble()


async def open_store(folder: Path) -> SqlStore:
    return await SqlStore.open(f"sqlite:///{folder}/signalbox.db", secret_key="chaos" * 8, clock=SystemClock())


async def live(folder: Path, life: int, *, last: bool, forget_asks: bool) -> None:
    clock, dice = SystemClock(), random.Random(life)
    store = await open_store(folder)
    book = Book(folder)
    runner = JournalRunner(
        store=store,
        ledger=WithoutWriteAhead(store.ledger) if forget_asks else None,
        guard=Guard(Noting(book, dice), clock),
        clock=clock,
        catalogue=CATALOGUE,
    )
    workflow = await store.workflows.get("wf_00000001")
    if workflow is None:
        workflow = flow(clock)
        await store.ledger.record(WorkflowSaved(workflow))
    await runner.recover()
    print("ready", flush=True)
    if not last:
        for number in range(RUNS_PER_LIFE):
            await runner.start(workflow, by="test", run_id=f"run_{life:03d}_{number:03d}", where=WHERE)
            await asyncio.sleep(dice.random() * 0.03)
        await asyncio.Event().wait()
    while unfinished := await store.runs.unfinished():
        await asyncio.sleep(0.02)
        for run in unfinished:
            await settle(store, runner, run.id, book)
    await runner.stop()
    await store.close()


async def settle(store: SqlStore, runner: JournalRunner, run_id: str, book: Book) -> None:
    """What a human does: look at the service, then say whether it happened."""
    for view in steps_of(Definition(name="", trigger=Trigger(type=TriggerType.MANUAL), steps=STEPS), await store.runs.facts(run_id)):
        if view.state is StepState.IN_DOUBT:
            key = f"{run_id}:{view.id}"
            await runner.decide(run_id, view.id, happened=key in book.done, actor=SYSTEM, output={"key": key})


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2]), last="--last" in sys.argv, forget_asks="--forget-asks" in sys.argv))
