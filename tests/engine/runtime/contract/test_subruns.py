"""Runs that start runs: once each, awaited or not, never in a circle; the end of a child is told once, whoever is killed in between."""

from __future__ import annotations

import pytest

from engine.errors import Rejected, Transient, Unanswered
from engine.ports import Answer
from engine.runtime.kinship import child_id
from engine.workflow.definition import Approve, OnError, SubRun, WorkflowState
from engine.workflow.run import RunState, StepState
from tests.engine.runtime.contract.scene import BOB, Scene
from tests.engine.runtime.world import ADA, hold, step


def sub(id: str = "sub", workflow: str = "Child", **more: object):
    wait = bool(more.pop("wait", True))
    return step(id, action="", does=SubRun(workflow=workflow, inputs=more.pop("inputs", {}), wait=wait), **more)  # type: ignore[arg-type]


async def test_a_step_waits_for_the_run_it_started_and_gives_what_that_gave(scene: Scene) -> None:
    child = await scene.keep(step("do"), step("then"), name="Child")
    run = await scene.start(
        await scene.keep(sub(inputs={"n": 1}), step("after", arguments={"got": "{{steps.sub.outputs.do.done}}"})), alert="alr_1"
    )
    assert await scene.state(run) is RunState.SUCCEEDED
    started = await scene.record(child_id(f"{run}:sub"))
    assert (started.workflow, started.parent, started.by, started.alert) == (child.id, f"{run} sub", f"run:{run}", "alr_1")
    assert (await scene.run(started.id)).actor == ADA.id
    outputs = {"do": {"done": "do"}, "then": {"done": "then"}}
    assert await scene.output(run, "sub") == {"run": started.id, "state": "succeeded", "outputs": outputs}
    assert scene.bench.asked[-1].arguments == {"got": "do"}
    assert [child.id for child in await scene.store.runs.children(run)] == [started.id]


async def test_one_that_is_not_waited_for_is_answered_by_its_start_and_outlives_its_parent(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    await scene.keep(step("slow"), name="Child")
    run = await scene.start(await scene.keep(sub(wait=False)))
    assert await scene.state(run) is RunState.SUCCEEDED
    child = child_id(f"{run}:sub")
    assert await scene.state(child) is RunState.RUNNING
    gate.set()
    await scene.rest()
    assert await scene.state(child) is RunState.SUCCEEDED


async def test_a_child_that_fails_fails_its_step_and_what_it_gave_can_be_read_all_the_same(scene: Scene) -> None:
    await scene.keep(step("fine"), step("bad", "a.look"), name="Child")
    scene.bench.tell("a.look", Rejected("no board"))
    parent = await scene.keep(
        sub(on_error=OnError.CONTINUE),
        step("after", arguments={"why": "{{steps.sub.error}}", "gave": "{{steps.sub.output.outputs.fine.done}}"}),
    )
    run = await scene.start(parent)
    assert await scene.state(run) is RunState.SUCCEEDED
    assert (await scene.progress(run, "sub")).state is StepState.FAILED
    said = scene.bench.asked[-1].arguments
    assert said["gave"] == "fine"
    assert "no board" in str(said["why"])


async def test_a_child_that_waits_for_people_keeps_its_parent_waiting_and_nothing_in_flight(scene: Scene) -> None:
    scene.bench.tell("chat.ask_approval", Answer(None, pending=True))
    await scene.keep(step("ok", action="", does=Approve()), name="Child")
    run = await scene.start(await scene.keep(sub(), step("after")))
    assert await scene.state(run) is RunState.WAITING
    await scene.crash()
    await scene.runner.vote(child_id(f"{run}:sub"), "ok", approved=True, actor=BOB)
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED
    assert scene.asked().count("after") == 1


async def test_a_parent_whose_child_ended_while_nobody_listened_is_told_at_the_next_start(scene: Scene) -> None:
    """The child's end is recorded, the parent's answer is not: as if killed between the two."""
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    await scene.keep(step("do"), name="Child")
    run = await scene.start(await scene.keep(sub(), step("after")))
    child = child_id(f"{run}:sub")
    deaf = scene.runner._subruns._tell_parent  # type: ignore[attr-defined]

    async def killed(record: object) -> None:
        raise Rejected("killed")

    scene.runner._subruns._tell_parent = killed  # type: ignore[attr-defined]
    gate.set()
    await scene.rest()
    assert (await scene.state(child), await scene.state(run)) == (RunState.SUCCEEDED, RunState.WAITING)
    assert deaf is not None
    await scene.crash()
    assert await scene.state(run) is RunState.SUCCEEDED
    await scene.crash()
    assert (await scene.told(run)).count("answered sub") == 1


async def test_a_parent_that_is_killed_while_it_asks_meets_the_child_it_had_started(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    await scene.keep(step("do"), name="Child")
    run = await scene.start(await scene.keep(sub()))
    await scene.crash()
    assert [record.id for record in await scene.store.runs.children(run)] == [child_id(f"{run}:sub")]
    gate.set()
    await scene.rest()
    child = child_id(f"{run}:sub")
    assert (await scene.progress(child, "do")).state is StepState.IN_DOUBT
    await scene.runner.decide(child, "do", happened=True, actor=ADA)
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED


@pytest.mark.parametrize("dies", [False, True])
async def test_whoever_cancels_a_run_cancels_what_it_waits_for(scene: Scene, dies: bool) -> None:
    scene.bench.tell("chat.ask_approval", Answer(None, pending=True))
    await scene.keep(step("ok", action="", does=Approve()), name="Child")
    await scene.keep(sub(), name="Between")
    run = await scene.start(await scene.keep(sub(workflow="Between")))
    between = child_id(f"{run}:sub")
    child = child_id(f"{between}:sub")
    if dies:
        scene.runner._subruns._soon = lambda work, run_id: work.close()  # type: ignore[attr-defined]
    await scene.runner.cancel(run, ADA)
    await scene.rest()
    if dies:
        assert await scene.state(between) is RunState.WAITING
        await scene.crash()
    assert {await scene.state(one) for one in (run, between, child)} == {RunState.CANCELLED}
    assert "which started it, does not wait for it any more" in (await scene.record(child)).error


async def test_a_skipped_step_gives_its_child_up_and_the_run_goes_on(scene: Scene) -> None:
    scene.bench.tell("chat.ask_approval", Answer(None, pending=True))
    await scene.keep(step("ok", action="", does=Approve()), name="Child")
    run = await scene.start(await scene.keep(sub(), step("after")))
    await scene.runner.skip(run, "sub", ADA)
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED
    assert await scene.state(child_id(f"{run}:sub")) is RunState.CANCELLED


async def test_a_retry_of_the_parent_goes_on_in_the_child_where_that_failed(scene: Scene) -> None:
    await scene.keep(step("fine"), step("bad", "safe.do"), name="Child")
    scene.bench.tell("safe.do", Rejected("no board"))
    run = await scene.start(await scene.keep(sub(), step("after")))
    assert await scene.state(run) is RunState.FAILED
    await scene.runner.retry(run, ADA)
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED
    assert [one for one in scene.asked() if one != "sub"] == ["fine", "bad", "bad", "after"]


async def test_no_workflow_starts_itself_by_whatever_detour(scene: Scene) -> None:
    await scene.keep(sub(workflow="Second"), name="First")
    await scene.keep(sub(workflow="Third"), name="Second")
    third = await scene.keep(sub(workflow="First"), name="Third")
    run = await scene.start((await scene.store.workflows.list())[0])
    await scene.rest()
    errors = [(await scene.record(one.id)).error for one in await scene.store.runs.list(workflow=third.id)]
    assert len(await scene.store.runs.list()) == 3
    assert "“First” is under way further up already, so it would start itself: First → Second → Third → First" in errors[0]
    assert await scene.state(run) is RunState.FAILED


async def test_more_than_eight_deep_is_refused(scene: Scene) -> None:
    for number in range(12):
        await scene.keep(sub(workflow=f"Level {number + 1}"), name=f"Level {number}")
    run = await scene.start(next(flow for flow in await scene.store.workflows.list() if flow.name == "Level 0"))
    assert len(await scene.store.runs.list(limit=100)) == 8
    assert "More than 8 workflows would start one another" in (await scene.record(run)).error


@pytest.mark.parametrize(("state", "words"), [(WorkflowState.PAUSED, "is paused"), (WorkflowState.DELETED, "is deleted")])
async def test_what_is_not_active_is_not_started(scene: Scene, state: WorkflowState, words: str) -> None:
    child = await scene.keep(step("do"), name="Child")
    await scene.change(child, state=state)
    run = await scene.start(await scene.keep(sub(workflow=child.id)))
    assert words in (await scene.record(run)).error
    assert scene.asked(service="a") == []


async def test_one_that_nobody_knows_is_said_with_the_nearest_name(scene: Scene) -> None:
    await scene.keep(step("do"), name="Deploy website")
    run = await scene.start(await scene.keep(sub(workflow="Deploy webside now")))
    assert "Deploy website" in (await scene.record(run)).error


async def test_a_plain_action_that_waits_fails_with_its_child(scene: Scene) -> None:
    await scene.keep(step("bad", "safe.do"), name="Child")
    scene.bench.tell("safe.do", Rejected("no board"))
    run = await scene.start(await scene.keep(step("sub", "signalbox.run_workflow", arguments={"workflow": "Child", "wait": True})))
    assert "“Child” failed: bad: no board" in (await scene.record(run)).error


async def test_a_child_whose_step_is_asked_again_while_it_waits_is_not_started_twice(scene: Scene) -> None:
    scene.bench.tell("safe.do", Transient("busy"), Unanswered("lost"), Answer("done"))
    await scene.keep(step("bad", "safe.do"), name="Child")
    run = await scene.start(await scene.keep(sub()))
    for _ in range(3):
        await scene.crash()
        await scene.pass_time(40)
    assert await scene.state(run) is RunState.SUCCEEDED
    assert len(await scene.store.runs.list()) == 2
