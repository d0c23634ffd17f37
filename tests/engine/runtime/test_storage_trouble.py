"""When nothing can be kept: nothing new is started, what is under way waits and loses nothing, and it all goes on by itself afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from engine.errors import Transient
from engine.events import Event, WorkflowSaved
from engine.ports import Answer
from engine.runtime.driver import PATIENCE
from engine.workflow.definition import Workflow
from engine.workflow.run import RunState
from storage.memory import MemoryStore
from tests.engine.runtime.world import ADA, Bench, ManualClock, definition, hold, runner_over, settle, step, workflow

FULL = "The disk is full. Free some space; Signalbox goes on by itself."
EIO = "The disk reports an error (EIO). Nothing more is written until it works again."


class Failing:
    """A ledger over a disk that takes nothing while ``why`` is said; every batch fails as a whole and changes nothing."""

    def __init__(self, store: MemoryStore) -> None:
        self._ledger, self.why, self._trouble, self.tries = store.ledger, "", "", 0

    async def record(self, *events: Event) -> None:
        await asyncio.sleep(0)
        self._trouble = self.why
        if self.why:
            self.tries += 1
            raise Transient(self.why)
        await self._ledger.record(*events)

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._ledger.listen(heard)

    def trouble(self) -> str:
        return self._trouble


class House:
    def __init__(self) -> None:
        self.store, self.bench, self.clock = MemoryStore(), Bench(), ManualClock()
        self.ledger = Failing(self.store)
        self.runner = runner_over(self.store, self.bench, self.clock, ledger=self.ledger)

    async def keep(self, *steps: object) -> Workflow:
        flow = workflow(definition(*steps))  # type: ignore[arg-type]
        await self.store.ledger.record(WorkflowSaved(flow))
        return flow


@pytest.mark.parametrize("why", [FULL, EIO])
async def test_nothing_new_is_started_while_nothing_can_be_kept_and_the_asker_hears_why(why: str) -> None:
    house = House()
    flow = await house.keep(step("a"))
    house.ledger.why = why
    for _ in range(3):
        with pytest.raises(Transient, match="disk") as raised:
            await house.runner.start(flow, by="web:ada")
        assert why in str(raised.value)
    assert house.bench.asked == []
    assert await house.store.runs.list() == []
    await house.runner.stop(grace=0)


async def test_a_storm_of_starts_tries_the_disk_once_a_second_only() -> None:
    house = House()
    flow = await house.keep(step("a"))
    house.ledger.why = FULL
    for _ in range(100):
        with pytest.raises(Transient):
            await house.runner.start(flow, by="event:a")
    assert house.ledger.tries <= 2
    await house.clock.pass_time(5)
    with pytest.raises(Transient):
        await house.runner.start(flow, by="event:a")
    assert house.ledger.tries <= 3
    await house.runner.stop(grace=0)


async def test_as_soon_as_it_works_again_runs_start_again_by_themselves() -> None:
    house = House()
    flow = await house.keep(step("a"))
    house.ledger.why = FULL
    with pytest.raises(Transient):
        await house.runner.start(flow, by="web:ada")
    house.ledger.why = ""
    await house.clock.pass_time(1.1)
    record = await house.runner.start(flow, by="web:ada")
    await settle()
    assert record is not None
    assert house.runner._ledger.trouble() == ""
    assert (await house.store.runs.get(record.id)).state is RunState.SUCCEEDED  # type: ignore[union-attr]
    await house.runner.stop(grace=0)


async def test_what_services_answer_meanwhile_is_kept_until_it_can_be_written_and_asked_only_once() -> None:
    house = House()
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    record = await house.runner.start(await house.keep(step("a"), step("b")), by="web:ada")
    assert record is not None
    await settle()
    house.ledger.why = EIO
    gate.set()
    await house.clock.pass_time(3600)
    assert house.bench.steps() == ["a"]
    house.ledger.why = ""
    await house.clock.pass_time(10)
    assert house.bench.steps() == ["a", "b"]
    assert (await house.store.runs.get(record.id)).state is RunState.SUCCEEDED  # type: ignore[union-attr]
    await house.runner.stop(grace=0)


async def test_a_step_that_cannot_be_written_down_does_not_leave() -> None:
    house = House()
    house.bench.tell("chat.ask_approval", Answer(None, pending=True))
    record = await house.runner.start(await house.keep(step("ask", "chat.ask_approval"), step("pay")), by="web:ada")
    assert record is not None
    await settle()
    house.ledger.why = FULL
    saying = asyncio.create_task(house.runner.answer(record.id, "ask", {"approved": True}, ADA))
    await house.clock.pass_time(600)
    assert house.bench.steps() == ["ask"]
    assert not saying.done()
    house.ledger.why = ""
    await house.clock.pass_time(10)
    await saying
    assert house.bench.steps() == ["ask", "pay"]
    await house.runner.stop(grace=0)


async def test_an_asker_is_told_after_a_while_that_it_is_taken_and_will_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.driver.PATIENCE", 0.05)
    assert PATIENCE >= 5
    house = House()
    house.bench.tell("chat.ask_approval", Answer(None, pending=True))
    record = await house.runner.start(await house.keep(step("ask", "chat.ask_approval"), step("pay")), by="web:ada")
    assert record is not None
    await settle()
    house.ledger.why = FULL
    with pytest.raises(Transient, match="as soon as storage works again: The disk is full"):
        await house.runner.cancel(record.id, ADA)
    house.ledger.why = ""
    await house.clock.pass_time(10)
    assert (await house.store.runs.get(record.id)).state is RunState.CANCELLED  # type: ignore[union-attr]
    await house.runner.stop(grace=0)


async def test_a_house_that_is_stopped_in_the_middle_of_it_ends_all_the_same() -> None:
    house = House()
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    await house.runner.start(await house.keep(step("a")), by="web:ada")
    await settle()
    house.ledger.why = FULL
    gate.set()
    await settle()
    async with asyncio.timeout(5):
        await house.runner.stop(grace=0.05)
