"""Whose turn it is: the limit holds whatever happens at once or dies in between, and whoever waits is let in by rank, then age."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.errors import Conflict, Rejected
from engine.ports import Answer
from engine.workflow.definition import Approve, Concurrency, Priority, WhenFull, WorkflowState
from engine.workflow.run import FactKind, RunState
from tests.engine.runtime.contract.scene import BOB, Scene
from tests.engine.runtime.world import ADA, hold, step

ONE = Concurrency(limit=1)


async def states(scene: Scene, *runs: str) -> list[str]:
    return [(await scene.state(run)).value for run in runs]


async def test_one_run_too_many_waits_its_turn_and_goes_when_the_one_before_it_is_over(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    first, second = await scene.start(flow), await scene.start(flow)
    assert await states(scene, first, second) == ["running", "queued"]
    assert scene.asked(run=second) == []
    gate.set()
    await scene.rest()
    assert await states(scene, first, second) == ["succeeded", "succeeded"]
    assert (await scene.told(second))[:3] == ["started", "released", "asked do"]


@pytest.mark.parametrize("limit", [1, 3])
async def test_the_limit_holds_when_all_come_at_once_and_everybody_gets_a_turn(scene: Scene, limit: int) -> None:
    flow = await scene.keep(step("do"), step("then"), concurrency=Concurrency(limit=limit))
    under_way, most = set[str](), 0

    def heard(events: object) -> None:
        nonlocal most
        for event in events:  # type: ignore[attr-defined]
            record = getattr(event, "run", None)
            if getattr(record, "queue", ""):
                (under_way.add if record.state is RunState.RUNNING else under_way.discard)(record.id)
                most = max(most, len(under_way))

    scene.store.ledger.listen(heard)
    runs = await asyncio.gather(*(scene.begin(flow) for _ in range(12)))
    await scene.rest()
    assert set(await states(scene, *(run.id for run in runs))) == {"succeeded"}
    assert 1 <= most <= limit


async def test_whoever_waits_is_let_in_by_rank_then_in_the_order_of_coming(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    urgent = await scene.change(
        flow, version=2, definition=replace(flow.definition, options=replace(flow.definition.options, priority=Priority.URGENT))
    )
    order = [await scene.start(flow)]
    for version in (flow, flow, urgent):
        await scene.pass_time(1)
        order.append(await scene.start(version))
    gate.set()
    await scene.rest()
    assert [call.run for call in scene.bench.asked] == [order[0], order[3], order[1], order[2]]


async def test_each_value_of_the_key_has_its_own_line(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", *(answer for _ in range(3)))
    flow = await scene.keep(step("do"), concurrency=Concurrency(limit=1, key="event.repository"))
    web, api, again = [await scene.start(flow, event={"repository": name}) for name in ("web", "api", "web")]
    assert await states(scene, web, api, again) == ["running", "running", "queued"]
    assert [(await scene.record(run)).queue for run in (web, api)] == [f"{flow.id}:web", f"{flow.id}:api"]
    gate.set()
    await scene.rest()
    assert await states(scene, again) == ["succeeded"]


async def test_a_key_that_cannot_be_worked_out_starts_nothing(scene: Scene) -> None:
    flow = await scene.keep(step("do"), concurrency=Concurrency(limit=1, key="event.repository"))
    with pytest.raises(Rejected, match=r"concurrency key “event\.repository” cannot be worked out"):
        await scene.begin(flow, event={"other": 1})
    assert await scene.store.runs.list() == []


async def test_where_a_further_one_is_skipped_it_is_not_started_and_the_asker_hears_why(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=Concurrency(limit=1, when_full=WhenFull.SKIP))
    first = await scene.start(flow, run_id="run_first")
    with pytest.raises(Conflict, match="one run is under way"):
        await scene.begin(flow)
    assert await scene.runner.start(flow, by="schedule", run_id="run_first") is None
    gate.set()
    await scene.rest()
    assert await states(scene, first, await scene.start(flow)) == ["succeeded", "succeeded"]


async def test_a_newer_run_takes_the_place_of_the_oldest_once_that_is_over(scene: Scene) -> None:
    scene.bench.tell("chat.ask_approval", *(Answer(None, pending=True) for _ in range(4)))
    flow = await scene.keep(step("ok", action="", does=Approve()), concurrency=Concurrency(limit=2, when_full=WhenFull.REPLACE))
    runs = []
    for _ in range(4):
        runs.append(await scene.start(flow))
        await scene.pass_time(1)
    assert await states(scene, *runs) == ["cancelled", "cancelled", "waiting", "waiting"]
    assert (await scene.record(runs[0])).error == "A newer run took its place."


async def test_the_replaced_ones_undoing_is_waited_for(scene: Scene) -> None:
    from engine.workflow.definition import Substitute

    gate, answer = hold()
    scene.bench.tell("chat.ask_approval", Answer(None, pending=True), Answer(None, pending=True))
    scene.bench.tell("a.look", answer)
    steps = (step("pay", compensate=Substitute(action="a.look")), step("ok", action="", does=Approve()))
    flow = await scene.keep(*steps, concurrency=Concurrency(limit=1, when_full=WhenFull.REPLACE))
    old, new, newer = await scene.start(flow), await scene.start(flow), await scene.start(flow)
    assert await states(scene, old, new, newer) == ["running", "cancelled", "queued"]
    gate.set()
    await scene.rest()
    assert await states(scene, old, newer) == ["cancelled", "waiting"]


async def test_who_waited_when_the_house_died_is_let_in_once_there_is_room(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("safe.do", answer)
    flow = await scene.keep(step("do", "safe.do"), concurrency=ONE)
    first, second, third = await scene.start(flow), await scene.start(flow), await scene.start(flow)
    await scene.crash()
    gate.set()
    await scene.rest()
    assert await states(scene, first, second, third) == ["succeeded", "succeeded", "succeeded"]
    for run in (second, third):
        assert [fact.kind for fact in await scene.facts(run)].count(FactKind.RELEASED) == 1


async def test_a_place_that_came_free_in_the_moment_of_a_crash_is_given_at_the_next_start(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    first, second = await scene.start(flow), await scene.start(flow)
    scene.runner._admission.settle_soon = lambda queue: None  # type: ignore[attr-defined]
    gate.set()
    await scene.rest()
    assert await states(scene, first, second) == ["succeeded", "queued"]
    await scene.crash()
    assert await states(scene, second) == ["succeeded"]


async def test_while_a_workflow_is_paused_its_line_stands_still_and_goes_on_with_it(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    first, second = await scene.start(flow), await scene.start(flow)
    await scene.change(flow, state=WorkflowState.PAUSED)
    gate.set()
    await scene.rest()
    assert await states(scene, first, second) == ["succeeded", "queued"]
    await scene.change(flow, state=WorkflowState.ACTIVE)
    assert await states(scene, second) == ["succeeded"]


async def test_a_deleted_workflows_line_is_sent_home(scene: Scene) -> None:
    _, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    await scene.start(flow)
    second = await scene.start(flow)
    await scene.change(flow, state=WorkflowState.DELETED)
    assert (await scene.record(second)).error == "The workflow was deleted before its turn came."


async def test_one_that_waits_its_turn_can_be_cancelled_and_is_passed_over(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    await scene.start(flow)
    second, third = await scene.start(flow), await scene.start(flow)
    await scene.runner.cancel(second, ADA)
    gate.set()
    await scene.rest()
    assert await states(scene, second, third) == ["cancelled", "succeeded"]
    assert scene.asked(run=second) == []


async def test_a_failed_run_goes_on_only_when_there_is_room(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", Rejected("no"), answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    failed, other = await scene.start(flow), await scene.start(flow)
    assert await states(scene, failed, other) == ["failed", "running"]
    with pytest.raises(Conflict, match="as many runs under way as it may"):
        await scene.runner.retry(failed, ADA)
    gate.set()
    await scene.rest()
    await scene.runner.retry(failed, ADA)
    await scene.rest()
    assert await states(scene, failed) == ["succeeded"]


async def test_a_run_that_is_known_already_is_not_put_in_line_again(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    flow = await scene.keep(step("do"), concurrency=ONE)
    started = await asyncio.gather(*(scene.runner.start(flow, by="schedule", run_id="run_x") for _ in range(4)))
    await scene.rest()
    assert sum(run is not None for run in started) == 1
    gate.set()
    await scene.rest()
    assert await states(scene, "run_x") == ["succeeded"]


async def test_a_waiting_run_keeps_its_place(scene: Scene) -> None:
    scene.bench.tell("chat.ask_approval", Answer(None, pending=True))
    flow = await scene.keep(step("ok", action="", does=Approve()), concurrency=ONE)
    first, second = await scene.start(flow), await scene.start(flow)
    assert await states(scene, first, second) == ["waiting", "queued"]
    await scene.runner.vote(first, "ok", approved=True, actor=BOB)
    await scene.rest()
    assert await states(scene, first) == ["succeeded"]
    assert (await scene.record(second)).state is not RunState.QUEUED
