"""Runs that are held, skipped, amended, cancelled: by command and by press, each audited."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.command import Asked, Outcome, RunShown
from engine.commands.skip_step import as_arg, from_arg
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Rejected, SignalboxError, Transient, Unanswered
from engine.parties import Role
from engine.ports import Answer, Call
from engine.workflow.definition import Json
from engine.workflow.run import FactKind, RunRecord, RunState, StepState
from tests.engine.commands.hall import ADA, BOB, Hall

CARD = {"action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "{{inputs.version}}"}}
TELL = {"id": "tell", "action": "chat.post_message", "with": {"channel": "#ops", "text": "done"}}
SHIP: dict[str, Any] = {
    "name": "Ship",
    "trigger": {"type": "manual", "inputs": [{"name": "version", "default": "1"}, {"name": "count", "type": "integer", "default": 2}]},
    "steps": [{"id": "card", **CARD}, TELL],
}
UNDONE = {**SHIP, "steps": [{"id": "card", **CARD, "compensate": {"action": "trello.archive_card", "with": {"card": "{{steps.card.id}}"}}}, {**TELL, "needs": ["card"]}]}
EACH = {**SHIP, "name": "Each", "steps": [
    {"id": "list", "set": {"names": ["a", "b", "c", "d", "e"]}},
    {"id": "each", "foreach": {"items": "steps.list.names", "as": "name", "on_item_failure": "finish", "steps": [
        {"id": "post", "action": "chat.post_message", "with": {"channel": "#ops", "text": "{{name}}"}}]}}]}  # fmt: skip


def run(outcome: Outcome) -> RunRecord:
    assert isinstance(outcome.result, RunShown), outcome
    return outcome.result.run


async def now(hall: Hall, record: RunRecord) -> RunShown:
    await hall.finished()
    result = (await hall.press(record.id, "show", 1)).result
    assert isinstance(result, RunShown)
    return result


async def started(hall: Hall, raw: dict[str, Any], **answers: Any) -> RunRecord:
    await hall.stored(raw)
    hall.world.answers |= {name.replace("__", "."): told for name, told in answers.items()}
    outcome = await hall.ask("run_workflow", workflow=raw["name"], inputs={"version": "1"} if raw["trigger"].get("inputs") else {})
    await hall.finished()
    return run(outcome)


def failing(*texts: str) -> Any:
    """Posts that hold one of these texts are refused."""

    def answer(call: Call) -> Json | SignalboxError:
        return Rejected(f"no {call.arguments['text']}") if call.arguments["text"] in texts else {"id": "9"}

    return answer


# --- held --------------------------------------------------------------------------------------------------------------------


async def test_a_run_that_is_held_asks_nothing_new_until_it_is_resumed(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Transient("busy", 60))
    held = run(await hall.ask("pause_run", workflow="ship"))
    assert held.state is RunState.PAUSED
    hall.world.answers.clear()
    await hall.clock.pass_(600)
    assert len(hall.world.asked) == 1
    shown = await now(hall, record)
    assert (shown.run.state, shown.paused_by) == (RunState.PAUSED, "Ada")
    with pytest.raises(Conflict, match="paused already"):
        await hall.press(record.id, "pause", 1)
    assert run(await hall.press(record.id, "resume", 1, actor=BOB)).state is not RunState.PAUSED
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    assert await hall.audited(record.id) == [("Ada", "pause_run", "done"), ("Bob", "resume_run", "done")]


async def test_what_is_not_held_cannot_be_resumed_and_what_is_over_not_held(hall: Hall) -> None:
    record = await started(hall, SHIP)
    with pytest.raises(Conflict, match="Only a paused run"):
        await hall.ask("resume_run", run=record.id)
    with pytest.raises(Conflict):
        await hall.ask("pause_run", run=record.id)
    with pytest.raises(NotFound, match="There is no paused run of “Ship”"):
        await hall.ask("resume_run", workflow="ship")


async def test_who_may_only_look_steers_nothing(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Transient("busy", 60))
    await hall.admin(ADA)
    for verb in ("pause", "cancel", "skip"):
        with pytest.raises(Forbidden, match="needs the role operator"):
            await hall.press(record.id, verb, 1, actor=BOB)
    await hall.admin(BOB, Role.OPERATOR)
    assert run(await hall.press(record.id, "pause", 1, actor=BOB)).state is RunState.PAUSED


# --- skipped -----------------------------------------------------------------------------------------------------------------


async def test_a_failed_step_is_skipped_and_the_run_goes_on_behind_it(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("The board is gone."))
    assert (await now(hall, record)).skippable == ("card",)
    await hall.press(record.id, "skip", 1, arg="card")
    shown = await now(hall, record)
    assert shown.run.state is RunState.SUCCEEDED
    assert [step.state for step in shown.steps] == [StepState.SKIPPED, StepState.SUCCEEDED]
    assert ("Ada", "skip_step", "done") in await hall.audited(record.id)


async def test_what_cannot_be_skipped_is_said_with_what_can(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Transient("busy", 60))
    with pytest.raises(Rejected, match="“tell” cannot be skipped: it is pending"):
        await hall.ask("skip_step", workflow="ship", step="tell")
    with pytest.raises(NotFound, match=r"no step “crad”.*Did you mean “card”"):
        await hall.ask("skip_step", workflow="ship", step="crad")
    await hall.ask("skip_step", workflow="ship")  # the only one
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED


async def test_of_several_steps_the_one_to_skip_must_be_said(hall: Hall) -> None:
    record = await started(hall, EACH, chat__post_message=failing("b", "d"))
    with pytest.raises(Rejected, match=r"Say which step is to be skipped: “post\[1\]” or “post\[3\]”"):
        await hall.ask("skip_step", run=record.id)
    await hall.press(record.id, "skip", 1, form={"step": "post[1]"})
    hall.world.answers.clear()
    shown = await now(hall, record)
    assert {step.id: step.state for step in shown.steps}["post[1]"] is StepState.SKIPPED


@pytest.mark.parametrize("step", ["card", "post[3]", "post[3][12]", "tell_all"])
def test_a_step_survives_the_way_through_a_button(step: str) -> None:
    assert from_arg(as_arg(step)) == step


@pytest.mark.parametrize("step", ["x" * 60, "a b", "ü"])
def test_what_does_not_fit_into_a_button_goes_by_a_form(step: str) -> None:
    assert as_arg(step) == ""


# --- retried -----------------------------------------------------------------------------------------------------------------


async def test_a_retry_asks_with_what_was_typed_and_only_that_is_different(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("The board is gone."))
    shown = await now(hall, record)
    (failed,) = shown.amendable
    assert (failed.step, dict(failed.arguments)) == ("card", {"board": "B", "list": "L", "title": "1"})
    hall.world.answers.clear()
    await hall.press(record.id, "retry", 1, arg="1.changed", form={"card.board": "Other", "card.title": "1", "inputs.count": "2"})
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    assert hall.world.asked[1].arguments == {"board": "Other", "list": "L", "title": "1"}
    rows = [row.detail for row in await hall.store.audit.list(subject=record.id) if row.verb == "retry_run"]
    assert rows == ["changed card.board"]


async def test_a_retry_with_another_input_reaches_every_step_that_reads_it(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("no"))
    hall.world.answers.clear()
    await hall.ask("retry_run", workflow="ship", changes={"inputs.version": "2", "inputs.count": "7"})
    shown = await now(hall, record)
    assert shown.run.state is RunState.SUCCEEDED
    assert dict(shown.inputs) == {"version": "2", "count": 7}
    assert hall.world.asked[1].arguments["title"] == "2"


@pytest.mark.parametrize(
    ("changes", "field", "why"),
    [
        ({"inputs.count": "many"}, "inputs.count", "a whole number is needed"),
        ({"inputs.versoin": "2"}, "inputs.versoin", "no input “versoin”. Did you mean “version”?"),
        ({"tell.text": "x"}, "tell.text", "“tell” is no failed step of this run; failed: card."),
    ],
)
async def test_what_does_not_fit_is_said_where_it_was_typed(hall: Hall, changes: dict[str, str], field: str, why: str) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("no"))
    with pytest.raises(Invalid) as caught:
        await hall.press(record.id, "retry", 1, arg="1.changed", form=changes)
    (problem,) = caught.value.problems
    assert problem.path == (field,)
    assert why in problem.message
    assert (await now(hall, record)).run.state is RunState.FAILED


async def test_arguments_of_the_api_are_taken_as_they_are(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("no"))
    with pytest.raises(Invalid, match="“tell” is no failed step"):
        await hall.ask("retry_run", run=record.id, arguments={"tell": {"text": "x"}})
    hall.world.answers.clear()
    await hall.ask("retry_run", run=record.id, arguments={"card": {"board": "Other"}}, skip=[])
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    assert hall.world.asked[1].arguments["board"] == "Other"


async def test_a_press_for_a_former_failure_retries_nothing(hall: Hall) -> None:
    record = await started(hall, SHIP, trello__create_card=Rejected("no"))
    await hall.press(record.id, "retry", 1, arg="1")
    assert (await now(hall, record)).round == 2
    with pytest.raises(Conflict, match="was retried already since"):
        await hall.press(record.id, "retry", 1, arg="1")
    facts = await hall.store.runs.facts(record.id)
    assert sum(fact.kind is FactKind.RETRIED for fact in facts) == 1


async def test_only_the_failed_items_of_a_foreach_are_retried(hall: Hall) -> None:
    record = await started(hall, EACH, chat__post_message=failing("b", "d"))
    before = len(hall.world.asked)
    assert (await now(hall, record)).run.state is RunState.FAILED
    hall.world.answers.clear()
    await hall.press(record.id, "retry", 1, arg="1")
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    assert sorted(str(call.arguments["text"]) for call in hall.world.asked[before:]) == ["b", "d"]


async def test_a_secret_is_neither_shown_nor_changed_by_a_retry(hall: Hall) -> None:
    raw = {**SHIP, "steps": [{"id": "card", "action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "{{secrets.key}}"}}]}
    await hall.store.vault.put("secret:key", {"value": "sesame"})
    record = await started(hall, raw, trello__create_card=Rejected("no"))
    shown = await now(hall, record)
    (failed,) = shown.amendable
    assert failed.fixed == {"title"}
    assert "sesame" not in str(shown)
    with pytest.raises(Invalid, match="it holds a secret"):
        await hall.press(record.id, "retry", 1, arg="1.changed", form={"card.title": "mine"})


# --- cancelled ---------------------------------------------------------------------------------------------------------------


async def test_a_cancel_undoes_what_was_done_unless_it_is_to_be_left(hall: Hall) -> None:
    for arg, undone in (("", ["archive_card"]), ("keep", [])):
        hall.world.asked.clear()
        record = await started(hall, {**UNDONE, "name": f"Ship{arg}"}, chat__post_message=Transient("busy", 60))
        assert (await now(hall, record)).undoable
        await hall.press(record.id, "cancel", 1, form={"undo": arg} if arg else {})
        await hall.clock.pass_(1)
        shown = await now(hall, record)
        assert shown.run.state is RunState.CANCELLED
        assert [call.operation for call in hall.world.asked if call.service == "trello"] == ["create_card", *undone]
        assert [step.undo for step in shown.steps if step.undo] == [True] * len(undone)


async def test_nothing_can_be_undone_where_nothing_says_how(hall: Hall) -> None:
    record = await started(hall, SHIP, chat__post_message=Transient("busy", 60))
    assert not (await now(hall, record)).undoable


# --- doubts ------------------------------------------------------------------------------------------------------------------


async def doubtful(hall: Hall, name: str = "Ship") -> tuple[RunRecord, str]:
    record = await started(hall, {**SHIP, "name": name}, trello__create_card=Unanswered("lost"))
    hall.world.answers.clear()
    cards = [one.subject for one in await hall.store.postings.due(hall.clock.now()) if one.kind == "doubt" and one.payload["run"] == record.id]
    return record, cards[0]


@pytest.mark.parametrize(("found", "asked"), [(Answer({"id": "7"}), 1), (None, 2)])
async def test_a_look_at_the_service_settles_a_doubt_either_way(hall: Hall, found: Answer | None, asked: int) -> None:
    record, card = await doubtful(hall)
    assert next(step for step in (await now(hall, record)).steps if step.id == "card").looks
    hall.world.found = found
    await hall.press(card, "look", 1)
    assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    assert sum(call.operation == "create_card" for call in hall.world.asked) == asked
    assert ("Ada", "doubt_looked_up", "done") in await hall.audited(record.id)


async def test_a_doubt_is_settled_in_words_and_asked_back_where_several_stand(hall: Hall) -> None:
    one, _ = await doubtful(hall)
    other, _ = await doubtful(hall, "Other")
    outcome = await hall.ask("settle_doubt")
    assert isinstance(outcome.result, Asked)
    assert {tuple(arguments.items()) for _, arguments in outcome.result.deeds} == {(("run", id), ("step", "card")) for id in (one.id, other.id)}
    await hall.ask("settle_doubt", workflow="ship")
    await hall.ask("repeat_doubt", run=other.id, step="card")
    for record in (one, other):
        assert (await now(hall, record)).run.state is RunState.SUCCEEDED
    with pytest.raises(Conflict, match="No step of this run of “Ship” is in doubt"):
        await hall.ask("settle_doubt", run=one.id)


# --- what a run shows --------------------------------------------------------------------------------------------------------


async def test_a_run_that_waits_for_its_turn_says_how_many_are_before_it(hall: Hall) -> None:
    raw = {**SHIP, "options": {"concurrency": {"limit": 1}}}
    first = await started(hall, raw, trello__create_card=Transient("busy", 600))
    waiting = []
    for version in ("2", "3"):
        await hall.clock.pass_(1)
        waiting.append(run(await hall.ask("run_workflow", workflow="ship", inputs={"version": version})))
    assert [record.state for record in waiting] == [RunState.QUEUED] * 2
    assert [(await now(hall, record)).ahead for record in waiting] == [1, 2]
    assert run(await hall.press(waiting[0].id, "cancel", 1)).state is RunState.CANCELLED
    history = (await hall.ask("run_history", outcome="queued")).result
    assert [record.id for record in getattr(history, "runs", ())] == [waiting[1].id]
    assert first.id


async def test_parent_and_child_runs_know_of_each_other(hall: Hall) -> None:
    await hall.stored({**SHIP, "name": "Child"})
    parent = await started(hall, {**SHIP, "name": "Parent", "steps": [{"id": "sub", "run_workflow": {"workflow": "Child", "inputs": {"version": "5"}}}]})
    shown = await now(hall, parent)
    (child,) = shown.children
    below = await now(hall, child)
    assert below.parent is not None
    assert (below.parent.id, child.name, dict(below.inputs)["version"]) == (parent.id, "Child", "5")


async def test_a_run_shows_by_its_id_or_the_newest_of_a_workflow(hall: Hall) -> None:
    record = await started(hall, SHIP)
    for arguments in ({"run": record.id}, {"workflow": "ship"}):
        assert run(await hall.ask("show_run", **arguments)).id == record.id
    with pytest.raises(NotFound, match="There is no run run_9"):
        await hall.ask("show_run", run="run_9")
