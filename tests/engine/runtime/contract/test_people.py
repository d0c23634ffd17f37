"""What people say to runs: votes, verdicts, pauses, skips, retries, cancellations; and the cards that follow."""

from __future__ import annotations

import pytest

from engine.errors import Conflict, Forbidden, NotFound, Rejected, Unanswered
from engine.events import PostingWanted
from engine.parties import Address
from engine.ports import Answer, Call
from engine.workflow.approval import approval_id
from engine.workflow.definition import Approve, ForEach, ItemFailure, OnExpiry, Substitute, Wait
from engine.workflow.run import FactKind, RunState, StepState
from tests.engine.runtime.contract.scene import BOB, EVE, Scene
from tests.engine.runtime.world import ADA, hold, step

OPS = Address("slack", "#ops")


def approve(id: str = "ok", **more: object):
    return step(id, action="", does=Approve(**more))  # type: ignore[arg-type]


def put_up(scene: Scene) -> None:
    """Approvals are asked by a card that stands in #ops."""

    async def post(call: Call) -> Answer:
        await scene.store.ledger.record(PostingWanted(approval_id(call.key), "approval", OPS))
        return Answer(None, pending=True)

    scene.bench.tell("chat.ask_approval", *(post for _ in range(9)))


async def test_the_quorum_of_different_people_answers_an_approval(scene: Scene) -> None:
    put_up(scene)
    run = await scene.start(await scene.keep(approve(quorum=2, by=("@ops",), text="Ship it?"), step("ship")))
    assert scene.bench.asked[0].arguments == {"approver": "@ops", "text": "Ship it?"}
    await scene.runner.vote(run, "ok", approved=True, actor=BOB, note="fine")
    await scene.rest()
    assert scene.asked(service="a") == []
    with pytest.raises(Conflict, match="answered this already"):
        await scene.runner.vote(run, "ok", approved=True, actor=BOB)
    await scene.crash()
    await scene.runner.vote(run, "ok", approved=True, actor=EVE)
    await scene.rest()
    output = await scene.output(run, "ok")
    assert isinstance(output, dict)
    assert (output["approved"], output["by"], output["note"]) == (True, ["Bob", "Eve"], "fine")
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_one_no_ends_the_run_and_undoes_what_was_done(scene: Scene) -> None:
    put_up(scene)
    steps = (step("pay", compensate=Substitute(action="a.look")), approve(), step("ship"))
    run = await scene.start(await scene.keep(*steps))
    await scene.runner.vote(run, "ok", approved=False, actor=BOB)
    await scene.rest()
    assert await scene.state(run) is RunState.CANCELLED
    assert scene.asked(service="a") == ["pay", "pay.undo"]


async def test_who_started_a_run_may_not_say_yes_under_four_eyes_and_a_reason_may_be_asked_for(scene: Scene) -> None:
    put_up(scene)
    run = await scene.start(await scene.keep(approve(four_eyes=True, reason=True)))
    with pytest.raises(Forbidden, match="started by you"):
        await scene.runner.vote(run, "ok", approved=True, actor=ADA, note="me")
    with pytest.raises(Rejected, match="say a reason"):
        await scene.runner.vote(run, "ok", approved=True, actor=BOB)
    await scene.runner.vote(run, "ok", approved=True, actor=BOB, note="checked")
    assert (await scene.progress(run, "ok")).state is StepState.SUCCEEDED


@pytest.mark.parametrize(
    ("expiry", "state"), [(OnExpiry.DECLINE, RunState.CANCELLED), (OnExpiry.APPROVE, RunState.SUCCEEDED), (OnExpiry.FAIL, RunState.FAILED)]
)
@pytest.mark.parametrize("dies", [False, True])
async def test_an_approval_that_nobody_answers_ends_as_its_author_said_even_if_the_house_was_down(
    scene: Scene, expiry: OnExpiry, state: RunState, dies: bool
) -> None:
    put_up(scene)
    run = await scene.start(await scene.keep(approve(expires=600.0, on_expiry=expiry), step("ship")))
    assert (await scene.record(run)).wake_at is not None
    if dies:
        await scene.crash()
    await scene.pass_time(599)
    assert await scene.state(run) is RunState.WAITING
    await scene.pass_time(2)
    assert await scene.state(run) is state


async def test_people_are_reminded_by_a_message_beside_the_card_as_often_as_said(scene: Scene) -> None:
    put_up(scene)
    run = await scene.start(await scene.keep(approve(by=("@ops",), text="Ship it?", remind=60.0, expires=150.0)), where=OPS)
    await scene.pass_time(130)
    due = [one for one in await scene.store.postings.due(scene.clock.now()) if one.subject.startswith("rem_")]
    assert [(one.kind, one.to) for one in due] == [("note", OPS)] * 2
    assert due[0].payload["text"] == "@ops, “Ship it?” still waits for an answer: see its card."
    await scene.pass_time(60)
    assert [fact.kind for fact in await scene.facts(run)].count(FactKind.REMINDED) == 2


async def test_a_yes_holds_for_what_was_shown_and_other_inputs_are_asked_about_anew(scene: Scene) -> None:
    put_up(scene)
    scene.bench.tell("safe.do", Rejected("no such version"))
    run = await scene.start(
        await scene.keep(approve(), step("ship", "safe.do", arguments={"v": "{{inputs.version}}"})), inputs={"version": "1"}
    )
    await scene.runner.vote(run, "ok", approved=True, actor=BOB)
    await scene.rest()
    assert await scene.state(run) is RunState.FAILED
    await scene.runner.retry(run, ADA, inputs={"version": "2"})
    await scene.rest()
    assert await scene.state(run) is RunState.WAITING
    await scene.runner.vote(run, "ok", approved=True, actor=BOB)
    await scene.rest()
    assert scene.bench.asked[-1].arguments == {"v": "2"}
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_a_paused_run_takes_answers_and_asks_nothing_new_until_it_is_resumed(scene: Scene) -> None:
    gate, answer = hold()
    scene.bench.tell("a.do", answer)
    run = await scene.start(await scene.keep(step("first"), step("then")))
    await scene.runner.pause(run, ADA)
    gate.set()
    await scene.rest()
    assert await scene.state(run) is RunState.PAUSED
    assert scene.asked() == ["first"]
    with pytest.raises(Conflict, match="cannot be paused"):
        await scene.runner.pause(run, ADA)
    await scene.crash()
    assert await scene.state(run) is RunState.PAUSED
    await scene.runner.resume(run, ADA)
    await scene.rest()
    assert (await scene.state(run), scene.asked()) == (RunState.SUCCEEDED, ["first", "then"])
    with pytest.raises(Conflict, match="Only a paused run"):
        await scene.runner.resume(run, ADA)


async def test_time_that_came_while_a_run_was_paused_counts_when_it_is_resumed(scene: Scene) -> None:
    put_up(scene)
    run = await scene.start(await scene.keep(approve(expires=60.0, on_expiry=OnExpiry.APPROVE)))
    await scene.runner.pause(run, ADA)
    await scene.pass_time(120)
    assert await scene.state(run) is RunState.PAUSED
    await scene.runner.resume(run, ADA)
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED


async def test_a_step_that_waits_or_failed_can_be_passed_over(scene: Scene) -> None:
    put_up(scene)
    scene.bench.tell("safe.do", Rejected("no"))
    run = await scene.start(
        await scene.keep(step("nap", action="", does=Wait(seconds=900.0)), step("bad", "safe.do"), step("then"), approve())
    )
    await scene.runner.skip(run, "nap", ADA)
    await scene.rest()
    assert await scene.state(run) is RunState.FAILED
    await scene.runner.skip(run, "bad", ADA)
    await scene.rest()
    assert (await scene.state(run), scene.asked(service="a")) == (RunState.WAITING, ["then"])
    for step_id, words in (("then", "succeeded"), ("ok", "is an approval")):
        with pytest.raises(Conflict, match=words):
            await scene.runner.skip(run, step_id, ADA)


async def test_a_retry_goes_on_with_the_failed_items_only_and_with_arguments_given_anew(scene: Scene) -> None:
    scene.bench.tell("safe.do", Answer(1), Rejected("bad name"), Answer(3))
    each = step(
        "each",
        action="",
        does=ForEach(
            items="[1, 2, 3]", steps=(step("card", "safe.do", arguments={"n": "{{item}}"}),), concurrency=1, on_failure=ItemFailure.FINISH
        ),
    )
    run = await scene.start(await scene.keep(each, step("then")))
    assert await scene.state(run) is RunState.FAILED
    await scene.runner.retry(run, ADA, arguments={"card[1]": {"n": 20}})
    await scene.rest()
    assert await scene.state(run) is RunState.SUCCEEDED
    assert [call.arguments["n"] for call in scene.bench.asked if call.service == "safe"] == [1, 2, 3, 20]


async def test_a_retry_with_inputs_holds_them_against_the_trigger(scene: Scene) -> None:
    from engine.workflow.definition import Input, Trigger, TriggerType

    scene.bench.tell("a.do", Rejected("no"))
    trigger = Trigger(type=TriggerType.MANUAL, inputs=(Input("count", "integer", required=True),))
    run = await scene.start(await scene.keep(step("a", arguments={"n": "{{inputs.count}}"}), trigger=trigger), inputs={"count": "1"})
    with pytest.raises(Rejected, match="is no integer"):
        await scene.runner.retry(run, ADA, inputs={"count": "many"})
    await scene.runner.retry(run, ADA, inputs={"count": "7"})
    await scene.rest()
    assert scene.bench.asked[-1].arguments == {"n": 7}


@pytest.mark.parametrize("found", [Answer({"id": 7}), None])
async def test_a_doubt_can_be_settled_by_a_look_at_the_service(scene: Scene, found: Answer | None) -> None:
    scene.bench.tell("a.do", Unanswered("lost"))
    run = await scene.start(await scene.keep(step("pay", account="b", arguments={"n": 1}), step("then")), where=OPS)
    doubts = [one for one in await scene.store.postings.due(scene.clock.now()) if one.kind == "doubt"]
    assert [one.subject.rpartition("_")[0] for one in doubts] == [run.replace("run_", "dbt_")]
    with pytest.raises(Rejected, match="cannot be asked"):
        await scene.runner.look(run, "pay", ADA)
    scene.bench.seen = lambda call: found
    await scene.runner.look(run, "pay", ADA)
    await scene.rest()
    looked = scene.bench.looked[-1]
    assert (looked.key, looked.account, dict(looked.arguments), looked.asked_at) == (
        f"{run}:pay",
        "b",
        {"n": 1},
        (await scene.facts(run))[1].at,
    )
    assert await scene.state(run) is RunState.SUCCEEDED
    assert scene.asked() == (["pay", "then"] if found else ["pay", "pay", "then"])
    with pytest.raises(Conflict, match="not in doubt"):
        await scene.runner.look(run, "pay", ADA)


async def test_what_is_cancelled_is_undone_in_reverse_unless_that_is_declined(scene: Scene) -> None:
    put_up(scene)
    steps = [step(name, compensate=Substitute(action="a.look", arguments={"of": name})) for name in ("one", "two")]
    flow = await scene.keep(*steps, approve())
    kept, undone = await scene.start(flow), await scene.start(flow)
    await scene.runner.cancel(kept, ADA, compensate=False)
    await scene.runner.cancel(undone, ADA)
    await scene.rest()
    assert scene.asked(run=kept, service="a") == ["one", "two"]
    assert scene.asked(run=undone, service="a") == ["one", "two", "two.undo", "one.undo"]
    assert {await scene.state(run) for run in (kept, undone)} == {RunState.CANCELLED}


async def test_who_asked_where_and_for_which_alert_reaches_every_call_and_stands_in_the_record(scene: Scene) -> None:
    run = await scene.start(await scene.keep(step("a")), where=OPS, alert="alr_7")
    call = scene.bench.asked[0]
    assert (call.actor, call.where, call.alert) == (ADA.id, str(OPS), "alr_7")
    record = await scene.record(run)
    assert (record.by, record.where, record.alert) == (ADA.id, str(OPS), "alr_7")


@pytest.mark.parametrize("order", ["cancel", "pause", "resume", "retry"])
async def test_what_is_said_about_a_run_nobody_knows_is_refused(scene: Scene, order: str) -> None:
    with pytest.raises(NotFound, match="no run"):
        await getattr(scene.runner, order)("run_none", ADA)
