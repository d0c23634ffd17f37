"""Versions of a workflow: listed, compared, gone back to; and what a run by hand is asked for first."""

from __future__ import annotations

from typing import Any

import pytest

from engine.commands.command import DifferenceShown, Done, InputsWanted, PreviewShown, RunShown, VersionsShown
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.workflow.run import RunState
from tests.engine.commands.hall import BOB, MANUAL, NIGHTLY, RELEASE, Hall

DAILY = {**NIGHTLY, "trigger": {**NIGHTLY["trigger"], "timezone": "UTC"}}


async def changed(hall: Hall, **steps: Any) -> None:
    """Version after version, each confirmed."""
    for text in steps.values():
        raw = {**DAILY, "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": text}}]}
        outcome = await hall.ask("edit_workflow", workflow="Nightly report", change=raw)
        assert isinstance(outcome.result, PreviewShown)
        await hall.press(outcome.result.draft.id, "confirm", 1)


async def text_of(hall: Hall) -> tuple[int, Any]:
    (workflow,) = await hall.store.workflows.list()
    return workflow.version, workflow.definition.steps[0].arguments["text"]


async def test_each_version_says_what_it_changed(hall: Hall) -> None:
    await hall.stored(DAILY)
    await changed(hall, two="Noon", three="Evening")
    await hall.ask("pause_workflow", workflow="nightly")  # changes the record, not the definition
    result = (await hall.ask("list_versions", workflow="nightly")).result
    assert isinstance(result, VersionsShown)
    assert [(one.version, said) for one, said in result.rows] == [(3, "steps (+1 −1 lines)"), (2, "steps (+1 −1 lines)"), (1, "the first")]


@pytest.mark.parametrize(
    ("arguments", "versions", "lines"),
    [
        ({}, (2, 3), {"-      text: Noon", "+      text: Evening"}),
        ({"older": "1"}, (1, 3), {"-      text: Morning", "+      text: Evening"}),
        ({"older": "v2", "newer": "version 1"}, (1, 2), {"-      text: Morning", "+      text: Noon"}),
    ],
)
async def test_two_versions_are_compared(hall: Hall, arguments: dict[str, str], versions: tuple[int, int], lines: set[str]) -> None:
    await hall.stored(DAILY)
    await changed(hall, two="Noon", three="Evening")
    result = (await hall.ask("diff_versions", workflow="nightly", **arguments)).result
    assert isinstance(result, DifferenceShown)
    assert (result.older, result.newer) == versions
    assert {line for line in result.diff.splitlines() if line[0] in "+-"} == lines


async def test_going_back_is_a_preview_whose_confirm_makes_a_new_version(hall: Hall) -> None:
    await hall.stored(DAILY)
    await changed(hall, two="Noon")
    outcome = await hall.ask("rollback_workflow", workflow="nightly")
    assert isinstance(outcome.result, PreviewShown)
    assert "+      text: Morning" in outcome.result.diff
    assert outcome.result.text == "Version 2 becomes as version 1 was, and stays in the list of versions."
    assert await text_of(hall) == (2, "Noon")
    await hall.press(outcome.result.draft.id, "confirm", 1, actor=BOB)
    assert await text_of(hall) == (3, "Morning")
    same = (await hall.ask("rollback_workflow", workflow="nightly", version="1")).result
    assert isinstance(same, Done)
    assert "exactly as in version 1 already" in same.text


async def test_going_back_on_what_has_changed_meanwhile_is_refused(hall: Hall) -> None:
    await hall.stored(DAILY)
    await changed(hall, two="Noon")
    outcome = await hall.ask("rollback_workflow", workflow="nightly")
    assert isinstance(outcome.result, PreviewShown)
    await changed(hall, three="Evening")
    with pytest.raises(Conflict, match="has changed since"):
        await hall.press(outcome.result.draft.id, "confirm", 1)
    assert await text_of(hall) == (3, "Evening")


async def test_a_version_that_is_not_there_or_is_no_number_is_said(hall: Hall) -> None:
    await hall.stored(DAILY)
    await changed(hall, two="Noon")
    with pytest.raises(NotFound, match=r"has no version 7\. It has 1 and 2\."):
        await hall.ask("rollback_workflow", workflow="nightly", version="7")
    with pytest.raises(Rejected, match="“last” is no version"):
        await hall.ask("diff_versions", workflow="nightly", older="last")


async def test_one_version_alone_has_nothing_to_compare_or_go_back_to(hall: Hall) -> None:
    workflow = await hall.stored(NIGHTLY)
    for name in ("diff_versions", "rollback_workflow"):
        result = (await hall.ask(name, workflow=workflow.id)).result
        assert isinstance(result, Done)
        assert "only one version" in result.text


# --- inputs --------------------------------------------------------------------------------------------------------------------


async def test_a_workflow_that_takes_inputs_asks_for_them_first(hall: Hall) -> None:
    await hall.stored(MANUAL)
    outcome = await hall.ask("run_workflow", workflow="deploy")
    assert isinstance(outcome.result, InputsWanted)
    assert (outcome.opens, [item.name for item in outcome.result.inputs]) == ("run", ["version", "count", "dry"])
    assert await hall.store.runs.list() == []


async def test_the_form_that_comes_back_runs_it_and_says_at_which_line_it_is_wrong(hall: Hall) -> None:
    workflow = await hall.stored(MANUAL)
    with pytest.raises(Invalid) as caught:
        await hall.press(workflow.id, "run", 1, form={"version": "", "count": "many", "dry": ""})
    assert {problem.path for problem in caught.value.problems} == {("version",), ("count",)}
    outcome = await hall.press(workflow.id, "run", 1, form={"version": "3", "count": "", "dry": "true"})
    assert isinstance(outcome.result, RunShown)


async def test_what_waits_for_an_event_asks_for_its_fields_where_the_world_would_be_touched(hall: Hall) -> None:
    await hall.stored(RELEASE)
    hall.world.modes["trello"] = "live"
    outcome = await hall.ask("run_workflow", workflow="release")
    assert isinstance(outcome.result, InputsWanted)
    assert [item.name for item in outcome.result.inputs] == ["title"]
    hall.world.modes["trello"] = "sandbox"
    assert isinstance((await hall.ask("run_workflow", workflow="release")).result, RunShown)


async def test_only_what_an_input_offers_is_taken(hall: Hall) -> None:
    where = {"name": "where", "choices": ["eu", "us"], "default": "eu"}
    await hall.stored({**MANUAL, "trigger": {"type": "manual", "inputs": [where]}, "steps": NIGHTLY["steps"]})
    with pytest.raises(Invalid, match="moon"):
        await hall.ask("run_workflow", workflow="deploy", inputs={"where": "moon"})
    assert isinstance((await hall.ask("run_workflow", workflow="deploy", inputs={"where": "us"})).result, RunShown)


# --- for an alert ----------------------------------------------------------------------------------------------------------------


async def test_a_runbook_and_its_alert_know_of_each_other(hall: Hall) -> None:
    workflow = await hall.stored({**MANUAL, "name": "Failover"})
    alert = await hall.alerted("github")
    form = {"workflow": workflow.id, "inputs": "version = 2\ncount=3"}
    outcome = await hall.press(alert.id, "runbook", 1, form=form)
    assert isinstance(outcome.result, RunShown)
    assert outcome.result.alert is not None
    assert (outcome.result.alert.id, outcome.result.run.alert) == (alert.id, alert.id)
    await hall.finished()
    assert (await hall.store.runs.list())[0].state is RunState.SUCCEEDED
    assert ("Ada", "start_runbook", "done") in await hall.audited(alert.id)
    acknowledged = await hall.press(alert.id, "acknowledge", 1)
    assert [run.id for run in getattr(acknowledged.result, "runs", ())] == [outcome.result.run.id]


@pytest.mark.parametrize(
    ("inputs", "field", "why"), [("version", "inputs", "“version” is no name=value"), ("count=1", "inputs", "version: is needed")]
)
async def test_a_runbook_that_cannot_start_says_so_in_its_form(hall: Hall, inputs: str, field: str, why: str) -> None:
    workflow = await hall.stored({**MANUAL, "name": "Failover"})
    alert = await hall.alerted("github")
    with pytest.raises(Invalid) as caught:
        await hall.press(alert.id, "runbook", 1, form={"workflow": workflow.id, "inputs": inputs})
    assert [problem.path for problem in caught.value.problems] == [(field,)]
    assert why in caught.value.problems[0].message
    assert await hall.store.runs.list() == []


async def test_only_what_people_start_is_a_runbook(hall: Hall) -> None:
    await hall.stored(NIGHTLY)
    alert = await hall.alerted("github")
    with pytest.raises(Invalid, match="something else than a person starts it"):
        await hall.ask("start_runbook", workflow="nightly", alert=alert.id)
