"""A small house for killing: the real runner over the real store, and a service that notes durably whatever it does.

Each life takes up what the one before left, starts runs of its own and works, with people beside it, until it is killed. The last one starts
nothing and ends when all runs are over. ``forget_asks`` breaks the write-ahead on purpose.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from engine.errors import Conflict, Rejected, Transient
from engine.events import Event, Happening, RunMoved, RunStarted, WorkflowSaved
from engine.parties import Actor, Address
from engine.ports import Answer, Call, Ledger
from engine.runtime.clock import SystemClock
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.kernel import replay
from engine.workflow.outline import outline_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from storage.sql import SqlStore
from tests.chaos.flows import CATALOGUE, CHILD, DEFINITIONS, ITEMS, workflows

RUNS_PER_LIFE = 6
WHERE = Address("web", "ops")
PEOPLE = (Actor("web", "U1", "Ana"), Actor("web", "U2", "Ben"))


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
    """Fulfils ``ports.Actions``: takes its time, does the thing, takes its time to say so. ``risky`` does not heed the key, the others do."""

    def __init__(self, book: Book, dice: random.Random) -> None:
        self._book = book
        self._dice = dice
        self.runner: JournalRunner | None = None

    async def perform(self, call: Call) -> Answer:
        assert self.runner is not None
        if call.service == "chat":
            return Answer(None, pending=True)
        if call.service == "signalbox":
            return await self.runner.providers()["run_workflow"](call)
        await asyncio.sleep(self._dice.random() * 0.02)
        if call.service == "bad":
            raise Rejected("It never will.")
        if call.service == "flaky":
            raise Transient("Not today.")
        self._book.note("call", call.key)
        if call.service == "risky" or call.key not in self._book.done:
            self._book.done.add(call.key)
            self._book.note("effect", call.key)
        await asyncio.sleep(self._dice.random() * 0.03)
        return Answer({"key": call.key})

    async def look(self, call: Call) -> Answer | None:
        return Answer({"key": call.key}) if call.key in self._book.done else None

    def looks(self, service: str, operation: str) -> bool:
        return service == "risky"


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


async def live(folder: Path, life: int, saying: Connection, *, last: bool, forget_asks: bool) -> None:
    clock, dice = SystemClock(), random.Random(life)
    store = await open_store(folder)
    actions = Noting(Book(folder), dice)
    ledger = WithoutWriteAhead(store.ledger) if forget_asks else store.ledger
    runner = actions.runner = JournalRunner(store=store, ledger=ledger, guard=Guard(actions, clock), clock=clock, catalogue=CATALOGUE)
    if await store.workflows.get("wf_00000001") is None:
        await store.ledger.record(*(WorkflowSaved(workflow) for workflow in workflows(clock)))
    await runner.recover()
    saying.send("ready")
    people = asyncio.create_task(Crew(store, runner, dice).work(ending=last))
    if not last:
        await start_runs(store, runner, life, dice)
        await people  # for ever: until the kill
    while await store.runs.unfinished():
        if people.done():
            people.result()
        await asyncio.sleep(0.02)
    people.cancel()
    await runner.stop()
    await store.close()


async def start_runs(store: SqlStore, runner: JournalRunner, life: int, dice: random.Random) -> None:
    kinds = [flow for flow in await store.workflows.list() if flow.name != CHILD]
    for number in range(RUNS_PER_LIFE):
        n = life * RUNS_PER_LIFE + number
        await runner.start(
            dice.choice(kinds), by="test", run_id=f"run_{life:03d}_{number:03d}", where=WHERE, actor=PEOPLE[0],
            inputs={"n": n, "items": list(range(ITEMS))},
        )  # fmt: skip
        await asyncio.sleep(dice.random() * 0.03)


class Crew:
    """The people beside the machine: they vote, ring the bell, settle doubts by looking, pause runs and let them go on."""

    def __init__(self, store: SqlStore, runner: JournalRunner, dice: random.Random) -> None:
        self._store, self._runner, self._dice = store, runner, dice

    async def work(self, *, ending: bool) -> None:
        while True:
            await asyncio.sleep(0.02)
            for record in await self._store.runs.unfinished():
                try:
                    await self._mind(record, ending)
                except Conflict:
                    continue  # the run was quicker

    async def _mind(self, record: RunRecord, ending: bool) -> None:
        if record.state is RunState.PAUSED and (ending or self._dice.random() < 0.3):
            await self._runner.resume(record.id, PEOPLE[1])
        elif not ending and self._dice.random() < 0.03:
            await self._runner.pause(record.id, PEOPLE[0])
        run = replay(outline_of(DEFINITIONS[record.workflow], CATALOGUE), record, await self._store.runs.facts(record.id))
        for step, state in run.open.items():
            if state is StepState.IN_DOUBT:
                await self._runner.look(record.id, step, PEOPLE[1])
            elif state is StepState.WAITING and step == "bell":
                bell = Happening(f"{record.id} bell", "safe", "rang", SystemClock().now(), {"run": record.id})
                await self._runner.happened(record.id, step, bell)
            elif state is StepState.WAITING and step == "ok":
                await self._vote(record.id)

    async def _vote(self, run_id: str) -> None:
        for person in PEOPLE:
            try:
                await self._runner.vote(run_id, "ok", approved=True, actor=person)
            except Conflict:
                continue  # that vote was kept before the kill


def be_born(folder: Path, life: int, saying: Connection, *, last: bool = False, forget_asks: bool = False) -> None:
    """A whole process is this one life."""
    asyncio.run(live(folder, life, saying, last=last, forget_asks=forget_asks))
