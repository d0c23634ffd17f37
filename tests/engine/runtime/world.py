"""A small world for the engine's tests: a clock that is moved by hand, services that do as they are told, workflows in one line."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from engine.errors import Rejected
from engine.parties import Actor
from engine.ports import Answer, Call, Store
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.runtime.safe import Safe
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import Definition, Options, Step, Trigger, TriggerType, Workflow, WorkflowState
from tests.engine.clock import settled

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ADA = Actor(face="web", user="ada", name="Ada")


class ManualClock:
    """Time passes only in ``pass_time``; whoever sleeps wakes when it has."""

    def __init__(self, now: datetime = NOON, dice: float = 0.5) -> None:
        self._now = now
        self.dice = dice
        self._ids = 0
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def random(self) -> float:
        return self.dice

    def new_id(self, prefix: str) -> str:
        self._ids += 1
        return f"{prefix}_{self._ids:08d}"

    def set(self, now: datetime) -> None:
        """A jump of the clock: sleepers do not notice."""
        self._now = now

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ids += 1
        heappush(self._sleepers, (self._now + timedelta(seconds=seconds), self._ids, future))
        await future

    async def pass_time(self, seconds: float, rest: Callable[[], Awaitable[None]] | None = None) -> None:
        """``rest``: what lets everything go on as far as it does; by default some turns of the loop."""
        rest = rest or settle
        until = self._now + timedelta(seconds=seconds)
        await rest()
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, future = heappop(self._sleepers)
            if future.done():
                continue
            self._now = max(self._now, at)
            future.set_result(None)
            await rest()
        self._now = max(self._now, until)
        await rest()


async def settle(turns: int = 60) -> None:
    """Let everything that can go on go on."""
    await settled(turns)


class Bench:
    """Fulfils ``ports.Actions``. Every service says “done” unless told otherwise; ``asked`` keeps every call.

    ``tell("a.do", error, error, answer)``: one after the other, then “done” again; a callable is awaited with the call.
    """

    def __init__(self) -> None:
        self.asked: list[Call] = []
        self.looked: list[Call] = []
        self.house = True  # what the house does by itself it does, where a rig says so; else the bench answers for it too
        self.seen: Callable[[Call], Answer | None] | None = None  # what a look finds; None: nobody can be asked
        self._said: dict[str, list[Any]] = defaultdict(list)
        self.most_at_once = 0
        self.at_once = 0

    def tell(self, action: str, *outcomes: Answer | Exception | Callable[[Call], Awaitable[Answer]]) -> None:
        self._said[action].extend(outcomes)

    def keys(self, step: str = "") -> list[str]:
        return [call.key for call in self.asked if step in ("", call.step)]

    def steps(self) -> list[str]:
        return [call.step for call in self.asked]

    async def perform(self, call: Call) -> Answer:
        self.asked.append(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(0)
            said = self._said[f"{call.service}.{call.operation}"]
            outcome = said.pop(0) if said else Answer({"done": call.step})
            if isinstance(outcome, Exception):
                raise outcome
            return outcome if isinstance(outcome, Answer) else await outcome(call)
        finally:
            self.at_once -= 1

    async def look(self, call: Call) -> Answer | None:
        if self.seen is None:
            raise Rejected(f"{call.service} cannot be asked that.")
        self.looked.append(call)
        return self.seen(call)

    def looks(self, service: str, operation: str) -> bool:
        return self.seen is not None


def hold() -> tuple[asyncio.Event, Callable[[Call], Awaitable[Answer]]]:
    """An answer that comes only once the event is set."""
    gate = asyncio.Event()

    async def answer(call: Call) -> Answer:
        HELD.append(call)
        try:
            await gate.wait()
        finally:
            HELD.remove(call)
        return Answer({"done": call.step})

    return gate, answer


HELD: list[Call] = []  # calls that wait at a gate right now


def action(service: str, operation: str = "do", **more: Any) -> Action:
    return Action(service=service, operation=operation, **more)


CATALOGUE = Catalogue(
    [
        Service(id="a", name="A", category="test", actions=(action("a"), action("a", "look", writes=False))),
        Service(id="safe", name="Safe", category="test", actions=(action("safe", repeatable=True, equivalents={"spare.do": {"titel": "title"}}),)),
        Service(id="spare", name="Spare", category="test", actions=(action("spare", repeatable=True),)),
        Service(id="signalbox", name="Signalbox", category="test", actions=(action("signalbox", "run_workflow", repeatable=True),)),
        Service(id="chat", name="Chat", category="test", actions=(action("chat", "ask_approval"), action("chat", "post_message"))),
    ]
)  # fmt: skip


def step(id: str, action: str = "a.do", **more: Any) -> Step:
    return Step(id=id, action=action, **more)


def definition(*steps: Step, trigger: Trigger | None = None, when: str = "", **options: Any) -> Definition:
    return Definition(
        name="Test", trigger=trigger or Trigger(type=TriggerType.MANUAL), steps=steps, when=when, options=Options(**options)
    )  # fmt: skip


def workflow(of: Definition, *, id: str = "wf_00000001", where: str = "", at: datetime = NOON, **more: Any) -> Workflow:
    values: dict[str, Any] = {
        "version": 1, "revision": 1, "state": WorkflowState.ACTIVE, "created_at": at, "created_by": "web:ada", "updated_at": at,
    }  # fmt: skip
    return Workflow(id=id, definition=of, where=where, **(values | more))


def changed(before: Workflow, **more: Any) -> Workflow:
    return replace(before, revision=before.revision + 1, **more)


def sequence(count: int, action: str = "a.do") -> Iterable[Step]:
    return (step(f"s{number}", action) for number in range(1, count + 1))


def runner_over(store: Store, bench: Bench, clock: ManualClock, **more: Any) -> JournalRunner:
    guard = more.pop("guard", None) or Guard(bench, clock, tokens=store.tokens, safe=Safe(store.vault))
    return JournalRunner(store=store, guard=guard, clock=clock, catalogue=more.pop("catalogue", CATALOGUE), **more)


async def crash(runner: JournalRunner) -> None:
    """As after kill -9: tasks vanish, nothing more is written."""
    for task in tuple(runner._driver._tasks):
        task.cancel()
    await runner._driver.alarm.stop()
    runner._driver.stopping = True  # what the store still tells it falls on deaf ears
    await settle()
