"""A small house for killing while it polls: the real poller, dispatcher and runner over the real store, and a list elsewhere that grows.

    python -m tests.chaos.poll_house FOLDER [--last]

Every look finds a few cards more. The last life lets the list be and ends when everything on it was acted on.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.events import Happening, WorkflowSaved
from engine.ports import Answer, Call, Poll, Polled
from engine.runtime.clock import SystemClock
from engine.runtime.dispatcher import Dispatcher
from engine.runtime.guard import Guard
from engine.runtime.poller import Poller
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import Json, Trigger, TriggerType
from engine.workflow.wished import Wished
from storage.sql import SqlStore
from tests.chaos.house import open_store
from tests.engine.runtime.world import definition, step, workflow

FEED = Poll(service="board", account="default", name="cards", every=0.0, events=frozenset({"board.card_created"}))
CATALOGUE = Catalogue(
    [Service(id="a", name="A", category="x", actions=(Action(service="a", operation="do", title="Do", repeatable=True),), connected=True)]
)
FLOW = workflow(
    definition(
        step("s", arguments={"title": "{{event.title}}"}),
        trigger=Trigger(type=TriggerType.EVENT_BASED, service="board", event="card_created"),
    )
)


class Board:
    """Fulfils ``ports.Polls``. The list is a file that outlives every process; it is read by its length."""

    def __init__(self, folder: Path, *, grows: bool) -> None:
        self._path = folder / "cards"
        self._grows = grows

    def cards(self) -> int:
        return self._path.stat().st_size if self._path.exists() else 0

    async def polls(self) -> Sequence[Poll]:
        return [FEED]

    async def poll(self, poll: Poll, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished]) -> Polled:
        if cursor is None:
            return Polled(happenings=(), cursor={"read": self.cards()})
        if self._grows:
            with self._path.open("ab") as file:
                file.write(b"xxx")
                file.flush()
                os.fsync(file.fileno())
        read, now = cursor["read"], SystemClock().now()
        assert isinstance(read, int)
        told = tuple(Happening(f"card {n}", "board", "card_created", now, {"title": f"card {n}"}) for n in range(read, self.cards()))
        return Polled(happenings=told, cursor={"read": self.cards()})


class Doing:
    """Fulfils ``ports.Actions``."""

    async def perform(self, call: Call) -> Answer:
        return Answer({"done": call.arguments["title"]})

    async def look(self, call: Call) -> Answer | None:
        return Answer({"done": call.arguments["title"]})

    def looks(self, service: str, operation: str) -> bool:
        return True


async def live(folder: Path, *, last: bool) -> None:
    store, clock = await open_store(folder), SystemClock()
    if await store.workflows.get(FLOW.id) is None:
        await store.ledger.record(WorkflowSaved(FLOW))
    board = Board(folder, grows=not last)
    runner = JournalRunner(store=store, guard=Guard(Doing(), clock), clock=clock, catalogue=CATALOGUE)
    dispatcher = Dispatcher(
        ledger=store.ledger, inbox=store.inbox, workflows=store.workflows, runs=store.runs, alerts=store.alerts, samples=store.samples,
        waits=store.waits, gatherings=store.gatherings, runner=runner, clock=clock,
    )  # fmt: skip
    poller = Poller(board, dispatcher, ledger=store.ledger, cursors=store.cursors, clock=clock)
    await runner.recover()
    await dispatcher.start()
    print("ready", flush=True)
    while not last or not await _over(store, board):
        await poller.look()
        await asyncio.sleep(0.002)
    await poller.idle()
    await dispatcher.stop()
    await runner.stop(grace=1)
    await store.close()


async def _over(store: SqlStore, board: Board) -> bool:
    cursors = await store.cursors.under("poll:")
    if not cursors or cursors[0].state.get("read") != board.cards():
        return False
    return not await store.inbox.unhandled() and not await store.runs.unfinished()


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), last="--last" in sys.argv))
