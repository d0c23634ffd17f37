"""Runs by words and by press: inputs, history, retry, cancel, approvals and doubts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.command import Asked, Done, Outcome, RunShown, RunsShown, Starter
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Rejected, Unanswered
from engine.workflow.run import RunRecord, RunState, StepState
from tests.engine.commands.hall import ADA, BOB, MANUAL, NIGHTLY, OWNER, RELEASE, Hall

GUARDED = {**MANUAL, "name": "Guarded", "trigger": {"type": "manual"}, "options": {"approval": "@leads"}, "steps": [
    {"action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "T"}}]}  # fmt: skip
PLAIN = {**GUARDED, "name": "Plain", "options": {}}


def run(outcome: Outcome) -> RunRecord:
    assert isinstance(outcome.result, RunShown)
    return outcome.result.run


async def now(hall: Hall, record: RunRecord) -> RunRecord:
    await hall.finished()
    found = await hall.store.runs.get(record.id)
    assert found is not None
    return found


# --- starting ---------------------------------------------------------------------------------------------------------------


async def test_inputs_said_in_words_reach_the_service_in_their_types(hall: Hall) -> None:
    await hall.stored(MANUAL)
    outcome = await hall.ask("run_workflow", workflow="deploy", inputs={"version": 1.4, "count": "3", "dry": "yes"})
    assert (outcome.tracked, outcome.public, outcome.run) == (True, True, run(outcome).id)
    assert (await now(hall, run(outcome))).state is RunState.SUCCEEDED
    facts = await hall.store.runs.facts(run(outcome).id)
    assert facts[0].data["inputs"] == {"version": "1.4", "count": 3, "dry": True}
    assert hall.world.asked[0].arguments["title"] == "Ship 1.4"
    (posting,) = await hall.store.postings.of(run(outcome).id)
    assert posting.kind == "run"


async def test_a_missing_input_says_which_and_how_to_say_it(hall: Hall) -> None:
    await hall.stored(MANUAL)
    with pytest.raises(Invalid) as caught:
        await hall.ask("run_workflow", workflow="Deploy", inputs={"count": "many"})
    assert str(caught.value).splitlines() == [
        "“Deploy” was not started. Say it like: /flow run Deploy version=…",
        "• version: is needed (string): what to ship",
        "• count: “many” is no integer",
    ]
    assert await hall.store.runs.list() == []


async def test_lines_of_a_form_that_stay_empty_are_not_given(hall: Hall) -> None:
    workflow = await hall.stored(MANUAL)
    outcome = await hall.press(workflow.id, "run", 1, form={"version": "2", "count": "", "dry": ""})
    facts = await hall.store.runs.facts(run(outcome).id)
    assert facts[0].data["inputs"] == {"version": "2", "count": 1, "dry": None}


async def test_the_same_request_starts_one_run(hall: Hall) -> None:
    await hall.stored(PLAIN)
    first = await hall.ask("run_workflow", workflow="Plain", key="said:slack:Ev1")
    again = await hall.ask("run_workflow", workflow="Plain", key="said:slack:Ev1")
    assert first.run == again.run
    assert len(await hall.store.runs.list()) == 1
    assert await hall.audited() == [("Ada", "run_workflow", "done")]


async def test_a_paused_workflow_is_not_run(hall: Hall) -> None:
    await hall.stored(PLAIN)
    await hall.ask("pause_workflow", workflow="Plain")
    with pytest.raises(Rejected, match=r"is paused. Let it go on first: /flow resume Plain"):
        await hall.ask("run_workflow", workflow="Plain")


async def test_a_press_on_a_card_that_shows_an_older_state_runs_nothing(hall: Hall) -> None:
    workflow = await hall.stored(PLAIN)
    await hall.ask("pause_workflow", workflow="Plain")
    await hall.ask("resume_workflow", workflow="Plain")
    with pytest.raises(Conflict, match="has changed since this card was drawn; now it is version 1, active"):
        await hall.press(workflow.id, "run", 1)
    assert await hall.store.runs.list() == []
    await hall.press(workflow.id, "run", 3)


async def test_what_waits_for_an_event_takes_its_fields_when_it_is_run_by_hand(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await hall.ask("run_workflow", workflow="Release", inputs={"title": "Fix the door"})
    await hall.finished()
    assert hall.world.asked[0].arguments["title"] == "Fix the door"


# --- history ----------------------------------------------------------------------------------------------------------------


async def history(hall: Hall, **asked: Any) -> RunsShown:
    result = (await hall.ask("run_history", **asked)).result
    assert isinstance(result, RunsShown)
    return result


async def test_history_tells_who_or_what_started_each_run(hall: Hall) -> None:
    workflow = await hall.stored(PLAIN)
    started = run(await hall.ask("run_workflow", workflow="Plain"))
    await hall.runner.start(workflow, by="schedule", run_id="run_1")
    await hall.runner.start(workflow, by="event:github.pull_request_merged", run_id="run_2")
    await hall.runner.start(workflow, by=f"run:{started.id}", run_id="run_3")
    await hall.runner.start(workflow, by="slack:U404", run_id="run_4")
    shown = await history(hall, workflow="Plain")
    assert shown.starters == {
        started.id: Starter("Ada", "slack:U1"),
        "run_1": Starter("the schedule"),
        "run_2": Starter("GitHub: pull request merged"),
        "run_3": Starter("the workflow “Plain”"),
        "run_4": Starter("", "slack:U404"),
    }


async def test_history_by_outcome_and_window(hall: Hall) -> None:
    await hall.stored(PLAIN)
    hall.world.answers["trello.create_card"] = Rejected("The board is gone.")
    await now(hall, run(await hall.ask("run_workflow", workflow="Plain")))
    del hall.world.answers["trello.create_card"]
    await hall.clock.pass_(7200)
    await now(hall, run(await hall.ask("run_workflow", workflow="Plain")))
    assert [one.state.value for one in (await history(hall)).runs] == ["succeeded", "failed"]
    assert [one.state.value for one in (await history(hall, outcome="failure")).runs] == ["failed"]
    shown = await history(hall, window=timedelta(hours=1))
    assert ([one.state.value for one in shown.runs], shown.filter) == (["succeeded"], "of the last 1 hour")
    with pytest.raises(Rejected, match="is no outcome of a run"):
        await history(hall, outcome="purple")


# --- retry and cancel -------------------------------------------------------------------------------------------------------


async def failed(hall: Hall, raw: dict) -> RunRecord:
    await hall.stored(raw)
    hall.world.answers["trello.create_card"] = Rejected("The board is gone.")
    record = await now(hall, run(await hall.ask("run_workflow", workflow=raw["name"])))
    hall.world.answers.clear()
    assert record.state is RunState.FAILED
    return record


async def test_retry_goes_on_from_the_failed_step(hall: Hall) -> None:
    record = await failed(hall, PLAIN)
    outcome = await hall.press(record.id, "retry", 1)
    assert (outcome.tracked, outcome.note) == (True, "")
    assert (await now(hall, record)).state is RunState.SUCCEEDED
    with pytest.raises(Conflict, match="Only a failed run"):
        await hall.press(record.id, "retry", 1)
    assert ("Ada", "retry_run", "done") in await hall.audited()


async def test_retry_in_words_means_the_failed_one_and_asks_where_several_failed(hall: Hall) -> None:
    first = await failed(hall, PLAIN)
    await hall.clock.pass_(60)
    second = await failed(hall, {**PLAIN, "name": "Other"})
    outcome = await hall.ask("retry_run")
    assert isinstance(outcome.result, Asked)
    assert [arguments["run"] for _, arguments in outcome.result.deeds] == [second.id, first.id]
    outcome = await hall.ask("retry_run", workflow="plain")
    assert run(outcome).id == first.id
    assert "its card above shows how it goes" in outcome.note


async def test_cancel_means_what_is_under_way(hall: Hall) -> None:
    with pytest.raises(NotFound, match="There is no unfinished run"):
        await hall.ask("cancel_run")
    await hall.stored(GUARDED)
    record = await now(hall, run(await hall.ask("run_workflow", workflow="Guarded")))
    assert record.state is RunState.WAITING
    assert run(await hall.ask("cancel_run")).state is RunState.CANCELLED
    with pytest.raises(Conflict, match="already"):
        await hall.press(record.id, "cancel", 1)


# --- approvals --------------------------------------------------------------------------------------------------------------


async def approval(hall: Hall, approver: str = "@leads") -> tuple[RunRecord, str]:
    """A run that waits, and the id of the card that asks."""
    await hall.stored({**GUARDED, "options": {"approval": approver}})
    record = await now(hall, run(await hall.ask("run_workflow", workflow="Guarded")))
    (card,) = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "approval"]
    return record, card


async def test_a_yes_lets_the_run_go_on_and_its_card_says_who(hall: Hall) -> None:
    record, card = await approval(hall)
    before = (await hall.store.postings.of(card))[0].wanted
    outcome = await hall.press(card, "approve", 1, actor=BOB)
    assert isinstance(outcome.result, Done)
    assert (outcome.result.text, outcome.tracked) == ("You approved “Guarded”.", True)
    assert (await now(hall, record)).state is RunState.SUCCEEDED
    assert (await hall.store.postings.of(card))[0].wanted > before
    assert ("Bob", "approve_step", "done") in await hall.audited(record.id)


async def test_a_no_ends_the_run_without_a_failure(hall: Hall) -> None:
    record, card = await approval(hall)
    await hall.press(card, "decline", 1, actor=BOB)
    assert (await now(hall, record)).state is RunState.CANCELLED
    assert [call.operation for call in hall.world.asked] == ["ask_approval"]


async def test_an_approval_pressed_twice_counts_once(hall: Hall) -> None:
    _, card = await approval(hall)
    outcomes = await asyncio.gather(
        hall.press(card, "approve", 1, actor=BOB), hall.press(card, "decline", 1), return_exceptions=True
    )
    (refused,) = [error for error in outcomes if isinstance(error, Conflict)]
    assert str(refused) == "Bob approved it already. Your press changed nothing."
    with pytest.raises(Conflict, match="Bob approved it already"):
        await hall.press(card, "approve", 1)


async def test_an_approval_of_a_run_that_is_over_is_not_wanted_any_more(hall: Hall) -> None:
    record, card = await approval(hall)
    before = (await hall.store.postings.of(card))[0].wanted
    await hall.press(record.id, "cancel", 1)
    assert (await hall.store.postings.of(card))[0].wanted > before, "its card is drawn anew"
    with pytest.raises(Conflict, match="No answer is wanted any more: the run is cancelled"):
        await hall.press(card, "approve", 1)


async def test_somebody_asked_by_name_answers_alone_or_an_admin_for_them(hall: Hall) -> None:
    record, card = await approval(hall, "<@U2|bob>")
    with pytest.raises(Forbidden, match="bob was asked to decide this, not you"):
        await hall.press(card, "approve", 1)
    await hall.admin(ADA)
    await hall.press(card, "approve", 1)
    assert (await now(hall, record)).state is RunState.SUCCEEDED


async def test_the_one_who_was_asked_and_the_owner_of_the_machine_may_answer(hall: Hall) -> None:
    _, card = await approval(hall, "<@U2>")
    await hall.press(card, "approve", 1, actor=BOB)
    with pytest.raises(Conflict, match="Bob approved it already"):  # and not that they were not asked
        await hall.press(card, "approve", 1, actor=OWNER)


async def test_an_approval_nobody_knows_is_refused(hall: Hall) -> None:
    with pytest.raises(NotFound, match="not known here any more"):
        await hall.press("apr_0123456789abcdef01234567", "approve", 1)


# --- doubts -----------------------------------------------------------------------------------------------------------------


async def doubtful(hall: Hall) -> tuple[RunRecord, str]:
    await hall.stored(PLAIN)
    hall.world.answers["trello.create_card"] = Unanswered("The connection was lost.")
    record = await now(hall, run(await hall.ask("run_workflow", workflow="Plain")))
    hall.world.answers.clear()
    (card,) = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "doubt"]
    return record, card


async def test_it_happened_lets_the_run_go_on_without_asking_again(hall: Hall) -> None:
    record, card = await doubtful(hall)
    assert record.state is RunState.WAITING
    await hall.press(card, "happened", 1)
    assert (await now(hall, record)).state is RunState.SUCCEEDED
    assert len(hall.world.asked) == 1
    assert ("Ada", "doubt_happened", "done") in await hall.audited(record.id)


async def test_it_did_not_happen_asks_again_under_the_same_key_rules(hall: Hall) -> None:
    record, card = await doubtful(hall)
    await hall.press(card, "repeat", 1)
    assert (await now(hall, record)).state is RunState.SUCCEEDED
    assert len(hall.world.asked) == 2


async def test_a_doubt_pressed_twice_is_settled_once(hall: Hall) -> None:
    record, card = await doubtful(hall)
    outcomes = await asyncio.gather(hall.press(card, "happened", 1), hall.press(card, "repeat", 1, actor=BOB), return_exceptions=True)
    assert sum(isinstance(one, Conflict) for one in outcomes) == 1
    assert (await now(hall, record)).state is RunState.SUCCEEDED
    assert len(hall.world.asked) == 1
    with pytest.raises(Conflict, match="settled already: “create_card” is succeeded now"):
        await hall.press(card, "happened", 1)


async def test_a_doubt_that_came_back_is_not_settled_by_a_press_on_its_former_card(hall: Hall) -> None:
    record, card = await doubtful(hall)
    hall.world.answers["trello.create_card"] = Unanswered("Lost again.")
    await hall.press(card, "repeat", 1)
    await hall.finished()
    with pytest.raises(Conflict, match="asked again since and is in doubt once more"):
        await hall.press(card, "happened", 1)
    await hall.press(card, "happened", 2)
    assert (await now(hall, record)).state is RunState.SUCCEEDED


@pytest.mark.parametrize("card", ["dbt_", "dbt_x", "dbt_x_y", "dbt_none_0"])
async def test_a_doubt_nobody_knows_is_refused(hall: Hall, card: str) -> None:
    with pytest.raises(NotFound):
        await hall.press(card, "happened", 1)


async def test_a_run_shows_its_steps_and_its_starter(hall: Hall) -> None:
    await hall.stored(NIGHTLY)
    record = await now(hall, run(await hall.ask("run_workflow", workflow="Nightly")))
    result = (await hall.press(record.id, "show", 1)).result
    assert isinstance(result, RunShown)
    assert [(one.id, one.state) for one in result.steps] == [("post_message", StepState.SUCCEEDED)]
    assert result.starter == Starter("Ada", ADA.id)
