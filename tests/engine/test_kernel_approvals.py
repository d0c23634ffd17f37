"""Approvals: who may answer, how many, until when, and that a yes is a yes to what was shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Conflict, Forbidden, Rejected
from engine.workflow import outcomes
from engine.workflow.definition import Approve, ForEach, OnError, OnExpiry, Step
from engine.workflow.kernel import view_of
from engine.workflow.progress import state_of
from engine.workflow.run import FactKind, RunState, StepState
from tests.engine.runtime.world import NOON, definition, step
from tests.engine.test_kernel import Story


def ok(**more: Any) -> Step:
    return Step(id="ok", does=Approve(**{"text": "Ship {{inputs.v}}?", **more}))


def asked(*steps: Step, inputs: dict[str, Any] | None = None, **options: Any) -> Story:
    """A run whose approval stands in front of people."""
    story = Story(definition(*steps, **options), inputs={"v": 1} if inputs is None else inputs)
    if "ok" in story.asks:
        story.asked(outcomes.taken(story.run, NOON, "ok"))
    return story


def vote(story: Story, approved: bool, who: str = "bob", step: str = "ok", note: str = "") -> list[str]:
    return story.asked(outcomes.voted(story.run, story.now, step, approved=approved, actor=f"web:{who}", by=who.title(), note=note))


def test_an_approval_is_asked_through_the_chat_and_waits() -> None:
    story = asked(ok(by=("@ops", "role:admin"), channel="#cab", quorum=2))
    ask = story.asks["ok"]
    assert (ask.action, ask.arguments) == ("chat.ask_approval", {"approver": "@ops, role:admin", "channel": "#cab", "text": "Ship 1?"})
    assert state_of(story.run) is RunState.WAITING
    assert view_of(story.run, "ok").waits_for == "@ops, role:admin to approve (0 of 2)"
    assert outcomes.lost(story.run, NOON) == (), "what is taken is not lost"


def test_the_quorum_answers_it_and_everybody_votes_once() -> None:
    story = asked(ok(quorum=2), step("go", arguments={"by": "{{steps.ok.by}}", "note": "{{steps.ok.note}}"}))
    assert vote(story, True, "bob", note="looks fine") == []
    assert story.state("ok") is StepState.WAITING
    with pytest.raises(Conflict, match="answered this already"):
        vote(story, True, "bob")
    assert vote(story, True, "eve") == ["go"]
    assert story.asks["go"].arguments == {"by": ["Bob", "Eve"], "note": "looks fine"}
    assert story.run.progress("ok").output == {"approved": True, "by": ["Bob", "Eve"], "at": NOON.isoformat(), "note": "looks fine"}
    with pytest.raises(Conflict, match="not being voted on"):
        vote(story, True, "joe")


def test_one_no_is_a_no_and_cancels_the_run() -> None:
    story = asked(ok(quorum=2), step("go"), on_failure=(step("tell"),))
    vote(story, True, "bob")
    assert vote(story, False, "eve") == []
    assert (story.run.state, story.run.error) == (RunState.CANCELLED, "Eve did not approve it.")


def test_a_no_may_be_something_to_go_on_with() -> None:
    story = asked(ok(on_no=OnError.CONTINUE), step("go", arguments={"ok": "{{steps.ok.approved}}"}))
    assert vote(story, False) == ["go"]
    assert story.asks["go"].arguments == {"ok": False}


def test_under_four_eyes_whoever_started_the_run_may_not_answer() -> None:
    story = asked(ok(four_eyes=True), step("go"))
    with pytest.raises(Forbidden, match="somebody else"):
        vote(story, True, "ada")  # the run's record says web:ada started it
    assert vote(story, True, "bob") == ["go"]


def test_under_four_eyes_whoever_changed_the_inputs_may_not_answer_either() -> None:
    story = asked(ok(four_eyes=True), step("go"))
    vote(story, True, "bob")
    story.fail("go", Rejected("no"))
    story.asked(outcomes.retried(story.run, NOON, "Bob", actor="web:bob", inputs={"v": 2}))
    story.asked(outcomes.taken(story.run, NOON, "ok"))
    with pytest.raises(Forbidden):
        vote(story, True, "bob")
    assert vote(story, True, "eve") == ["go"]


def test_an_answer_without_a_reason_is_refused_where_one_is_asked_for() -> None:
    story = asked(ok(reason=True), step("go"))
    with pytest.raises(Rejected, match="say a reason"):
        vote(story, True, note="  ")
    assert vote(story, True, note="tested") == ["go"]


@pytest.mark.parametrize(
    ("on_expiry", "state", "error"),
    [
        (OnExpiry.DECLINE, RunState.CANCELLED, "Nobody approved it in time."),
        (OnExpiry.FAIL, RunState.FAILED, "ok: It was not answered within 4 hours."),
        (OnExpiry.APPROVE, RunState.RUNNING, ""),
    ],
)
def test_an_approval_nobody_answers_expires(on_expiry: OnExpiry, state: RunState, error: str) -> None:
    story = asked(ok(expires=14_400, on_expiry=on_expiry), step("go"))
    assert story.last.wake_at == view_of(story.run, "ok").until == NOON + timedelta(hours=4)
    assert story.later(14_399) == []
    assert story.later(1) == (["go"] if on_expiry is OnExpiry.APPROVE else [])
    assert (story.run.state, story.run.error) == (state, error)


def test_people_are_reminded_again_and_again_until_it_expires() -> None:
    story = asked(ok(remind=3_600, expires=9_000))
    for _ in range(2):
        assert story.last.wake_at == story.now + timedelta(hours=1)
        story.later(3_600)
        assert story.facts[-1].kind is FactKind.REMINDED
    assert story.last.wake_at == NOON + timedelta(seconds=9_000)
    story.later(1_800)
    assert story.run.state is RunState.CANCELLED


def test_a_vote_that_comes_before_the_card_is_known_to_stand_counts() -> None:
    story = Story(definition(ok(quorum=2), step("go")), inputs={"v": 1})
    vote(story, True, "bob")
    story.asked(outcomes.lost(story.run, NOON))
    story.asked(outcomes.taken(story.run, NOON, "ok"))
    assert vote(story, True, "eve") == ["go"]


def test_an_approval_is_answered_by_votes_and_passed_over_by_nobody() -> None:
    story = asked(ok(), step("go"))
    with pytest.raises(Conflict, match="votes"):
        outcomes.late_answer(story.run, NOON, "ok", {"approved": True}, "Bob")
    with pytest.raises(Conflict, match="approval"):
        outcomes.skipped(story.run, NOON, "ok", "Bob")
    with pytest.raises(Conflict, match="no approval"):
        vote(asked(step("a")), True, step="a")


def test_an_answer_that_is_neither_yes_nor_no_is_no_yes() -> None:
    story = Story(definition(ok(), step("go")), inputs={"v": 1})
    assert story.answer("ok", {"done": "ok"}) == []
    assert story.run.error == "ok: It was answered with neither yes nor no."


def test_a_retry_with_other_inputs_asks_anew_and_one_with_the_same_does_not() -> None:
    story = asked(step("first", needs=()), ok(), step("go"))
    story.answer("first")
    story.asked(outcomes.taken(story.run, NOON, "ok"))
    vote(story, True)
    story.fail("go", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", inputs={"v": 1})) == ["go"], "the same inputs, the same yes"
    story.fail("go", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", inputs={"v": 2})) == ["ok"], "what was answered before it stays"
    assert (story.asks["ok"].key, story.asks["ok"].arguments["text"]) == ("run_1:ok:3", "Ship 2?")
    assert story.run.progress("ok").votes == ()
    story.asked(outcomes.taken(story.run, NOON, "ok"))
    assert vote(story, True) == ["go"]


def test_a_retry_with_other_arguments_asks_anew_too() -> None:
    story = asked(ok(), step("go"))
    vote(story, True)
    story.fail("go", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", arguments={"go": {"title": "x"}})) == ["ok"]


def test_the_gate_before_the_first_step_is_asked_anew_as_well() -> None:
    story = Story(definition(step("go"), approval="@ada"), inputs={"v": 1})
    story.asked(outcomes.taken(story.run, NOON, "approval"))
    assert vote(story, True, step="approval") == ["go"]
    assert story.run.progress("approval").output["by"] == "Bob"
    story.fail("go", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", inputs={"v": 2})) == ["approval"]


def test_a_yes_is_a_yes_to_what_came_before_it_not_to_what_goes_on_beside_it() -> None:
    story = asked(step("slow", needs=()), Step(id="ok", needs=(), does=Approve()), step("go", needs=("slow", "ok")))
    story.answer("slow", {"n": 1})
    assert vote(story, True) == ["go"]


def test_an_approval_within_a_foreach_is_asked_for_every_entry_and_anew_only_where_something_is_left_to_do() -> None:
    each = Step(id="each", does=ForEach(items="inputs.xs", steps=(ok(text="{{item}}?"), step("go"))))
    story = Story(definition(each), inputs={"xs": [1, 2], "v": 1})
    for entry in (0, 1):
        assert story.asks[f"ok[{entry}]"].arguments["text"] == f"{entry + 1}?"
        story.asked(outcomes.taken(story.run, NOON, f"ok[{entry}]"))
        vote(story, True, step=f"ok[{entry}]")
    story.answer("go[0]")
    story.fail("go[1]", Rejected("no"))
    assert story.asked(outcomes.retried(story.run, NOON, "Ada", inputs={"xs": [1, 2], "v": 2})) == ["ok[1]"]


def test_a_no_in_a_later_part_is_what_went_wrong_there() -> None:
    story = Story(definition(step("a"), finally_=(Step(id="tidy", does=Approve()), step("last"))))
    story.answer("a")
    story.asked(outcomes.taken(story.run, NOON, "tidy"))
    assert vote(story, False, step="tidy") == ["last"]
    story.answer("last")
    assert (story.run.state, story.run.error) == (RunState.FAILED, "tidy: Bob did not approve it.")
