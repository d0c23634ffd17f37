"""Schedules: fired once, on time or as their misfire policy says, through crashes, pauses and bad clocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from engine.events import NextFireSet, WorkflowSaved
from engine.parties import Actor, Address
from engine.runtime.scheduler import Scheduler, latest_fire, run_id_of
from engine.workflow.calendar import next_fire
from engine.workflow.definition import Misfire, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.run import RunRecord
from storage.memory import MemoryStore
from tests.engine.runtime.world import ADA, NOON, Bench, ManualClock, changed, definition, runner_over, settle, step, workflow

HOURLY = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *")
ONE = NOON + timedelta(hours=1)


class House:
    def __init__(self, now: datetime = NOON, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.clock = ManualClock(now)
        self.bench = Bench()
        self.runner = runner_over(self.store, self.bench, self.clock)
        self.scheduler = Scheduler(
            ledger=self.store.ledger, workflows=self.store.workflows, schedules=self.store.schedules, runner=self.runner, clock=self.clock
        )

    async def start(self) -> House:
        await self.scheduler.start()
        return self

    async def keep(self, flow: Workflow) -> None:
        await self.store.ledger.record(WorkflowSaved(flow))
        await self.scheduler.idle()

    async def at(self, moment: datetime) -> None:
        self.clock.set(moment)
        await self.scheduler.tick()
        await self.scheduler.idle()
        await settle()

    async def runs(self) -> list[str]:
        return sorted(run.id for run in await self.store.runs.list())

    async def stop(self) -> None:
        await self.scheduler.stop()
        await self.runner.stop(grace=0)

    async def down_until(self, moment: datetime) -> House:
        """Stopped, and started again then, over the same store."""
        await self.stop()
        return await House(moment, self.store).start()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = await House().start()
    yield house
    await house.stop()


def hourly(**more: object) -> Workflow:
    return workflow(definition(step("a"), trigger=HOURLY), **more)  # type: ignore[arg-type]


async def test_a_due_schedule_starts_a_run_called_after_workflow_and_fire_time(house: House) -> None:
    await house.keep(hourly())
    await house.at(ONE + timedelta(seconds=0.2))
    assert await house.runs() == ["run_wf_00000001_20261123T130000Z"]
    record = await house.store.runs.get("run_wf_00000001_20261123T130000Z")
    assert record is not None
    assert record.by == "schedule"
    assert (await house.store.schedules.all())["wf_00000001"] == NOON + timedelta(hours=2)


async def test_a_fire_happens_once_however_often_the_alarm_rings(house: House) -> None:
    await house.keep(hourly())
    for _ in range(3):
        await house.at(ONE)
    assert len(await house.runs()) == 1


async def test_nothing_fires_before_its_time(house: House) -> None:
    await house.keep(hourly())
    await house.at(ONE - timedelta(milliseconds=1))
    assert await house.runs() == []


async def test_a_crash_between_the_run_and_the_next_alarm_does_not_fire_twice(house: House) -> None:
    await house.keep(hourly())
    await house.at(ONE)
    await house.store.ledger.record(NextFireSet("wf_00000001", ONE))  # as it stood before the crash
    again = await house.down_until(ONE + timedelta(seconds=5))
    assert len(await again.runs()) == 1
    await again.stop()


async def test_fires_missed_while_the_house_was_down_are_made_up_once_by_the_latest(house: House) -> None:
    await house.keep(hourly())
    again = await house.down_until(NOON + timedelta(hours=5, minutes=30))
    assert await again.runs() == ["run_wf_00000001_20261123T170000Z"]
    assert again.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=6)}
    await again.stop()


async def test_fires_missed_while_the_house_was_down_are_skipped_where_the_definition_says_so(house: House) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *", misfire=Misfire.SKIP)
    await house.keep(workflow(definition(step("a"), trigger=trigger)))
    again = await house.down_until(ONE + timedelta(seconds=2))
    assert await again.runs() == []
    assert again.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=2)}
    await again.stop()


async def test_a_machine_that_slept_makes_up_or_skips_like_one_that_was_down(house: House) -> None:
    await house.keep(hourly())
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *", misfire=Misfire.SKIP)
    await house.keep(workflow(definition(step("a"), trigger=trigger), id="wf_00000002"))
    await house.at(NOON + timedelta(hours=3, minutes=10))
    assert await house.runs() == ["run_wf_00000001_20261123T150000Z"]


async def test_a_moment_fires_once_and_never_again(house: House) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, at=ONE)
    await house.keep(workflow(definition(step("a"), trigger=trigger)))
    await house.at(ONE)
    assert house.scheduler.next_fires() == {}
    again = await house.down_until(ONE + timedelta(minutes=10))
    assert len(await again.runs()) == 1
    await again.stop()


async def test_a_changed_schedule_is_followed_at_once_and_a_deleted_one_never(house: House) -> None:
    flow = hourly()
    await house.keep(flow)
    later = Trigger(type=TriggerType.SCHEDULED, cron="30 * * * *")
    flow = changed(flow, version=2, definition=definition(step("a"), trigger=later))
    await house.keep(flow)
    await house.at(ONE)
    assert await house.runs() == ["run_wf_00000001_20261123T123000Z"]
    await house.keep(changed(flow, state=WorkflowState.DELETED))
    await house.at(ONE + timedelta(hours=1))
    assert len(await house.runs()) == 1
    assert await house.store.schedules.all() == {}


async def test_a_paused_workflow_does_not_fire_and_goes_on_from_when_it_is_resumed(house: House) -> None:
    flow = hourly()
    await house.keep(flow)
    flow = changed(flow, state=WorkflowState.PAUSED)
    await house.keep(flow)
    await house.at(ONE)
    house.clock.set(ONE + timedelta(minutes=5))
    await house.keep(changed(flow, state=WorkflowState.ACTIVE))
    assert await house.runs() == []
    assert house.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=2)}


async def test_a_pause_that_has_run_out_ends_by_itself_and_is_audited(house: House) -> None:
    flow = hourly(state=WorkflowState.PAUSED, paused_until=ONE + timedelta(minutes=30))
    await house.keep(flow)
    await house.at(ONE + timedelta(minutes=31))
    now = await house.store.workflows.get(flow.id)
    assert now is not None
    assert (now.state, now.paused_until, now.revision) == (WorkflowState.ACTIVE, None, 2)
    assert [row.verb for row in await house.store.audit.list(subject=flow.id)] == ["resume_workflow"]
    assert house.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=2)}
    await house.at(NOON + timedelta(hours=2))
    assert len(await house.runs()) == 1


async def test_a_pause_of_a_workflow_without_a_schedule_ends_too(house: House) -> None:
    flow = workflow(definition(step("a")), state=WorkflowState.PAUSED, paused_until=ONE)
    await house.keep(flow)
    await house.at(ONE)
    now = await house.store.workflows.get(flow.id)
    assert now is not None
    assert now.state is WorkflowState.ACTIVE


async def test_a_clock_that_was_wrong_for_a_while_loses_and_doubles_nothing(house: House) -> None:
    await house.keep(hourly())
    await house.at(NOON + timedelta(days=400))
    await house.at(NOON + timedelta(minutes=1))
    assert house.scheduler.next_fires() == {"wf_00000001": ONE}
    await house.at(ONE)
    assert len([run for run in await house.runs() if run.endswith("20261123T130000Z")]) == 1
    await house.at(ONE - timedelta(minutes=2))
    await house.at(ONE)
    assert len([run for run in await house.runs() if run.endswith("20261123T130000Z")]) == 1


async def test_a_condition_that_does_not_hold_starts_no_run(house: House) -> None:
    await house.keep(workflow(definition(step("a"), trigger=HOURLY, when="event.scheduled_for.startsWith('2027')")))
    await house.at(ONE)
    assert await house.runs() == []


async def test_one_workflow_that_cannot_start_is_audited_and_holds_up_no_other(house: House) -> None:
    class Refusing:
        async def start(self, flow: Workflow, **more: object) -> RunRecord | None:
            from engine.errors import Rejected

            if flow.id == "wf_00000001":
                raise Rejected("its service is not connected")
            return await house.runner.start(flow, **more)  # type: ignore[arg-type]

        async def cancel(self, run_id: str, actor: Actor) -> RunRecord: ...
        async def retry(self, run_id: str, actor: Actor) -> RunRecord: ...
        async def decide(self, run_id: str, step: str, **more: object) -> RunRecord: ...
        async def answer(self, run_id: str, step: str, output: object, actor: Actor) -> RunRecord: ...

    house.scheduler._runner = Refusing()  # type: ignore[assignment]
    await house.keep(hourly())
    await house.keep(hourly(id="wf_00000002"))
    await house.at(ONE)
    assert await house.runs() == ["run_wf_00000002_20261123T130000Z"]
    rows = await house.store.audit.list(subject="wf_00000001")
    assert [(row.verb, row.outcome, row.detail) for row in rows] == [("start_run", "refused", "its service is not connected")]


async def test_the_card_of_a_scheduled_run_stands_where_the_workflow_was_made(house: House) -> None:
    await house.keep(hourly(where="slack:#ops"))
    await house.at(ONE)
    (posting,) = await house.store.postings.of(run_id_of("wf_00000001", ONE))
    assert (posting.kind, posting.to) == ("run", Address("slack", "#ops"))


async def test_the_alarm_clock_itself_rings() -> None:
    """The one test with the real clock: a schedule a moment from now starts by itself."""
    from engine.runtime.clock import SystemClock

    store, bench, clock = MemoryStore(), Bench(), SystemClock()
    runner = runner_over(store, bench, clock)  # type: ignore[arg-type]
    scheduler = Scheduler(ledger=store.ledger, workflows=store.workflows, schedules=store.schedules, runner=runner, clock=clock)
    await scheduler.start()
    at = clock.now() + timedelta(seconds=0.3)
    trigger = Trigger(type=TriggerType.SCHEDULED, at=at)
    await store.ledger.record(WorkflowSaved(workflow(definition(step("a"), trigger=trigger), at=clock.now())))
    rung = bench.asked
    for _ in range(500):
        if rung:
            break
        await clock.sleep(0.01)
    assert [call.run for call in rung] == [run_id_of("wf_00000001", at)]
    await scheduler.stop()
    await runner.stop()


@pytest.mark.parametrize("days", [0.01, 0.5, 3, 40, 500])
def test_the_latest_missed_fire_is_found_however_long_the_absence(days: float) -> None:
    now = NOON + timedelta(days=days)
    found = latest_fire(HOURLY, NOON, now, "UTC")
    assert found <= now < (next_fire(HOURLY, found, "UTC") or now)
    yearly = Trigger(type=TriggerType.SCHEDULED, cron="0 0 1 1 *")
    first = datetime(2026, 1, 1, tzinfo=UTC)
    assert latest_fire(yearly, first, NOON, "UTC") == first
    assert ADA.id == "web:ada"
