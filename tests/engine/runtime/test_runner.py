"""What the runner promises: durable before it returns, nothing asked twice, nothing lost, waiting costs nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from engine.errors import Conflict, Invalid, NotFound, Rejected, Transient, Unanswered
from engine.events import Event, PostingsTouched, PostingWanted, RunMoved, RunStarted, WorkflowSaved
from engine.parties import Address
from engine.ports import Answer, Call
from engine.runtime.guard import Guard
from engine.runtime.pace import Held
from engine.workflow import outcomes
from engine.workflow.definition import Input, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.doubt import doubt_id
from engine.workflow.kernel import begin as begin_run
from engine.workflow.kernel import steps_of
from engine.workflow.outline import outline_of
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState
from storage.memory import MemoryStore
from tests.engine.runtime.world import (
    ADA,
    CATALOGUE,
    NOON,
    Bench,
    ManualClock,
    changed,
    crash,
    definition,
    hold,
    runner_over,
    sequence,
    settle,
    step,
    workflow,
)

OPS = Address("slack", "#ops")


class House:
    """One store, one bench, and a runner that can be killed and started anew."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.bench = Bench()
        self.clock = ManualClock()
        self.heard: list[tuple[Event, ...]] = []
        self.store.ledger.listen(lambda events: self.heard.append(tuple(events)))
        self.runner = runner_over(self.store, self.bench, self.clock)

    async def keep(self, *flows: Workflow) -> None:
        await self.store.ledger.record(*map(WorkflowSaved, flows))

    async def crash(self) -> None:
        """As after kill -9: tasks vanish, nothing more is written."""
        await crash(self.runner)
        self.runner = runner_over(self.store, self.bench, self.clock)

    async def state(self, run_id: str) -> RunState:
        record = await self.store.runs.get(run_id)
        assert record is not None
        return record.state

    async def steps(self, flow: Workflow, run_id: str) -> dict[str, StepState]:
        return {view.id: view.state for view in steps_of(flow.definition, await self.store.runs.facts(run_id))}

    def records(self, run_id: str) -> list[tuple[Event, ...]]:
        """The batches that hold facts of the run."""
        return [
            batch
            for batch in self.heard
            if any((isinstance(e, RunMoved) and e.run_id == run_id) or (isinstance(e, RunStarted) and e.run.id == run_id) for e in batch)
        ]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    yield house
    await house.runner.stop(grace=0)


async def begin(house: House, flow: Workflow, **more: object) -> str:
    if await house.store.workflows.get(flow.id) is None:
        await house.keep(flow)
    record = await house.runner.start(flow, by=ADA.id, actor=ADA, **more)  # type: ignore[arg-type]
    assert record is not None
    await settle()
    return record.id


async def test_a_run_goes_through_its_steps_and_finishes(house: House) -> None:
    run_id = await begin(house, workflow(definition(*sequence(3))))
    assert house.bench.steps() == ["s1", "s2", "s3"]
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_a_call_leaves_only_after_its_ask_is_durable(house: House) -> None:
    written: list[str] = []
    house.store.ledger.listen(
        lambda events: written.extend(
            f.step for e in events if isinstance(e, (RunMoved, RunStarted)) for f in e.facts if f.kind is FactKind.ASKED
        )
    )

    async def check(call: Call) -> Answer:
        assert call.step in written
        return Answer(None)

    house.bench.tell("a.do", check, check)
    run_id = await begin(house, workflow(definition(*sequence(2))))
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_a_sequence_costs_one_record_a_step_and_a_fan_out_two_in_all(house: House) -> None:
    run_id = await begin(house, workflow(definition(*sequence(10))))
    assert len(house.records(run_id)) == 11
    fan = workflow(definition(*(step(f"f{n}", needs=()) for n in range(20))), id="wf_00000002")
    run_id = await begin(house, fan)
    assert len(house.records(run_id)) == 2


async def test_the_call_carries_who_where_and_which_places(house: House) -> None:
    flow = workflow(definition(step("a", arguments={"x": 1})), where="web:#general")
    await begin(house, flow)
    call = house.bench.asked[0]
    assert (call.service, call.operation, dict(call.arguments), call.step, call.actor) == ("a", "do", {"x": 1}, "a", "web:ada")
    assert (call.workflow, call.where, call.key) == (flow.id, "web:#general", f"{call.run}:a")


async def test_the_run_card_is_wanted_at_the_start_and_touched_by_every_change(house: House) -> None:
    run_id = await begin(house, workflow(definition(*sequence(2))), where=OPS)
    batches = house.records(run_id)
    assert PostingWanted(run_id, "run", OPS) in batches[0]
    assert all(PostingsTouched(run_id) in batch for batch in batches[1:])


async def test_a_run_without_a_card_touches_none_until_somebody_puts_one_up(house: House) -> None:
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    run_id = await begin(house, workflow(definition(*sequence(2))))
    assert not any(isinstance(e, PostingsTouched) for batch in house.heard for e in batch)
    await house.store.ledger.record(PostingWanted(run_id, "run", OPS))
    gate.set()
    await settle()
    assert PostingsTouched(run_id) in house.records(run_id)[-1]


async def test_a_run_id_that_exists_starts_nothing(house: House) -> None:
    flow = workflow(definition(step("a")))
    await begin(house, flow, run_id="run_fixed")
    assert await house.runner.start(flow, by="schedule", run_id="run_fixed") is None
    assert len(house.bench.asked) == 1


async def test_two_starts_at_the_same_moment_make_one_run(house: House) -> None:
    flow = workflow(definition(step("a")))
    await house.keep(flow)
    started = await asyncio.gather(*(house.runner.start(flow, by="schedule", run_id="run_fixed") for _ in range(5)))
    await settle()
    assert sum(record is not None for record in started) == 1
    assert len(house.bench.asked) == 1


async def test_inputs_are_held_against_the_trigger(house: House) -> None:
    trigger = Trigger(
        type=TriggerType.MANUAL,
        inputs=(Input("count", "integer", required=True), Input("loud", "boolean", default=False), Input("who")),
    )
    flow = workflow(definition(step("a", arguments={"n": "{{inputs.count}}", "loud": "{{inputs.loud}}"}), trigger=trigger))
    await begin(house, flow, inputs={"count": "3", "who": "x"})
    assert house.bench.asked[0].arguments == {"n": 3, "loud": False}
    for bad, words in (({}, "count: is needed"), ({"count": "three"}, "is no integer"), ({"count": 1, "colour": "red"}, "no such input")):
        with pytest.raises(Invalid, match=words):
            await house.runner.start(flow, by="web:ada", inputs=bad)


async def test_a_deleted_workflow_and_an_unusable_run_id_are_refused(house: House) -> None:
    with pytest.raises(Rejected, match="deleted"):
        await house.runner.start(workflow(definition(step("a")), state=WorkflowState.DELETED), by="web:ada")
    with pytest.raises(Rejected, match="48 characters"):
        await house.runner.start(workflow(definition(step("a"))), by="web:ada", run_id="run_" + "x" * 60)


async def test_a_passing_failure_is_repeated_later_under_the_same_key(house: House) -> None:
    house.bench.tell("a.do", Transient("busy"), Transient("busy"))
    run_id = await begin(house, workflow(definition(step("a"))))
    assert await house.state(run_id) is RunState.WAITING
    await house.clock.pass_time(120)
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.keys() == [f"{run_id}:a"] * 3


async def test_a_retry_waits_as_long_as_the_service_asked_for(house: House) -> None:
    house.bench.tell("a.do", Transient("slow down", retry_after=90))
    run_id = await begin(house, workflow(definition(step("a"))))
    await house.clock.pass_time(89)
    assert len(house.bench.asked) == 1
    await house.clock.pass_time(2)
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_a_waiting_run_is_a_row_and_comes_back_when_its_time_has_come(house: House) -> None:
    house.bench.tell("a.do", Transient("closed", retry_after=3600))
    run_id = await begin(house, workflow(definition(*sequence(2))))
    assert house.runner._driver.live == {}
    assert house.runner._driver._tasks == set()
    await house.clock.pass_time(3601)
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_two_hundred_runs_that_wait_for_an_approval_hold_no_task_and_no_memory(house: House) -> None:
    house.bench.tell("chat.ask_approval", *(Answer(None, pending=True) for _ in range(200)))
    flow = workflow(definition(step("ask", "chat.ask_approval"), step("go")))
    await house.keep(flow)
    runs = await asyncio.gather(*(house.runner.start(flow, by="web:ada") for _ in range(200)))
    await settle(300)
    assert (len(house.runner._driver.live), len(house.runner._driver._tasks), len(house.runner._driver._flying)) == (0, 0, 0)
    await asyncio.gather(*(house.runner.answer(run.id, "ask", {"approved": True}, ADA) for run in runs if run))
    await settle(300)
    assert {await house.state(run.id) for run in runs if run} == {RunState.SUCCEEDED}


async def test_a_restart_reads_back_no_run_that_only_waits(house: House) -> None:
    house.bench.tell("chat.ask_approval", *(Answer(None, pending=True) for _ in range(50)))
    flow = workflow(definition(step("ask", "chat.ask_approval"), deadline=3600.0))
    await house.keep(flow)
    runs = [await house.runner.start(flow, by="web:ada") for _ in range(50)]
    await settle(100)
    read, facts = list[str](), house.store.runs.facts

    async def counted(run_id: str) -> list[Fact]:
        read.append(run_id)
        return await facts(run_id)

    house.store.runs.facts = counted  # type: ignore[method-assign]
    await house.crash()
    assert await house.runner.recover() == 50
    await settle()
    assert (read, house.runner._driver.live, len(house.runner._driver.alarm)) == ([], {}, 50)
    await house.clock.pass_time(3601)
    assert len(set(read)) == 50
    assert {await house.state(run.id) for run in runs if run} == {RunState.FAILED}


async def test_an_approval_that_is_pressed_before_the_service_said_pending_counts(house: House) -> None:
    gate = asyncio.Event()

    async def slowly(call: Call) -> Answer:
        await gate.wait()
        return Answer(None, pending=True)

    house.bench.tell("chat.ask_approval", slowly)
    run_id = await begin(house, workflow(definition(step("ask", "chat.ask_approval"), step("go"))))
    await house.runner.answer(run_id, "ask", {"approved": True}, ADA)
    gate.set()
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_after_a_crash_a_run_goes_on_where_it_was_and_asks_no_answered_step_again(house: House) -> None:
    gate, answer = hold()
    flow = workflow(definition(step("one"), step("two", "safe.do"), step("three")))
    house.bench.tell("safe.do", answer)
    run_id = await begin(house, flow)
    await house.crash()
    gate.set()
    assert await house.runner.recover() == 1
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.keys("two") == [f"{run_id}:two"] * 2
    assert house.bench.steps().count("one") == 1


async def test_a_lost_unrepeatable_step_is_never_asked_again_but_put_to_a_human_by_one_card(house: House) -> None:
    _, answer = hold()
    house.bench.tell("a.do", answer)
    flow = workflow(definition(*sequence(2)), where="slack:#ops")
    run_id = await begin(house, flow)
    await house.crash()
    await house.runner.recover()
    await settle()
    assert (await house.steps(flow, run_id))["s1"] is StepState.IN_DOUBT
    assert len(house.bench.asked) == 1
    cards = [e for batch in house.heard for e in batch if isinstance(e, PostingWanted) and e.kind == "doubt"]
    assert [card.subject for card in cards] == [f"{run_id.replace('run_', 'dbt_')}_2"]
    assert (cards[0].payload["run"], cards[0].payload["step"]) == (run_id, "s1")
    await house.crash()
    await house.runner.recover()
    await settle()
    assert len([e for batch in house.heard for e in batch if isinstance(e, PostingWanted) and e.kind == "doubt"]) == 1
    record = await house.runner.decide(run_id, "s1", happened=True, actor=ADA, output={"id": 7})
    await settle()
    assert record.id == run_id
    assert PostingsTouched(cards[0].subject) in [e for batch in house.heard for e in batch]
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.steps() == ["s1", "s2"]


async def test_a_doubt_that_did_not_happen_is_asked_again_and_a_second_verdict_is_refused(house: House) -> None:
    house.bench.tell("a.do", Unanswered("lost"))
    run_id = await begin(house, workflow(definition(step("a"))))
    await house.runner.decide(run_id, "a", happened=False, actor=ADA)
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.keys() == [f"{run_id}:a"] * 2
    with pytest.raises(Conflict):
        await house.runner.decide(run_id, "a", happened=True, actor=ADA)


async def test_a_cancelled_run_closes_its_doubt_card(house: House) -> None:
    house.bench.tell("a.do", Unanswered("lost"))
    run_id = await begin(house, workflow(definition(step("a")), where="slack:#ops"))
    await house.runner.cancel(run_id, ADA)
    doubt = next(e.subject for batch in house.heard for e in batch if isinstance(e, PostingWanted) and e.kind == "doubt")
    assert PostingsTouched(doubt) in house.records(run_id)[-1]


async def test_a_cancelled_run_starts_no_further_step_and_notes_how_its_call_came_out(house: House) -> None:
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    flow = workflow(definition(*sequence(2)))
    run_id = await begin(house, flow)
    record = await house.runner.cancel(run_id, ADA)
    assert record.state is RunState.CANCELLED
    gate.set()
    await settle()
    assert (await house.steps(flow, run_id))["s1"] is StepState.SUCCEEDED
    assert house.bench.steps() == ["s1"]
    with pytest.raises(Conflict, match="cancelled already"):
        await house.runner.cancel(run_id, ADA)


async def test_a_failed_run_is_retried_from_its_failed_step(house: House) -> None:
    house.bench.tell("a.do", Answer(1), Rejected("no board"))
    run_id = await begin(house, workflow(definition(*sequence(3))))
    assert await house.state(run_id) is RunState.FAILED
    await house.runner.retry(run_id, ADA)
    await settle()
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.steps() == ["s1", "s2", "s2", "s3"]


async def test_commands_about_an_unknown_run_or_step_say_so(house: House) -> None:
    with pytest.raises(NotFound, match="no run"):
        await house.runner.cancel("run_none", ADA)
    house.bench.tell("a.do", Unanswered("lost"))
    run_id = await begin(house, workflow(definition(step("a"))))
    with pytest.raises(NotFound, match="no step “b”"):
        await house.runner.decide(run_id, "b", happened=True, actor=ADA)


async def test_a_run_keeps_the_version_it_started_with(house: House) -> None:
    house.bench.tell("chat.ask_approval", Answer(None, pending=True))
    flow = workflow(definition(step("ask", "chat.ask_approval"), step("old")))
    run_id = await begin(house, flow)
    await house.keep(changed(flow, version=2, definition=definition(step("ask", "chat.ask_approval"), step("new"))))
    await house.runner.answer(run_id, "ask", {"approved": True}, ADA)
    await settle()
    assert house.bench.steps() == ["ask", "old"]


class Moody:
    """A ledger that refuses when told to; everything else goes through."""

    def __init__(self, store: MemoryStore) -> None:
        self._ledger = store.ledger
        self.moods: list[Exception] = []
        self.only: Callable[[Sequence[Event]], bool] = lambda events: any(isinstance(e, RunMoved) for e in events)

    async def record(self, *events: Event) -> None:
        await asyncio.sleep(0)
        if self.moods and self.only(events):
            raise self.moods.pop(0)
        await self._ledger.record(*events)

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._ledger.listen(heard)

    def trouble(self) -> str:
        return ""


async def test_a_busy_storage_delays_a_run_and_loses_nothing(house: House) -> None:
    ledger = Moody(house.store)
    ledger.moods = [Transient("disk is full"), Transient("disk is full", retry_after=5)]
    house.runner = runner_over(house.store, house.bench, house.clock, ledger=ledger)
    run_id = await begin(house, workflow(definition(*sequence(2))))
    await house.clock.pass_time(10)
    assert await house.state(run_id) is RunState.SUCCEEDED
    assert house.bench.steps() == ["s1", "s2"]


async def test_an_answer_that_cannot_be_stored_fails_its_step_in_words_and_harms_no_other(house: House) -> None:
    class Picky(Moody):
        async def record(self, *events: Event) -> None:
            if any("\ud800" in str(f.data.get("output")) for e in events if isinstance(e, RunMoved) for f in e.facts):
                raise Rejected("half a character")
            await super().record(*events)

    house.runner = runner_over(house.store, house.bench, house.clock, ledger=Picky(house.store))
    house.bench.tell("a.do", Answer("fine"), Answer("\ud800"), Answer("fine"))
    flow = workflow(definition(*(step(f"s{n}", needs=()) for n in range(3))))
    run_id = await begin(house, flow)
    assert await house.steps(flow, run_id) == {"s0": StepState.SUCCEEDED, "s1": StepState.FAILED, "s2": StepState.SUCCEEDED}
    record = await house.store.runs.get(run_id)
    assert record is not None
    assert record.error == "s1: It was answered, but the answer cannot be kept: half a character"


async def test_a_start_that_cannot_be_written_asks_nothing_and_says_so(house: House) -> None:
    ledger = Moody(house.store)
    ledger.only = lambda events: True
    ledger.moods = [Transient("disk is full")]
    house.runner = runner_over(house.store, house.bench, house.clock, ledger=ledger)
    flow = workflow(definition(step("a")))
    await house.keep(flow)
    with pytest.raises(Transient, match="full"):
        await house.runner.start(flow, by="web:ada", run_id="run_x")
    assert house.bench.asked == []
    assert await house.runner.start(flow, by="web:ada", run_id="run_x") is not None


async def test_when_somebody_else_wrote_to_a_run_it_is_read_again_and_its_answer_is_kept(house: House) -> None:
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    flow = workflow(definition(*sequence(2)))
    run_id = await begin(house, flow)
    live = house.runner._driver.live[run_id]
    await house.store.ledger.record(RunMoved(run_id, outcomes.cancelled(live.run, house.clock.now(), "Somebody else")))
    gate.set()
    await settle()
    assert (await house.steps(flow, run_id))["s1"] is StepState.SUCCEEDED
    assert house.bench.steps() == ["s1"]


async def test_an_asker_who_goes_away_leaves_a_run_that_is_driven(house: House) -> None:
    flow = workflow(definition(step("a")))
    await house.keep(flow)
    house.runner = runner_over(house.store, house.bench, house.clock, ledger=Moody(house.store))
    asker = asyncio.create_task(house.runner.start(flow, by="web:ada", run_id="run_x"))
    await asyncio.sleep(0)
    asker.cancel()
    await settle()
    assert await house.state("run_x") is RunState.SUCCEEDED


async def test_a_stopping_house_writes_down_what_is_answered_and_asks_nothing_more(house: House) -> None:
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    flow = workflow(definition(*sequence(2)))
    run_id = await begin(house, flow)
    stopping = asyncio.create_task(house.runner.stop(grace=5))
    await settle()
    gate.set()
    await stopping
    assert (await house.steps(flow, run_id)) == {"s1": StepState.SUCCEEDED, "s2": StepState.PENDING}
    with pytest.raises(Transient, match="stopping"):
        await house.runner.start(flow, by="web:ada")
    house.runner = runner_over(house.store, house.bench, house.clock)
    await house.runner.recover()
    await settle()
    assert house.bench.steps() == ["s1", "s2"]
    assert await house.state(run_id) is RunState.SUCCEEDED


async def test_a_run_that_cannot_be_read_back_does_not_hold_up_the_others(house: House) -> None:
    house.bench.tell("chat.ask_approval", Answer(None, pending=True), Answer(None, pending=True))
    bad = workflow(definition(step("ask", "chat.ask_approval")))
    good = workflow(definition(step("ask", "chat.ask_approval"), step("go")), id="wf_00000002")
    bad_run, good_run = await begin(house, bad), await begin(house, good)
    house.store.workflows._versions.pop((bad.id, 1))
    await house.crash()
    assert await house.runner.recover() == 2
    with pytest.raises(Rejected, match="not stored any more"):
        await house.runner.cancel(bad_run, ADA)
    await house.runner.answer(good_run, "ask", {"approved": True}, ADA)
    await settle()
    assert await house.state(good_run) is RunState.SUCCEEDED


async def test_no_more_calls_leave_at_once_than_the_guard_allows() -> None:
    store, bench, clock = MemoryStore(), Bench(), ManualClock()
    runner = runner_over(store, bench, clock, guard=Guard(bench, clock, limit=5, per_service=3))
    flow = workflow(definition(*(step(f"f{n}", "a.do" if n % 2 else "safe.do", needs=()) for n in range(20))))
    await store.ledger.record(WorkflowSaved(flow))
    await runner.start(flow, by="web:ada")
    await settle(200)
    assert len(bench.asked) == 20
    assert bench.most_at_once == 5


def test_the_longest_run_id_gives_a_card_id_of_at_most_sixty_characters() -> None:
    record = RunRecord(id="run_" + "x" * 44, workflow="w", version=1, name="n", state=RunState.RUNNING, started_at=NOON, by="b")
    run = begin_run(outline_of(definition(*sequence(10_000)), CATALOGUE), record)
    assert len(doubt_id(run, "s10000")) <= 60


async def test_a_step_that_the_services_own_limits_hold_back_comes_again_and_loses_no_attempt(house: House) -> None:
    house.bench.tell("a.do", *(Held("its limits are used up for now", 60.0) for _ in range(5)), Answer({"n": 1}))
    run = await begin(house, workflow(definition(step("one", "a.do"))))
    for _ in range(5):
        assert await house.state(run) is RunState.WAITING
        await house.clock.pass_time(61)
    assert await house.state(run) is RunState.SUCCEEDED
    assert len(house.bench.asked) == 6
