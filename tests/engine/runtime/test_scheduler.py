"""Schedules: fired once, on time or as their misfire policy says, through crashes, pauses and bad clocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Rejected, Transient
from engine.events import Elsewhere, NextFireSet, WorkflowSaved
from engine.runtime.clockwork import BEAT
from engine.runtime.scheduler import Scheduler, run_id_of
from engine.workflow.definition import Misfire, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.due import GRACE, MOST_MADE_UP, begins
from storage.memory import MemoryStore
from tests.engine.clock import settled
from tests.engine.runtime.noting import MONDAY as NOON
from tests.engine.runtime.noting import JumpingClock, NotingRunner, changed, waiting_for

HOURLY = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *")
ONE = NOON + timedelta(hours=1)


class OneAtATime:
    """Leases of several processes on one store: whoever asks first holds one until he is ``gone`` or gives it back."""

    def __init__(self) -> None:
        self.holders: dict[str, object] = {}
        self.down = False

    def of(self, process: str) -> OneOfSeveral:
        return OneOfSeveral(self, process)

    def gone(self) -> None:
        """The lease of a process that renews it no longer runs out."""
        self.holders.clear()


class OneOfSeveral:
    """Fulfils ``ports.Leases`` for one of them."""

    def __init__(self, leases: OneAtATime, process: str) -> None:
        self.leases, self.process = leases, process

    async def acquire(self, name: str) -> bool:
        await asyncio.sleep(0)
        if self.leases.down:
            raise Transient("The database does not answer.")
        return self.leases.holders.setdefault(name, self.process) == self.process

    async def release(self, name: str) -> None:
        if self.leases.holders.get(name) == self.process:
            del self.leases.holders[name]


class House:
    def __init__(
        self, now: datetime = NOON, store: MemoryStore | None = None, *, leases: OneOfSeveral | None = None, clock: JumpingClock | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        self.store = store or MemoryStore()
        self.clock = clock or JumpingClock(now)
        self.runner = NotingRunner(self.store.ledger, self.clock)
        self.scheduler = Scheduler(
            ledger=self.store.ledger, workflows=self.store.workflows, schedules=self.store.schedules, runner=self.runner,  # type: ignore[arg-type]
            clock=self.clock, leases=leases, **more,
        )  # fmt: skip

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

    async def runs(self) -> list[str]:
        return sorted(run.id for run in await self.store.runs.list(limit=1_000))

    async def stop(self) -> None:
        await self.scheduler.stop()

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
    return waiting_for(HOURLY, **more)  # type: ignore[arg-type]


async def test_a_due_schedule_starts_a_run_called_after_workflow_and_fire_time(house: House) -> None:
    await house.keep(hourly())
    await house.at(ONE + timedelta(seconds=0.2))
    assert await house.runs() == ["run_wf_00000001_20371123T130000Z"]
    record = await house.store.runs.get("run_wf_00000001_20371123T130000Z")
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
    assert await again.runs() == ["run_wf_00000001_20371123T170000Z"]
    assert again.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=6)}
    await again.stop()


async def test_fires_missed_while_the_house_was_down_are_skipped_where_the_definition_says_so(house: House) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *", misfire=Misfire.SKIP)
    await house.keep(waiting_for(trigger))
    again = await house.down_until(ONE + timedelta(seconds=2))
    assert await again.runs() == []
    assert again.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(hours=2)}
    await again.stop()


async def test_a_machine_that_slept_makes_up_or_skips_like_one_that_was_down(house: House) -> None:
    await house.keep(hourly())
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="0 * * * *", misfire=Misfire.SKIP)
    await house.keep(waiting_for(trigger, id="wf_00000002"))
    await house.at(NOON + timedelta(hours=3, minutes=10))
    assert await house.runs() == ["run_wf_00000001_20371123T150000Z"]


async def test_a_moment_fires_once_and_never_again(house: House) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, at=ONE)
    await house.keep(waiting_for(trigger))
    await house.at(ONE)
    assert house.scheduler.next_fires() == {}
    again = await house.down_until(ONE + timedelta(minutes=10))
    assert len(await again.runs()) == 1
    await again.stop()


async def test_a_changed_schedule_is_followed_at_once_and_a_deleted_one_never(house: House) -> None:
    flow = hourly()
    await house.keep(flow)
    later = Trigger(type=TriggerType.SCHEDULED, cron="30 * * * *")
    flow = changed(flow, version=2, definition=waiting_for(later).definition)
    await house.keep(flow)
    await house.at(ONE)
    assert await house.runs() == ["run_wf_00000001_20371123T123000Z"]
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
    flow = waiting_for(Trigger(type=TriggerType.MANUAL), state=WorkflowState.PAUSED, paused_until=ONE)
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
    assert len([run for run in await house.runs() if run.endswith("20371123T130000Z")]) == 1
    await house.at(ONE - timedelta(minutes=2))
    await house.at(ONE)
    assert len([run for run in await house.runs() if run.endswith("20371123T130000Z")]) == 1


async def test_a_condition_that_does_not_hold_starts_no_run(house: House) -> None:
    await house.keep(waiting_for(HOURLY, when="event.scheduled_for.startsWith('2027')"))
    await house.at(ONE)
    assert await house.runs() == []


async def test_one_workflow_that_cannot_start_is_audited_and_holds_up_no_other(house: House) -> None:
    house.runner.refuse_only("wf_00000001", Rejected("its service is not connected"))
    await house.keep(hourly())
    await house.keep(hourly(id="wf_00000002"))
    await house.at(ONE)
    assert await house.runs() == ["run_wf_00000002_20371123T130000Z"]
    rows = await house.store.audit.list(subject="wf_00000001")
    assert [(row.verb, row.outcome, row.detail) for row in rows] == [("start_run", "refused", "its service is not connected")]


async def test_a_fire_that_storage_could_not_take_is_tried_again_with_the_next_beat(house: House) -> None:
    await house.keep(hourly())
    house.runner.refuse_only("wf_00000001", Transient("busy"))
    await house.at(ONE)
    assert await house.runs() == []
    house.runner.refusals.clear()
    await house.at(ONE + timedelta(seconds=BEAT))
    assert await house.runs() == ["run_wf_00000001_20371123T130000Z"]


async def test_the_alarm_clock_itself_rings() -> None:
    """The one test with the real clock: a schedule a moment from now starts by itself."""
    from engine.runtime.clock import SystemClock

    store, clock = MemoryStore(), SystemClock()
    runner = NotingRunner(store.ledger, clock)
    scheduler = Scheduler(ledger=store.ledger, workflows=store.workflows, schedules=store.schedules, runner=runner, clock=clock)  # type: ignore[arg-type]
    await scheduler.start()
    at = clock.now() + timedelta(seconds=0.3)
    await store.ledger.record(WorkflowSaved(waiting_for(Trigger(type=TriggerType.SCHEDULED, at=at), at=clock.now())))
    for _ in range(500):
        if runner.started:
            break
        await clock.sleep(0.01)
    assert list(runner.started) == [run_id_of("wf_00000001", at)]
    await scheduler.stop()


# --- every missed fire -------------------------------------------------------------------------------------------------------


async def test_every_missed_fire_is_made_up_in_order_each_with_its_own_run(house: House) -> None:
    await house.keep(waiting_for(replace(HOURLY, misfire=Misfire.ALL)))
    again = await house.down_until(NOON + timedelta(hours=3, minutes=30))
    assert list(again.runner.started) == [f"run_wf_00000001_20371123T1{hour}0000Z" for hour in (3, 4, 5)]
    assert [event["scheduled_for"][11:13] for event in again.runner.started.values()] == ["13", "14", "15"]
    assert {event["fired_at"][11:16] for event in again.runner.started.values()} == {"15:30"}
    await again.stop()


async def test_a_crash_while_fires_are_made_up_repeats_none_and_leaves_none_out(house: House) -> None:
    await house.keep(waiting_for(replace(HOURLY, misfire=Misfire.ALL)))
    await house.stop()
    falling = House(NOON + timedelta(hours=5), house.store)
    falling.runner.fall_at = 3
    with pytest.raises(ZeroDivisionError):
        await falling.start()
    again = await House(NOON + timedelta(hours=5, minutes=1), house.store).start()
    assert [run[-7:-5] for run in await again.runs()] == ["13", "14", "15", "16", "17"]
    assert len(again.runner.started) == 3
    await again.stop()


async def test_more_missed_fires_than_are_ever_made_up_are_told_in_the_audit(house: House) -> None:
    await house.keep(waiting_for(Trigger(type=TriggerType.SCHEDULED, cron="* * * * *", misfire=Misfire.ALL)))
    again = await house.down_until(NOON + timedelta(days=300))
    assert len(await again.runs()) == MOST_MADE_UP
    (row,) = await again.store.audit.list(subject="wf_00000001")
    assert (row.outcome, row.detail) == ("partly", f"More than {MOST_MADE_UP} fires were missed; the latest {MOST_MADE_UP} are made up.")
    await again.stop()


# --- jitter, counts, ends ------------------------------------------------------------------------------------------------------


async def test_a_jittered_fire_begins_later_under_the_name_of_its_fire_also_after_a_restart(house: House) -> None:
    trigger = replace(HOURLY, jitter=600.0, misfire=Misfire.SKIP)
    await house.keep(waiting_for(trigger))
    begin = begins(trigger, "wf_00000001", ONE)
    await house.at(begin - timedelta(seconds=1))
    assert await house.runs() == []
    assert house.scheduler.next_fires() == {"wf_00000001": ONE}
    again = await house.down_until(begin - timedelta(seconds=0.5))
    assert await again.runs() == []
    await again.at(begin)
    assert await again.runs() == ["run_wf_00000001_20371123T130000Z"]
    assert again.scheduler.next_fires() == {"wf_00000001": ONE + timedelta(hours=1)}
    await again.stop()


async def test_a_count_holds_through_restarts_pauses_and_made_up_fires(house: House) -> None:
    flow = waiting_for(Trigger(type=TriggerType.SCHEDULED, rrule="FREQ=HOURLY;COUNT=3;BYMINUTE=0", misfire=Misfire.ALL))
    await house.keep(flow)
    await house.at(ONE)
    flow = changed(flow, state=WorkflowState.PAUSED, updated_at=ONE)
    await house.keep(flow)
    await house.keep(changed(flow, state=WorkflowState.ACTIVE, updated_at=ONE + timedelta(minutes=5)))
    again = await house.down_until(NOON + timedelta(hours=9))
    assert [run[-7:-5] for run in await again.runs()] == ["13", "14", "15"]
    assert again.scheduler.next_fires() == {}
    await again.stop()


async def test_after_the_end_and_on_exceptions_nothing_fires(house: House) -> None:
    await house.keep(waiting_for(replace(HOURLY, end=NOON + timedelta(hours=3), exceptions=("2037-11-23T14:00:00Z",))))
    for hour in range(1, 6):
        await house.at(NOON + timedelta(hours=hour))
    assert [run[-7:-5] for run in await house.runs()] == ["13", "15"]
    assert house.scheduler.next_fires() == {}


# --- several processes -----------------------------------------------------------------------------------------------------------


async def test_two_processes_fire_a_schedule_once_and_only_the_one_with_the_lease_acts() -> None:
    leases = OneAtATime()
    one = await House(leases=leases.of("one")).start()
    other = await House(store=one.store, leases=leases.of("other")).start()
    assert (one.scheduler.acts, other.scheduler.acts) == (True, False)
    await one.keep(hourly())
    await asyncio.gather(one.at(ONE), other.at(ONE))
    assert (list(one.runner.started), other.runner.tried) == (["run_wf_00000001_20371123T130000Z"], [])
    await one.stop()
    await other.stop()


async def test_even_two_that_both_believe_to_hold_the_lease_start_one_run() -> None:
    one = await House().start()
    other = await House(store=one.store).start()
    await one.keep(hourly())
    await other.keep(changed(hourly()))
    await asyncio.gather(one.at(ONE), other.at(ONE))
    assert await one.runs() == ["run_wf_00000001_20371123T130000Z"]
    await one.stop()
    await other.stop()


async def test_when_the_one_that_acts_is_gone_another_takes_over_with_the_next_beat_and_knows_what_is_due() -> None:
    leases = OneAtATime()
    one = await House(leases=leases.of("one")).start()
    other = await House(store=one.store, leases=leases.of("other")).start()
    await one.keep(waiting_for(replace(HOURLY, misfire=Misfire.SKIP)))
    await one.keep(hourly(id="wf_00000002", state=WorkflowState.PAUSED, paused_until=ONE))
    leases.gone()
    other.clock.set(ONE + timedelta(seconds=3))
    await other.clock.pass_(BEAT)
    assert other.scheduler.acts
    assert list(other.runner.started) == ["run_wf_00000001_20371123T130000Z"]
    resumed = await other.store.workflows.get("wf_00000002")
    assert resumed is not None
    assert resumed.state is WorkflowState.ACTIVE
    await one.at(ONE + timedelta(seconds=9))
    assert (one.scheduler.acts, one.runner.tried) == (False, [])
    await one.stop()
    await other.stop()


async def test_a_process_that_stops_hands_over_at_once() -> None:
    leases = OneAtATime()
    one = await House(leases=leases.of("one")).start()
    other = await House(store=one.store, leases=leases.of("other")).start()
    await one.keep(hourly())
    await one.stop()
    await other.at(ONE)
    assert list(other.runner.started) == ["run_wf_00000001_20371123T130000Z"]
    await other.stop()


async def test_what_another_process_changed_is_read_again() -> None:
    house = await House().start()
    flow = hourly()
    await house.keep(flow)
    elsewhere = MemoryStore()
    elsewhere.__dict__.update({name: value for name, value in vars(house.store).items() if name != "ledger"})
    half = changed(flow, version=2, definition=waiting_for(replace(HOURLY, cron="30 * * * *")).definition)
    house.store.ledger._listeners.clear()  # type: ignore[attr-defined]
    await house.store.ledger.record(WorkflowSaved(half))
    house.scheduler._heard([Elsewhere("workflow", flow.id)])
    await house.scheduler.idle()
    assert house.scheduler.next_fires() == {"wf_00000001": NOON + timedelta(minutes=30)}
    await house.stop()


async def test_without_a_database_nobody_acts_and_afterwards_nothing_is_left_out() -> None:
    leases = OneAtATime()
    house = await House(leases=leases.of("one")).start()
    await house.keep(hourly())
    leases.down = True
    house.clock.set(ONE)
    await house.clock.pass_(3 * BEAT)
    assert await house.runs() == []
    leases.down = False
    await house.clock.pass_(BEAT)
    assert await house.runs() == ["run_wf_00000001_20371123T130000Z"]
    await house.stop()


async def test_who_acts_looks_after_the_chores_with_every_beat() -> None:
    leases, done = OneAtATime(), []

    async def chore() -> None:
        done.append("chore")
        if len(done) == 2:
            raise ZeroDivisionError

    one = await House(leases=leases.of("one"), chores=[chore]).start()
    other = await House(store=one.store, leases=leases.of("other"), chores=[chore]).start()
    await one.clock.pass_(3 * BEAT)
    await other.clock.pass_(3 * BEAT)
    assert len(done) == 3
    await one.stop()
    await other.stop()


# --- clocks that jump --------------------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.integers(-7_000, 9_000), max_size=12), st.sampled_from(Misfire), st.sampled_from([0.0, 300.0]))
def test_whatever_the_clock_does_no_fire_has_two_runs_and_none_begins_before_its_time(
    jumps: list[int], misfire: Misfire, jitter: float
) -> None:
    trigger = Trigger(type=TriggerType.SCHEDULED, cron="*/20 * * * *", misfire=misfire, jitter=jitter)

    async def play() -> list[tuple[str, str]]:
        house = await House().start()
        await house.keep(waiting_for(trigger))
        begun = []
        for jump in jumps:
            house.clock.set(house.clock.now() + timedelta(seconds=jump))
            before = set(house.runner.started)
            await house.scheduler.tick()
            new = [run for run in house.runner.started if run not in before]
            begun += [(house.runner.started[run]["scheduled_for"], house.runner.started[run]["fired_at"]) for run in new]
        await house.stop()
        return begun

    begun = asyncio.run(play())
    assert len({fire for fire, _ in begun}) == len(begun)
    assert all(begins(trigger, "wf_00000001", datetime.fromisoformat(fire)) <= datetime.fromisoformat(at) for fire, at in begun)


async def test_the_beat_goes_on_while_the_clock_is_set_back_by_hours() -> None:
    house = await House().start()
    await house.keep(hourly())
    house.clock.set(NOON - timedelta(hours=5))
    await house.clock.pass_(BEAT)
    assert house.scheduler.next_fires() == {"wf_00000001": NOON - timedelta(hours=4)}
    house.clock.set(NOON - timedelta(hours=4))
    await house.clock.pass_(BEAT)
    assert await house.runs() == ["run_wf_00000001_20371123T080000Z"]
    await house.stop()


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (datetime(2037, 3, 28, 12, tzinfo=UTC), datetime(2037, 3, 29, 12, tzinfo=UTC), ["20370329T010000Z"]),
        (datetime(2037, 10, 24, 12, tzinfo=UTC), datetime(2037, 10, 25, 12, tzinfo=UTC), ["20371025T003000Z"]),
    ],
)
async def test_a_fire_in_the_hour_that_a_clock_change_skips_or_repeats_happens_once(
    since: datetime, until: datetime, expected: list[str]
) -> None:
    house = await House(since).start()
    await house.keep(waiting_for(Trigger(type=TriggerType.SCHEDULED, cron="30 2 * * *", timezone="Europe/Berlin"), at=since))
    now = since
    while now < until:
        now += timedelta(minutes=10)
        await house.at(now)
    assert [run.removeprefix("run_wf_00000001_") for run in await house.runs()] == expected
    await house.stop()


async def test_a_fire_later_than_its_grace_was_missed(house: House) -> None:
    await house.keep(waiting_for(replace(HOURLY, misfire=Misfire.SKIP)))
    await house.at(ONE + GRACE + timedelta(seconds=1))
    assert await house.runs() == []
    await settled()
