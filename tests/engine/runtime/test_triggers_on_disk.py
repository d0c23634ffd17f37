"""What starts runs, over the database that ships, opened again in between: the same as in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from engine.events import Happening
from engine.workflow.definition import Debounce, Step, Trigger, TriggerType, Wait, Workflow
from engine.workflow.run import RunState
from storage.sql import SqlStore
from tests.engine.runtime.test_dispatcher import House
from tests.engine.runtime.world import NOON, ManualClock, definition, step, workflow


class OnDisk(House):
    async def idle(self) -> None:
        """The database answers from threads of its own."""
        for _ in range(4):
            await self.dispatcher.idle()
            await self.store.ledger.record()
            await super().idle()
            await self.store.runs.list(limit=1)


class Disk:
    """Opens the house anew; ``fall`` leaves everything as it is, without a word of goodbye to anybody."""

    def __init__(self, folder: Path) -> None:
        self.url, self.clock = f"sqlite:///{folder}/house.db", ManualClock()
        self.houses: list[OnDisk] = []

    async def open(self) -> OnDisk:
        store = await SqlStore.open(self.url, secret_key="k" * 32, clock=self.clock)  # type: ignore[arg-type]
        house = OnDisk(store, self.clock)  # type: ignore[arg-type]
        self.houses.append(house)
        await house.runner.recover()
        await house.dispatcher.start()
        await house.idle()
        return house

    async def again(self) -> OnDisk:
        await self.close()
        return await self.open()

    async def close(self) -> None:
        for house in self.houses:
            await house.stop()
            await house.store.close()
        self.houses.clear()


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[Disk]:
    disk = Disk(tmp_path)
    yield disk
    await disk.close()


def at(seconds: float, id: str, name: str, **data: object) -> Happening:
    service, _, event = name.partition(".")
    return Happening(id, service, event, NOON + timedelta(seconds=seconds), data)  # type: ignore[arg-type]


async def come(house: OnDisk, *happenings: Happening) -> None:
    for happening in happenings:
        house.clock.set(max(house.clock.now(), happening.at))
        await house.dispatcher.accept([happening])
    await house.idle()


def on(trigger: Trigger, text: str) -> Workflow:
    return workflow(definition(step("a", arguments={"t": text}), trigger=trigger))


SEQUENCE = Trigger(type=TriggerType.CROSS_SERVICE, sequence=("crm.deal", "pay.paid"), correlate={"": "event.customer"})


async def test_a_sequence_goes_on_after_the_house_was_opened_again_and_starts_once(disk: Disk) -> None:
    house = await disk.open()
    await house.keep(on(SEQUENCE, "{{event.events['crm.deal'].title}} {{event.amount}}"))
    await come(house, at(1, "d1", "crm.deal", customer=7, title="Chairs"), at(2, "d2", "crm.deal", customer=8, title="Desks"))
    house = await disk.again()
    await come(house, at(3, "p1", "pay.paid", customer=7, amount=500))
    assert [call.arguments for call in house.bench.asked] == [{"t": "Chairs 500"}]
    house = await disk.again()
    await come(house, at(3, "p1", "pay.paid", customer=7, amount=500), at(4, "p2", "pay.paid", customer=7, amount=1))
    assert house.bench.asked == []
    await come(house, at(5, "p3", "pay.paid", customer=8, amount=2))
    assert [call.arguments for call in house.bench.asked] == [{"t": "Desks 2"}]


async def test_quiet_is_kept_over_a_restart(disk: Disk) -> None:
    house = await disk.open()
    await house.keep(
        on(Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal", debounce=Debounce(30, "event.customer")), "{{event.title}}")
    )
    await come(house, at(1, "d1", "crm.deal", customer=7, title="one"), at(2, "d2", "crm.deal", customer=7, title="two"))
    house = await disk.again()
    house.clock.set(NOON + timedelta(hours=2))
    await house.dispatcher.look()
    await house.idle()
    assert [call.arguments for call in house.bench.asked] == [{"t": "two"}]
    house = await disk.again()
    await house.dispatcher.look()
    await house.idle()
    assert house.bench.asked == []


async def test_a_wait_is_answered_after_a_restart_and_an_old_event_is_no_answer(disk: Disk) -> None:
    house = await disk.open()
    flow = workflow(
        definition(Step(id="paid", does=Wait(event="pay.paid", where="incoming.order == inputs.order", timeout=86_400.0)), trigger=ORDERED)
    )
    await house.keep(flow)
    await come(house, at(1, "p0", "pay.paid", order="x"))
    house.clock.set(NOON + timedelta(seconds=2))
    run = await house.runner.start(flow, by="web:ada", inputs={"order": "x"})
    assert run is not None
    house = await disk.again()
    assert await state(house, run.id) is RunState.WAITING
    await come(house, at(3, "p1", "pay.paid", order="y"), at(4, "p2", "pay.paid", order="x"))
    assert await state(house, run.id) is RunState.SUCCEEDED
    facts = await house.store.runs.facts(run.id)
    assert [fact.data["output"] for fact in facts if fact.step == "paid" and "output" in fact.data] == [
        {"timed_out": False, "event": {"order": "x"}}
    ]


ORDERED = Trigger(type=TriggerType.MANUAL)


async def state(house: OnDisk, run: str) -> RunState:
    record = await house.store.runs.get(run)
    assert record is not None
    return record.state


@pytest.mark.parametrize("count", [300])
async def test_a_burst_is_stored_started_and_handled_each_once(disk: Disk, count: int) -> None:
    house = await disk.open()
    await house.keep(on(Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal"), "{{event.n}}"))
    burst = [at(1, f"d{number}", "crm.deal", n=number) for number in range(count)]
    house.clock.set(NOON + timedelta(seconds=1))
    assert await house.dispatcher.accept([*burst, *burst[:9]]) == count
    await eventually(house, lambda: len(house.bench.asked) == count)
    assert sorted(call.arguments["t"] for call in house.bench.asked) == list(range(count))  # type: ignore[type-var]
    assert await house.store.inbox.unhandled() == []
    assert await house.dispatcher.accept(burst) == 0


async def eventually(house: OnDisk, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        await house.idle()
        if holds():
            return
