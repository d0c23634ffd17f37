"""Steps that wait for events: nothing lost between facts, nothing taken twice, and what came just before the wait counts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from engine.events import Happening, Received
from engine.runtime.deliveries import key_of, write
from engine.runtime.waiting import LOOK_BACK, counts
from engine.workflow.definition import ForEach, Parallel, Step, Trigger, TriggerType, Wait, Workflow
from engine.workflow.run import Fact, FactKind, RunState
from storage.memory import MemoryStore
from tests.engine.runtime.test_dispatcher import House
from tests.engine.runtime.world import ADA, NOON, ManualClock, definition, hold, step, workflow

PAID = "pay.payment_succeeded"


def wait(id: str = "paid", where: str = "", **more: Any) -> Step:
    return Step(id=id, does=Wait(event=PAID, where=where), **more)


def flow(*steps: Step, id: str = "wf_00000001", trigger: Trigger | None = None) -> Workflow:
    return workflow(definition(*steps, trigger=trigger), id=id)


def paid(id: str = "p1", at: float = 1, **data: Any) -> Happening:
    """``at``: seconds after noon."""
    return Happening(id, "pay", "payment_succeeded", NOON + timedelta(seconds=at), {"id": id, **data})


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House()
    await house.dispatcher.start()
    yield house
    await house.stop()


async def begun(house: House, of: Workflow, **more: Any) -> str:
    await house.keep(of)
    run = await house.runner.start(of, by="web:ada", **more)
    assert run is not None
    await house.idle()
    return run.id


async def come(house: House, *happenings: Happening) -> None:
    for happening in happenings:
        house.clock.set(max(house.clock.now(), happening.at))
        await house.dispatcher.accept([happening])
    await house.idle()


async def state(house: House, run: str) -> RunState:
    record = await house.store.runs.get(run)
    assert record is not None
    return record.state


async def taken(house: House, run: str) -> dict[str, str]:
    """Step → id of the payment it took."""
    facts = await house.store.runs.facts(run)
    outputs: dict[str, Any] = {fact.step: fact.data.get("output") for fact in facts}
    return {step: output["event"]["id"] for step, output in outputs.items() if isinstance(output, dict) and output.get("event")}


async def test_an_event_answers_the_step_that_waits_for_it_and_the_run_goes_on_with_its_data(house: House) -> None:
    run = await begun(house, flow(wait(), step("thank", arguments={"who": "{{steps.paid.event.id}}"})))
    assert await state(house, run) is RunState.WAITING
    await come(house, paid())
    assert await state(house, run) is RunState.SUCCEEDED
    assert house.bench.asked[-1].arguments == {"who": "p1"}
    assert await house.store.waits.events() == frozenset()


async def test_only_an_event_that_fits_its_condition_does(house: House) -> None:
    run = await begun(house, flow(step("make"), wait(where="incoming.order == steps.make.done")))
    await come(house, paid("p1", order="other"), Happening("x", "pay", "refunded", NOON, {"order": "make"}))
    assert await state(house, run) is RunState.WAITING
    await come(house, paid("p2", 2, order="make"))
    assert await taken(house, run) == {"paid": "p2"}


async def test_one_event_answers_every_run_that_waits_for_it(house: House) -> None:
    runs = [await begun(house, flow(wait(), id=f"wf_0000000{number}")) for number in range(3)]
    await come(house, paid())
    assert [await taken(house, run) for run in runs] == [{"paid": "p1"}] * 3


async def test_two_waits_one_after_the_other_are_two_events(house: House) -> None:
    run = await begun(house, flow(wait("first"), wait("second")))
    await come(house, paid("p1"))
    assert (await taken(house, run), await state(house, run)) == ({"first": "p1"}, RunState.WAITING)
    await come(house, paid("p2", 2))
    assert await taken(house, run) == {"first": "p1", "second": "p2"}


async def test_two_waits_side_by_side_are_both_answered_by_one_event(house: House) -> None:
    both = Step(id="both", does=Parallel(branches={"left": (wait("left"),), "right": (wait("right"),)}))
    run = await begun(house, flow(both))
    await come(house, paid())
    assert await taken(house, run) == {"left": "p1", "right": "p1"}


async def test_each_item_of_a_foreach_waits_for_its_own(house: House) -> None:
    each = Step(id="each", does=ForEach(items="['x', 'y']", steps=(wait(where="incoming.order == item"),)))
    run = await begun(house, flow(each))
    await come(house, paid("p1", 1, order="y"), paid("p2", 2, order="x"))
    assert await taken(house, run) == {"paid[0]": "p2", "paid[1]": "p1"}
    assert await state(house, run) is RunState.SUCCEEDED


async def test_an_event_told_before_the_answer_that_caused_it_counts(house: House) -> None:
    """The webhook of a payment overtakes the answer of the request that made it."""
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    run = await begun(house, flow(step("make"), wait(where="incoming.order == 'make'")))
    await come(house, paid("p0", 1, order="other"), paid("p1", 2, order="make"))
    assert await state(house, run) is RunState.RUNNING
    gate.set()
    await house.idle()
    assert (await taken(house, run), await state(house, run)) == ({"paid": "p1"}, RunState.SUCCEEDED)


async def test_a_wait_looks_back_to_the_beginning_of_its_run_and_no_further_than_it_says(house: House) -> None:
    await come(house, paid("before", -1))
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    house.clock.set(NOON)
    run = await begun(house, flow(step("make"), wait()))
    await come(house, paid("old", 1))
    house.clock.set(NOON + LOOK_BACK + timedelta(seconds=2))
    gate.set()
    await house.idle()
    assert await state(house, run) is RunState.WAITING


async def test_what_started_a_run_does_not_answer_its_first_wait(house: House) -> None:
    trigger = Trigger(type=TriggerType.EVENT_BASED, service="pay", event="payment_succeeded")
    await house.keep(flow(wait(), trigger=trigger))
    await come(house, paid("p1"))
    (run,) = await house.store.runs.list()
    assert run.state is RunState.WAITING
    await come(house, paid("p2", 2))
    assert await taken(house, run.id) == {"paid": "p2"}


async def test_an_event_that_an_earlier_wait_took_is_not_found_again_by_looking_back(house: House) -> None:
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    run = await begun(house, flow(wait("first"), step("make"), wait("second")))
    await come(house, paid("p1", 1), paid("p2", 2))
    gate.set()
    await house.idle()
    assert await taken(house, run) == {"first": "p1", "second": "p2"}


def test_an_event_counts_from_five_minutes_before_the_wait_but_not_from_before_the_run() -> None:
    begun, opened = NOON, NOON + timedelta(minutes=30)
    facts = [Fact(1, begun, FactKind.STARTED), Fact(2, opened, FactKind.WAITING, "paid")]
    for minutes, counted in ((-1, False), (0, False), (24.9, False), (25, True), (30, True), (31, True)):
        assert counts(facts, "paid", paid(at=minutes * 60)) is counted
    assert not counts(facts, "other", paid(at=1_800))
    assert counts([Fact(1, opened, FactKind.STARTED), facts[1]], "paid", paid(at=1_800)) is False


# --- falling over ----------------------------------------------------------------------------------------------------------


async def restarted(house: House) -> House:
    await house.stop()
    again = House(house.store, house.clock)
    await again.runner.recover()
    await again.dispatcher.start()
    await again.idle()
    return again


async def test_an_event_that_was_accepted_and_not_offered_before_a_crash_is_offered_after_it(house: House) -> None:
    run = await begun(house, flow(wait()))
    await house.stop()
    house.clock.set(NOON + timedelta(seconds=2))
    await house.store.ledger.record(Received(key_of(paid()), NOON + timedelta(seconds=1), write([paid()])))
    again = await restarted(house)
    assert await taken(again, run) == {"paid": "p1"}
    assert await again.store.inbox.unhandled() == []
    await again.stop()


async def test_an_event_taken_before_a_crash_and_offered_again_after_it_answers_nothing_else(house: House) -> None:
    run = await begun(house, flow(wait("first"), wait("second")))
    await come(house, paid("p1"))
    await house.store.ledger.record(Received("hook:pay:again", house.clock.now(), write([paid("p1")])))
    again = await restarted(house)
    assert await taken(again, run) == {"first": "p1"}
    await come(again, paid("p2", 2))
    assert await taken(again, run) == {"first": "p1", "second": "p2"}
    await again.stop()


async def test_a_wait_that_began_in_the_moment_of_a_crash_looks_back_after_it(house: House) -> None:
    """The event was handled, as nobody waited; the wait was stored, and then the house fell over."""
    gate, answer = hold()
    house.bench.tell("a.do", answer)
    run = await begun(house, flow(step("make"), wait()))
    await come(house, paid("p1", 1))
    await house.dispatcher.stop()
    house.dispatcher._steps._spawn = lambda work: work.close()
    gate.set()
    await house.idle()
    assert await state(house, run) is RunState.WAITING
    house.clock.set(NOON + timedelta(days=3))
    again = await restarted(house)
    assert await taken(again, run) == {"paid": "p1"}
    await again.stop()


# --- several processes -------------------------------------------------------------------------------------------------------


class Driving(House):
    """A process that drives runs and dispatches nothing."""


async def test_a_wait_that_another_process_opened_is_answered_wherever_the_event_arrives() -> None:
    here, clock = MemoryStore(), ManualClock()
    driving = Driving(here, clock)
    deaf = House(here, clock, shared=True)
    here.ledger._listeners.clear()  # type: ignore[attr-defined]
    run = await begun(driving, flow(wait()))
    await come(deaf, paid())
    assert await taken(deaf, run) == {"paid": "p1"}
    await deaf.stop()
    await driving.stop()


async def test_a_wait_opened_where_nobody_dispatches_is_shown_what_came_before_by_who_looks_around() -> None:
    here, clock = MemoryStore(), ManualClock()
    driving = Driving(here, clock)
    deaf = House(here, clock, shared=True)
    here.ledger._listeners.clear()  # type: ignore[attr-defined]
    gate, answer = hold()
    driving.bench.tell("a.do", answer)
    run = await begun(driving, flow(step("make"), wait(where="incoming.order == 1")))
    await come(deaf, paid("p0", 1, order=0), paid("p1", 2, order=1))
    gate.set()
    await driving.idle()
    assert await state(driving, run) is RunState.WAITING
    for _ in range(2):
        await deaf.dispatcher.look()
        await deaf.idle()
    assert await taken(deaf, run) == {"paid": "p1"}
    await deaf.stop()
    await driving.stop()


async def test_ten_waits_that_begin_together_look_once(house: House) -> None:
    looks = 0
    between = house.store.inbox.between

    async def counted(*args: Any, **more: Any) -> Any:
        nonlocal looks
        looks += 1
        return await between(*args, **more)

    house.store.inbox.between = counted  # type: ignore[method-assign]
    each = Step(id="each", does=ForEach(items="[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", steps=(wait(),)))
    run = await begun(house, flow(each))
    assert looks == 1
    await come(house, paid())
    assert len(await taken(house, run)) == 10


async def test_an_event_for_a_run_that_is_over_is_nobodys(house: House) -> None:
    run = await begun(house, flow(wait()))
    await house.runner.cancel(run, ADA)
    await come(house, paid())
    assert await state(house, run) is RunState.CANCELLED
    assert await house.store.waits.for_event(PAID) == []
