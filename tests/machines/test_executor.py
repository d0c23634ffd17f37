"""Executors and their caretaker, several of them in one process: what each may do, and what becomes of the runs of one that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from engine.errors import Transient
from engine.events import WorkflowSaved
from engine.ports import Store
from engine.runtime.distributed.caretaker import Caretaker
from engine.runtime.distributed.executor import Executor, lease_of
from engine.runtime.distributed.memory_desk import Books, MemoryDesk
from engine.runtime.distributed.tempo import USUAL
from engine.runtime.runner import JournalRunner
from engine.workflow.definition import Workflow
from engine.workflow.run import FactKind, RunState
from storage.memory import MemoryStore
from tests.engine.runtime.test_held import Leases
from tests.engine.runtime.world import ADA, NOON, Bench, ManualClock, definition, hold, runner_over, settle, step, workflow

FLOW = workflow(definition(step("a", "a.do"), step("b", "a.do")))


class Desk(MemoryDesk):
    """A memory desk whose database can be away."""

    away = False

    async def put(self, run_id: str, token: str, rank: int) -> None:
        if self.away:
            raise Transient("away")
        await super().put(run_id, token, rank)


class Process:
    def __init__(self, house: House, name: str) -> None:
        self.bench = Bench()
        self.leases = Leases(house.table, name)
        self.desk = Desk(house.books, name)
        self.executor = Executor(name, self.desk, self.leases, house.clock)
        self.runner: JournalRunner = runner_over(house.store, self.bench, house.clock, turns=self.executor)
        self.executor.join(self.runner)

    async def beat(self) -> None:
        await self.executor._beat()
        await settle()


class House:
    """Some processes over one store; ``table`` holds the leases."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store: Store = MemoryStore()
        self.books = Books(self.clock)
        self.table: dict[str, str] = {}
        self.processes: list[Process] = []

    def process(self, name: str) -> Process:
        self.processes.append(Process(self, name))
        return self.processes[-1]

    def caretaker(self, of: Process) -> Caretaker:
        return Caretaker(of.executor.name, of.desk, of.leases, self.store.runs, self.clock, look_after=of.runner.look_after)

    async def kinds(self, run_id: str) -> list[str]:
        return [f"{fact.kind.value} {fact.step}".strip() for fact in await self.store.runs.facts(run_id)]

    async def state(self, run_id: str) -> RunState:
        record = await self.store.runs.get(run_id)
        assert record is not None
        return record.state


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    await made.store.ledger.record(WorkflowSaved(FLOW))
    yield made
    for process in made.processes:
        await process.executor.stop()


async def begun(process: Process, flow: Workflow = FLOW) -> str:
    record = await process.runner.start(flow, by="test")
    assert record is not None
    await settle()
    return record.id


async def test_whoever_does_not_drive_writes_down_what_came_in_and_somebody_else_goes_on(house: House) -> None:
    asker, hands = house.process("asker"), house.process("hands")
    await hands.executor.start()
    run_id = await begun(asker)
    assert asker.bench.asked == []
    assert hands.bench.steps() == ["a", "b"]
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert await house.kinds(run_id) == ["started", "asked a", "answered a", "asked b", "answered b", "finished"]


async def test_a_command_at_another_process_is_held_against_the_run_as_it_is(house: House) -> None:
    asker, hands = house.process("asker"), house.process("hands")
    gate, answer = hold()
    hands.bench.tell("a.do", answer)
    await hands.executor.start()
    run_id = await begun(asker)
    await asker.runner.cancel(run_id, ADA)
    gate.set()
    await settle()
    assert hands.bench.steps() == ["a"]
    assert await house.state(run_id) is RunState.CANCELLED
    assert "answered a" in await house.kinds(run_id)


async def test_an_ask_in_flight_elsewhere_is_not_taken_for_lost(house: House) -> None:
    one, other = house.process("one"), house.process("other")
    gate, answer = hold()
    one.bench.tell("a.do", answer)
    await one.executor.start()
    run_id = await begun(one)
    await other.executor.start()
    await other.runner.pause(run_id, ADA)
    await other.runner.resume(run_id, ADA)
    gate.set()
    await settle()
    assert FactKind.IN_DOUBT.value not in " ".join(await house.kinds(run_id))
    assert [*one.bench.steps(), *other.bench.steps()].count("a") == 1
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_who_has_not_renewed_in_time_plans_nothing_until_it_has(house: House) -> None:
    one = house.process("one")
    gate, answer = hold()
    one.bench.tell("a.do", answer)
    await one.executor.start()
    run_id = await begun(one)
    one.leases.out = True
    assert not one.executor.may_drive(run_id)
    gate.set()
    await settle()
    assert one.bench.steps() == ["a"]  # its answer was written down, and that is all
    await one.beat()
    assert one.bench.steps() == ["a", "b"]
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_who_was_taken_for_dead_lets_go_and_its_late_answer_settles_the_doubt(house: House) -> None:
    zombie, living = house.process("zombie"), house.process("living")
    gate, answer = hold()
    zombie.bench.tell("a.do", answer)
    await zombie.executor.start()
    run_id = await begun(zombie)
    await living.executor.start()
    zombie.leases.out = True
    del house.table[lease_of("zombie")]  # storage gives it to whoever asks
    del house.books.open["zombie"]
    await house.caretaker(living).round()
    await settle()
    assert (await house.kinds(run_id))[-1] == "in_doubt a"
    gate.set()
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert (zombie.bench.steps(), living.bench.steps()) == (["a"], ["b"])
    await zombie.beat()
    assert zombie.executor.alive


async def test_who_was_taken_for_dead_and_asks_again_hears_both_answers(house: House) -> None:
    zombie, living = house.process("zombie"), house.process("living")
    (first, slow), (second, again) = hold(), hold()
    zombie.bench.tell("a.do", slow, again)
    await zombie.executor.start()
    run_id = await begun(zombie)
    await living.executor.start()
    zombie.leases.out = True
    del house.table[lease_of("zombie")]
    taking = house.books.open.pop("zombie")
    await house.caretaker(living).round()
    await settle()
    assert (await house.kinds(run_id))[-1] == "in_doubt a"
    zombie.leases.out = False
    await zombie.beat()
    house.books.open = {"zombie": taking}
    await living.runner.decide(run_id, "a", happened=False, actor=ADA)
    await settle()
    assert zombie.bench.steps() == ["a", "a"]
    first.set()  # of an attempt that nobody waits for any more
    await settle()
    assert (await house.kinds(run_id))[-1] == "asked a"
    second.set()
    await settle()
    assert (await house.state(run_id), zombie.bench.steps()) == (RunState.SUCCEEDED, ["a", "a", "b"])


async def test_a_living_executor_is_left_alone(house: House) -> None:
    one, other = house.process("one"), house.process("other")
    gate, answer = hold()
    one.bench.tell("a.do", answer)
    await one.executor.start()
    run_id = await begun(one)
    await other.executor.start()
    for _ in range(3):
        await house.caretaker(other).round()
        await settle()
    assert await house.kinds(run_id) == ["started", "asked a"]
    gate.set()


async def test_a_run_that_nobody_put_is_found_at_the_second_look(house: House) -> None:
    hands = house.process("hands")
    await hands.executor.start()
    asker = house.process("asker")
    asker.desk.away = True
    record = await asker.runner.start(FLOW, by="test", run_id="run_left")
    assert record is not None
    await settle()
    assert hands.bench.asked == []
    caretaker = house.caretaker(hands)
    await caretaker.round()
    await settle()
    assert hands.bench.asked == []
    await caretaker.round()
    await settle()
    assert await house.state("run_left") is RunState.SUCCEEDED


async def test_a_timer_of_a_dead_process_is_overdue_for_the_caretaker(house: House) -> None:
    hands = house.process("hands")
    await hands.executor.start()
    run_id = "run_waiting"
    hands.bench.tell("a.do", Transient("later", retry_after=3600.0))
    await begun_as(hands, run_id)
    record = await house.store.runs.get(run_id)
    assert record is not None
    assert record.wake_at is not None
    hands.runner._driver.alarm.set(run_id, None)  # it died with its process
    caretaker = house.caretaker(hands)
    house.clock.set(record.wake_at + USUAL.lateness / 2)
    for _ in range(3):
        await caretaker.round()
        await settle()
    assert hands.bench.steps() == ["a"]
    house.clock.set(record.wake_at + USUAL.lateness)
    for _ in range(2):
        await caretaker.round()
        await settle()
    assert hands.bench.steps() == ["a", "a", "b"]


async def begun_as(process: Process, run_id: str) -> None:
    await process.runner.start(FLOW, by="test", run_id=run_id)
    await settle()


async def test_what_could_not_be_passed_on_is_as_soon_as_the_database_is_back(house: House) -> None:
    asker, hands = house.process("asker"), house.process("hands")
    await hands.executor.start()
    asker.desk.away = True
    run_id = await begun(asker)
    await house.clock.pass_time(1.0)
    assert await house.state(run_id) is RunState.RUNNING
    asker.desk.away = False
    await house.clock.pass_time(10.0)
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_who_stops_leaves_what_it_holds_to_the_others_at_once(house: House) -> None:
    leaving, staying = house.process("leaving"), house.process("staying")
    gate, answer = hold()
    leaving.bench.tell("a.do", answer)
    await leaving.executor.start()
    run_id = await begun(leaving)
    await staying.executor.start()
    stopping = asyncio.create_task(leaving.executor.stop())
    await settle()
    gate.set()
    await stopping
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert (leaving.bench.steps(), staying.bench.steps()) == (["a"], ["b"])
    assert lease_of("leaving") not in house.table


async def test_old_books_are_forgotten(house: House) -> None:
    hands = house.process("hands")
    await hands.executor.start()
    await begun(hands)
    assert await house.caretaker(hands).tidy() == 0
    house.clock.set(NOON + timedelta(seconds=USUAL.kept + 1))
    assert await house.caretaker(hands).tidy() > 0
    assert house.books.stretches == {}
