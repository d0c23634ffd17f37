"""Approvals: who may answer, how many, why, until when, and what a yes is a yes to."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.approvers import Approver, Kind, approvers
from engine.commands.approving import wanted
from engine.commands.command import Asked, Done, RunShown
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Rejected
from engine.parties import Actor, Role
from engine.workflow.run import RunRecord, RunState, StepState
from tests.engine.commands.hall import ADA, BOB, OWNER, Hall

CAT = Actor("slack", "U3", "Cat")
SHIP: dict[str, Any] = {
    "name": "Ship",
    "trigger": {"type": "manual", "inputs": [{"name": "version", "default": "1.4"}]},
    "steps": [
        {"id": "ok", "approve": {"text": "Ship {{inputs.version}}?"}},
        {"id": "card", "action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "{{inputs.version}} {{steps.find.output.url}}"}},
    ],
}


def with_rule(**rule: Any) -> dict[str, Any]:
    steps = [{"id": "find", "set": {"url": "https://x"}}, {"id": "ok", "approve": {"text": "Ship {{inputs.version}}?", **rule}}, SHIP["steps"][1]]
    return {**SHIP, "steps": steps}


async def asked(hall: Hall, *, places: dict[str, str] | None = None, actor: Actor = ADA, **rule: Any) -> tuple[RunRecord, str]:
    """A run that waits for a yes, and the id of the card that asks."""
    await hall.stored(with_rule(**rule) | ({"places": places} if places else {}))
    outcome = await hall.ask("run_workflow", workflow="ship", inputs={"version": "1.4"}, actor=actor)
    await hall.finished()
    assert isinstance(outcome.result, RunShown)
    (card,) = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "approval"]
    return outcome.result.run, card


async def state(hall: Hall, record: RunRecord) -> RunState:
    await hall.finished()
    found = await hall.store.runs.get(record.id)
    assert found is not None
    return found.state


# --- how many ----------------------------------------------------------------------------------------------------------------


async def test_so_many_different_people_must_say_yes(hall: Hall) -> None:
    record, card = await asked(hall, quorum=2)
    outcome = await hall.press(card, "approve", 1)
    assert isinstance(outcome.result, Done)
    assert outcome.result.text == "You approved “Ship”. 1 of 2: 1 more is needed."
    with pytest.raises(Conflict, match="You have answered this already"):
        await hall.press(card, "approve", 1)
    ask = await wanted(hall.house, card)
    assert ([vote.by for vote in ask.votes], ask.yeses, ask.open) == (["Ada"], 1, True)
    await hall.press(card, "approve", 1, actor=BOB)
    assert await state(hall, record) is RunState.SUCCEEDED
    assert (await wanted(hall.house, card)).answer is not None
    with pytest.raises(Conflict, match="Ada, Bob approved it already"):
        await hall.press(card, "decline", 1, actor=CAT)


async def test_one_no_is_a_no(hall: Hall) -> None:
    record, card = await asked(hall, quorum=2)
    await hall.press(card, "approve", 1)
    await hall.press(card, "decline", 1, actor=BOB, form={"note": "not today"})
    assert await state(hall, record) is RunState.CANCELLED
    assert ("Bob", "decline_step", "done") in await hall.audited(record.id)


# --- who ---------------------------------------------------------------------------------------------------------------------


async def test_whoever_started_it_does_not_answer_under_four_eyes_not_even_an_admin(hall: Hall) -> None:
    record, card = await asked(hall, four_eyes=True)
    await hall.admin(ADA)
    await hall.admin(BOB)
    with pytest.raises(Forbidden, match="started by you"):
        await hall.press(card, "approve", 1)
    await hall.press(card, "approve", 1, actor=BOB)
    assert await state(hall, record) is RunState.SUCCEEDED


async def test_a_role_of_the_house_may_answer_and_no_lesser_one(hall: Hall) -> None:
    record, card = await asked(hall, by=["role:operator"])
    await hall.admin(ADA)
    with pytest.raises(Forbidden, match="The operators were asked to decide this, not you"):
        await hall.press(card, "approve", 1, actor=CAT)
    await hall.admin(BOB, Role.OPERATOR)
    await hall.press(card, "approve", 1, actor=BOB)
    assert await state(hall, record) is RunState.SUCCEEDED


async def test_the_members_of_a_group_may_answer_and_nobody_else(hall: Hall) -> None:
    hall.world.members["S0000OPS"] = {"U2"}
    _, card = await asked(hall, by=["@ops"], places={"@ops": "slack:S0000OPS"})
    with pytest.raises(Forbidden, match="@ops was asked to decide this, not you"):
        await hall.press(card, "approve", 1, actor=CAT)
    await hall.press(card, "approve", 1, actor=BOB)


async def test_a_group_that_nobody_can_look_up_is_refused_with_the_reason_and_an_admin_helps(hall: Hall) -> None:
    record, card = await asked(hall, by=["@ops"], places={"@ops": "slack:S0000OPS"})
    with pytest.raises(Forbidden, match="Nobody knows @S0000OPS here"):
        await hall.press(card, "approve", 1, actor=BOB)
    await hall.admin(ADA)
    await hall.press(card, "approve", 1)
    assert await state(hall, record) is RunState.SUCCEEDED


async def test_a_name_that_is_no_group_holds_nobody_off_until_an_admin_is_named(hall: Hall) -> None:
    _, card = await asked(hall, by=["@leads"])
    await hall.admin(ADA)
    with pytest.raises(Forbidden, match=r"Nobody knows @leads here.*or an admin: Ada"):
        await hall.press(card, "approve", 1, actor=BOB)


async def test_somebody_who_was_asked_answers_whatever_their_role(hall: Hall) -> None:
    record, card = await asked(hall, by=["<@U3|cat>"])
    await hall.admin(ADA)
    await hall.press(card, "approve", 1, actor=CAT)
    assert await state(hall, record) is RunState.SUCCEEDED


async def test_where_nobody_in_particular_is_asked_an_operator_answers(hall: Hall) -> None:
    _, card = await asked(hall)
    await hall.admin(ADA)
    with pytest.raises(Forbidden, match="needs the role operator"):
        await hall.press(card, "approve", 1, actor=CAT)


async def test_who_is_asked_may_be_worked_out_by_the_run(hall: Hall) -> None:
    record, card = await asked(hall, by=["{{inputs.version == '1.4' ? '<@U2|bob>' : '<@U3|cat>'}}"])
    ask = await wanted(hall.house, card)
    assert ask.asked == (Approver(Kind.PERSON, "U2", "bob", "slack"),)
    with pytest.raises(Forbidden, match="bob was asked"):
        await hall.press(card, "approve", 1, actor=CAT)
    await hall.press(card, "approve", 1, actor=BOB)
    assert await state(hall, record) is RunState.SUCCEEDED


PLACES = {"@ops": "slack:S0000OPS", "@ada": "slack:U1", "@mods": "discord:&77", "@eve": "discord:9"}


@pytest.mark.parametrize(
    ("said", "home", "approver"),
    [
        ("<@U1|ada>", "slack", Approver(Kind.PERSON, "U1", "ada", "slack")),
        ("<@!42>", "discord", Approver(Kind.PERSON, "42", "42", "discord")),
        ("<!subteam^S0000OPS|@ops>", "slack", Approver(Kind.GROUP, "S0000OPS", "ops", "slack")),
        ("<@&77>", "discord", Approver(Kind.GROUP, "77", "77", "discord")),
        ("@ops", "slack", Approver(Kind.GROUP, "S0000OPS", "ops", "slack")),
        ("@ada", "web", Approver(Kind.PERSON, "U1", "ada", "slack")),
        ("@mods", "discord", Approver(Kind.GROUP, "77", "mods", "discord")),
        ("@eve", "discord", Approver(Kind.PERSON, "9", "eve", "discord")),
        ("role:admin", "slack", Approver(Kind.ROLE, "admin", "admin")),
        ("@leads", "slack", Approver(Kind.NAME, "leads", "leads", "slack")),
    ],
)
def test_who_a_definition_asks(said: str, home: str, approver: Approver) -> None:
    assert approvers([said, " "], PLACES, home) == (approver,)


async def test_somebody_with_that_number_on_another_platform_is_somebody_else(hall: Hall) -> None:
    _, card = await asked(hall, by=["@ada"], places={"@ada": "discord:U1"})
    with pytest.raises(Forbidden, match="was asked to decide this, not you"):
        await hall.press(card, "approve", 1, actor=ADA)


# --- why, until when, for what -------------------------------------------------------------------------------------------------


async def test_a_reason_that_is_demanded_is_asked_for_at_its_field(hall: Hall) -> None:
    record, card = await asked(hall, reason=True)
    with pytest.raises(Invalid) as caught:
        await hall.press(card, "approve", 1, form={"note": "  "})
    assert [problem.path for problem in caught.value.problems] == [("note",)]
    await hall.press(card, "approve", 1, form={"note": "tested"})
    assert await state(hall, record) is RunState.SUCCEEDED
    assert [vote.note for vote in (await wanted(hall.house, card)).votes] == ["tested"]


async def test_what_nobody_answers_in_time_expires(hall: Hall) -> None:
    record, card = await asked(hall, expires="1h")
    assert (await wanted(hall.house, card)).step.until is not None
    await hall.clock.pass_(3700)
    assert await state(hall, record) is RunState.CANCELLED
    ask = await wanted(hall.house, card)
    assert ask.answer is not None
    assert (ask.answer["approved"], ask.answer["by"]) == (False, [])
    with pytest.raises(Conflict, match="Nobody in time declined it already"):
        await hall.press(card, "approve", 1)


async def test_it_shows_what_a_yes_lets_happen_as_far_as_that_is_known(hall: Hall) -> None:
    _, card = await asked(hall)
    (following,) = (await wanted(hall.house, card)).next
    assert (following.id, following.arguments["title"]) == ("card", "1.4 https://x")


async def test_what_a_yes_lets_happen_keeps_its_branches_and_leaves_out_what_runs_anyway(hall: Hall) -> None:
    post = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "{{inputs.version}} {{run.error}}"}}
    steps = [
        {"id": "beside", **post, "needs": [], "with": {"channel": "#ops", "text": "anyway"}},
        {"id": "both", "needs": [], "parallel": {"a": [{"id": "ok", "approve": {"text": "Go?"}}, {"id": "then", **post}], "b": [{"id": "other", **post}]}},
        {"id": "which", "needs": ["both"], "switch": {"cases": [{"when": "inputs.version == '1'", "steps": [{"id": "one", **post}]}]}},
    ]
    await hall.stored({**SHIP, "steps": steps})
    await hall.ask("run_workflow", workflow="ship", inputs={"version": "1.4"})
    await hall.finished()
    (card,) = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "approval"]
    following = (await wanted(hall.house, card)).next
    assert [step.id for step in following] == ["then", "which"]
    assert following[0].arguments["text"] == "{{inputs.version}} {{run.error}}", "half known is not known"
    assert following[1].inner[0].id == "one"


async def test_a_press_on_a_card_whose_plan_has_changed_is_refused(hall: Hall) -> None:
    record, card = await asked(hall)
    hall.world.answers["trello.create_card"] = Rejected("no")
    await hall.press(card, "approve", 1)
    assert await state(hall, record) is RunState.FAILED
    await hall.ask("retry_run", run=record.id, changes={"inputs.version": "2"})
    await hall.finished()
    (again,) = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "approval" and one.subject != card] or [card]
    ask = await wanted(hall.house, again)
    assert ask.open
    assert (ask.text, ask.votes) == ("Ship 2?", ())
    with pytest.raises(Conflict):
        await hall.press(card, "approve", 1, actor=BOB)


# --- in words ------------------------------------------------------------------------------------------------------------------


async def test_an_approval_is_answered_in_words_by_workflow_or_run(hall: Hall) -> None:
    record, _ = await asked(hall)
    await hall.ask("approve_step", workflow="ship", note="fine", actor=BOB)
    assert await state(hall, record) is RunState.SUCCEEDED
    with pytest.raises(Conflict, match="waits for no approval"):
        await hall.ask("decline_step", run=record.id)
    with pytest.raises(NotFound, match="No run waits for an approval"):
        await hall.ask("approve_step")


async def test_where_several_wait_it_is_asked_which(hall: Hall) -> None:
    await asked(hall)
    await hall.stored({**with_rule(), "name": "Other"})
    await hall.ask("run_workflow", workflow="other", inputs={"version": "1"})
    await hall.finished()
    outcome = await hall.ask("approve_step")
    assert isinstance(outcome.result, Asked)
    assert sorted(label for label, _ in outcome.result.options) == ["Other: ok", "Ship: ok"]


async def test_an_approval_is_not_skipped(hall: Hall) -> None:
    record, _ = await asked(hall)
    shown = (await hall.ask("show_run", run=record.id)).result
    assert isinstance(shown, RunShown)
    assert shown.skippable == ()
    with pytest.raises(Rejected, match="“ok” cannot be skipped: it is waiting"):
        await hall.ask("skip_step", run=record.id, step="ok")
    assert next(step for step in shown.steps if step.id == "ok").state is StepState.WAITING


async def test_whoever_holds_the_machine_answers_for_anybody(hall: Hall) -> None:
    record, card = await asked(hall, by=["<@U3|cat>"])
    await hall.press(card, "approve", 1, actor=OWNER)
    assert await state(hall, record) is RunState.SUCCEEDED
