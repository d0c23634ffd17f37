"""What goes on by itself: waits for times and events, deadlines, retries; across restarts and whatever the clock does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Transient
from engine.events import Happening
from engine.workflow.definition import OnError, Substitute, Wait
from engine.workflow.run import RunState, StepState
from tests.engine.runtime.contract.scene import Scene
from tests.engine.runtime.world import ADA, NOON, hold, step


def nap(id: str = "nap", **more: object):
    return step(id, action="", does=Wait(**more))  # type: ignore[arg-type]


def pushed(number: int, **data: object) -> Happening:
    return Happening(f"d{number}", "github", "push", NOON, dict(data))  # type: ignore[arg-type]


@pytest.mark.parametrize("dies", [False, True])
@pytest.mark.parametrize("wait", [{"seconds": 600.0}, {"until": "{{event.until}}"}])
async def test_a_run_sleeps_as_a_row_and_goes_on_when_its_time_has_come(scene: Scene, wait: dict, dies: bool) -> None:
    until = NOON + timedelta(seconds=600)
    run = await scene.start(await scene.keep(nap(**wait), step("then")), event={"until": until.isoformat()})
    record = await scene.record(run)
    assert (record.state, record.wake_at) == (RunState.WAITING, until)
    if dies:
        await scene.crash()
    await scene.pass_time(599)
    assert scene.asked() == []
    await scene.pass_time(2)
    assert (await scene.state(run), scene.asked()) == (RunState.SUCCEEDED, ["then"])
    assert (await scene.record(run)).wake_at is None


async def test_a_time_that_came_while_the_house_was_down_is_made_up_at_once(scene: Scene) -> None:
    run = await scene.start(await scene.keep(nap(seconds=600.0), step("then")))
    scene.clock.set(NOON + timedelta(days=1))
    await scene.crash()
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_a_clock_set_forward_ends_waits_within_half_a_minute_and_one_set_back_ends_none_twice(scene: Scene) -> None:
    flow = await scene.keep(nap(seconds=3600.0), step("then"))
    early, late = await scene.start(flow), await scene.start(flow)
    scene.clock.set(NOON + timedelta(hours=2))
    await scene.pass_time(31)
    assert await scene.state(early) is RunState.SUCCEEDED
    again = await scene.start(flow)
    scene.clock.set(NOON - timedelta(hours=5))
    await scene.pass_time(60)
    assert await scene.state(again) is RunState.WAITING
    await scene.crash()
    scene.clock.set(NOON + timedelta(hours=4))
    await scene.pass_time(31)
    assert {await scene.state(run) for run in (early, late, again)} == {RunState.SUCCEEDED}
    assert len(scene.asked()) == 3


async def test_an_event_is_taken_by_the_step_that_waits_for_it_and_no_other(scene: Scene) -> None:
    flow = await scene.keep(
        nap(event="github.push", where="incoming.ref == inputs.ref"), step("then", arguments={"by": "{{steps.nap.event.by}}"})
    )
    run = await scene.start(flow, inputs={"ref": "main"})
    assert await scene.store.waits.events() == {"github.push"}
    assert await scene.store.waits.for_event("github.push") == [(run, "nap")]
    assert not await scene.runner.happened(run, "nap", pushed(1, ref="dev"))
    assert not await scene.runner.happened(run, "nap", pushed(2, other=1))
    await scene.crash()
    assert await scene.runner.happened(run, "nap", pushed(3, ref="main", by="ada"))
    await scene.rest()
    assert not await scene.runner.happened(run, "nap", pushed(4, ref="main", by="bob"))
    assert await scene.state(run) is RunState.SUCCEEDED
    assert scene.bench.asked[-1].arguments == {"by": "ada"}
    assert await scene.store.waits.events() == frozenset()


@pytest.mark.parametrize("how", ["time", "cancel", "skip", "deadline"])
async def test_however_a_wait_ends_nobody_waits_for_its_event_any_more(scene: Scene, how: str) -> None:
    flow = await scene.keep(nap(event="github.push", timeout=100.0), step("then"), deadline=50.0 if how == "deadline" else None)
    run = await scene.start(flow)
    assert await scene.store.waits.for_event("github.push") == [(run, "nap")]
    if how in ("cancel", "skip"):
        await (scene.runner.cancel(run, ADA) if how == "cancel" else scene.runner.skip(run, "nap", ADA))
    await scene.pass_time(101)
    assert await scene.store.waits.for_event("github.push") == []
    assert (await scene.record(run)).state.over


@pytest.mark.parametrize(("on_timeout", "state"), [(OnError.FAIL, RunState.FAILED), (OnError.CONTINUE, RunState.SUCCEEDED)])
async def test_an_event_that_does_not_come_ends_the_wait_as_its_author_said(scene: Scene, on_timeout: OnError, state: RunState) -> None:
    run = await scene.start(await scene.keep(nap(event="github.push", timeout=60.0, on_timeout=on_timeout), step("then")))
    await scene.pass_time(61)
    assert await scene.state(run) is state


async def test_events_for_many_waiting_steps_reach_each_of_them_once(scene: Scene) -> None:
    flow = await scene.keep(nap("one", event="github.push"), nap("two", event="github.push"))
    run = await scene.start(flow)
    for number in range(2):
        for waiting in await scene.store.waits.for_event("github.push"):
            await scene.runner.happened(*waiting, pushed(number))
        await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED


@pytest.mark.parametrize("dies", [False, True])
async def test_a_deadline_ends_what_waits_and_undoes_what_was_done(scene: Scene, dies: bool) -> None:
    steps = (step("pay", compensate=Substitute(action="a.look")), nap(seconds=9000.0))
    run = await scene.start(await scene.keep(*steps, deadline=300.0))
    if dies:
        await scene.crash()
    await scene.pass_time(301)
    record = await scene.record(run)
    assert record.state is RunState.FAILED
    assert "deadline" in record.error
    assert scene.asked() == ["pay", "pay.undo"]


async def test_a_deadline_does_not_tear_off_a_call_and_its_outcome_is_still_written_down(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    run = await scene.start(await scene.keep(step("slow", timeout=9999.0), deadline=60.0))
    await scene.pass_time(61)
    gate.set()
    await scene.rest()
    assert (await scene.progress(run, "slow")).state is StepState.SUCCEEDED
    assert await scene.state(run) is RunState.FAILED


async def test_a_run_that_is_over_before_its_deadline_leaves_nothing_behind(scene: Scene) -> None:
    flow = await scene.keep(step("a"), deadline=86_400.0)
    for _ in range(5):
        run = await scene.start(flow)
        assert await scene.state(run) is RunState.SUCCEEDED
    assert len(scene.runner._driver.alarm) == 0  # type: ignore[attr-defined]


async def test_a_retry_that_was_due_while_the_house_was_down_is_made_up(scene: Scene) -> None:
    scene.bench.tell("safe.do", Transient("busy", retry_after=500))
    run = await scene.start(await scene.keep(step("a", "safe.do")))
    await scene.crash()
    await scene.pass_time(499)
    assert len(scene.asked()) == 1
    await scene.pass_time(60)
    assert (await scene.state(run), len(scene.asked())) == (RunState.SUCCEEDED, 2)


async def test_a_hundred_runs_with_the_same_moment_all_go_on(scene: Scene) -> None:
    flow = await scene.keep(nap(seconds=100.0), step("then"))
    runs = [(await scene.begin(flow)).id for _ in range(100)]
    await scene.crash()
    await scene.pass_time(101)
    assert {await scene.state(run) for run in runs} == {RunState.SUCCEEDED}
