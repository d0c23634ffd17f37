"""Previews: nothing is stored before Confirm, and Confirm stores exactly once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engine.commands.command import Done, PreviewShown
from engine.commands.drafting import LIFE
from engine.errors import Conflict, Invalid, NotFound, Rejected
from engine.events import WorkflowSaved
from engine.workflow.definition import Draft, DraftState, WorkflowState
from engine.workflow.parse import to_yaml
from storage.sql import SqlStore
from tests.engine.commands.hall import ADA, BOB, MANUAL, NIGHTLY, RELEASE, Hall


async def drafted(hall: Hall, raw: dict | None = None, **more: str) -> Draft:
    outcome = await hall.ask("create_workflow", workflow=raw or RELEASE, **more)
    assert isinstance(outcome.result, PreviewShown)
    return outcome.result.draft


async def test_a_request_stores_nothing_and_wants_its_preview_where_it_was_asked(hall: Hall) -> None:
    outcome = await hall.ask("create_workflow", workflow=RELEASE)
    assert isinstance(outcome.result, PreviewShown)
    assert (outcome.tracked, outcome.public) == (True, True)
    assert await hall.store.workflows.list() == []
    (posting,) = await hall.store.postings.of(outcome.result.draft.id)
    assert (posting.kind, posting.to.channel) == ("draft", "C1")
    assert outcome.result.touches == (("trello", "default", "sandbox"), ("chat", "default", "live"))


async def test_confirm_stores_the_workflow_its_audit_and_its_first_fire_together(hall: Hall) -> None:
    draft = await drafted(hall, NIGHTLY)
    outcome = await hall.press(draft.id, "confirm", draft.revision, actor=BOB)
    (workflow,) = await hall.store.workflows.list()
    assert (workflow.name, workflow.version, workflow.created_by, workflow.where) == ("Nightly report", 1, ADA.id, "slack:C1")
    assert workflow.definition.trigger.timezone == "Europe/Berlin"
    assert (await hall.store.schedules.all())[workflow.id].isoformat() == "2026-03-05T08:00:00+00:00"
    assert await hall.audited(workflow.id) == [("Bob", "create_workflow", "done")]
    assert isinstance(outcome.result, PreviewShown)
    assert (outcome.tracked, outcome.result.fires[0].isoformat()) == (True, "2026-03-05T08:00:00+00:00")
    now = await hall.store.drafts.get(draft.id)
    assert now is not None
    assert (now.state, now.decided_by, now.workflow, now.revision) == (DraftState.CONFIRMED, "Bob", workflow.id, 2)


async def test_a_second_confirm_changes_nothing_and_names_who_was_faster(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.press(draft.id, "confirm", 1, actor=BOB)
    with pytest.raises(Conflict, match="Too late: it was already confirmed by Bob"):
        await hall.press(draft.id, "confirm", 1)
    assert len(await hall.store.workflows.list()) == 1


async def test_two_people_who_press_confirm_at_the_same_moment_store_once(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=Hall().clock)
    try:
        async with Hall(store) as hall:
            draft = await drafted(hall)
            presses = [hall.press(draft.id, "confirm", 1, actor=actor) for actor in (ADA, BOB, ADA, BOB)]
            outcomes = await asyncio.gather(*presses, return_exceptions=True)
            refused = [one for one in outcomes if isinstance(one, Conflict)]
            assert len(refused) == 3
            assert all("already confirmed by" in str(one) for one in refused)
            assert len(await hall.store.workflows.list()) == 1
            assert len(await hall.audited()) == 1
    finally:
        await store.close()


async def test_confirm_and_cancel_at_the_same_moment_leave_one_of_them_done(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=Hall().clock)
    try:
        async with Hall(store) as hall:
            draft = await drafted(hall)
            both = (hall.press(draft.id, "cancel", 1), hall.press(draft.id, "confirm", 1, actor=BOB))
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            assert sum(isinstance(one, Conflict) for one in outcomes) == 1
            now = await hall.store.drafts.get(draft.id)
            assert now is not None
            assert (now.state is DraftState.CONFIRMED) == bool(await hall.store.workflows.list())
    finally:
        await store.close()


async def test_two_drafts_of_one_name_confirmed_at_the_same_moment_store_one(tmp_path: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{tmp_path / 'a.db'}", secret_key="k" * 43, clock=Hall().clock)
    try:
        async with Hall(store) as hall:
            first, second = await drafted(hall), await drafted(hall)
            outcomes = await asyncio.gather(
                hall.press(first.id, "confirm", 1), hall.press(second.id, "confirm", 1, actor=BOB), return_exceptions=True
            )
            assert [str(one).split("(")[0] for one in outcomes if isinstance(one, Conflict)] == [
                "There is a workflow called “Release” already "
            ]
            assert len(await hall.store.workflows.list()) == 1
    finally:
        await store.close()


async def test_a_stale_version_is_refused(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.press(draft.id, "edit", 1, form={"definition": "name: Other\n" + _yaml(draft)})
    with pytest.raises(Conflict, match="changed while you looked at it"):
        await hall.press(draft.id, "confirm", 1)
    assert await hall.store.workflows.list() == []
    await hall.press(draft.id, "confirm", 2)
    assert [flow.name for flow in await hall.store.workflows.list()] == ["Other"]


def _yaml(draft: Draft) -> str:
    assert draft.definition is not None
    return "\n".join(line for line in to_yaml(draft.definition).splitlines() if not line.startswith("name:"))


async def test_an_expired_draft_is_refused_and_its_card_says_so(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.clock.pass_(LIFE.total_seconds())
    with pytest.raises(Conflict, match="has expired"):
        await hall.press(draft.id, "confirm", 1)
    now = await hall.store.drafts.get(draft.id)
    assert now is not None
    assert now.state is DraftState.EXPIRED
    with pytest.raises(Conflict, match="has expired"):
        await hall.press(draft.id, "confirm", 2)
    assert await hall.store.workflows.list() == []


async def test_bad_yaml_keeps_the_draft_and_names_the_line(hall: Hall) -> None:
    draft = await drafted(hall)
    bad = _yaml(draft).replace("trello.create_card", "trello.make_card")
    with pytest.raises(Invalid) as caught:
        await hall.press(draft.id, "edit", 1, form={"definition": "name: Release\n" + bad})
    assert caught.value.problems[0].line > 1
    assert "line" in str(caught.value)
    assert "create_card" in str(caught.value)
    with pytest.raises(Invalid, match="line 2"):
        await hall.press(draft.id, "edit", 1, form={"definition": "name: x\n\tsteps: ["})
    assert await hall.store.drafts.get(draft.id) == draft


async def test_an_edit_that_comes_back_empty_is_refused(hall: Hall) -> None:
    draft = await drafted(hall)
    with pytest.raises(Rejected, match="came back empty"):
        await hall.press(draft.id, "edit", 1, form={"definition": "  \n"})


async def test_an_edited_draft_still_knows_what_its_channels_meant(hall: Hall) -> None:
    outcome = await hall.ask("create_workflow", workflow=RELEASE, places={"#releases": "slack:C9"})
    assert isinstance(outcome.result, PreviewShown)
    draft = outcome.result.draft
    text = "\n".join(
        line
        for line in outcome.result.yaml.splitlines()
        if "releases: slack" not in line and "places:" not in line and "'#releases': " not in line
    )
    await hall.press(draft.id, "edit", 1, form={"definition": text})
    now = await hall.store.drafts.get(draft.id)
    assert now is not None
    assert now.definition is not None
    assert (now.definition.places, now.definition.home) == ({"#releases": "slack:C9"}, "slack")


async def test_cancel_puts_it_away(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.press(draft.id, "cancel", 1)
    with pytest.raises(Conflict, match="already cancelled by Ada"):
        await hall.press(draft.id, "confirm", 1)
    assert await hall.store.workflows.list() == []
    assert await hall.audited() == [("Ada", "cancel_draft", "done")]


async def test_the_same_request_heard_twice_drafts_once(hall: Hall) -> None:
    first = await drafted(hall, key="said:slack:Ev1")
    again = await drafted(hall, key="said:slack:Ev1")
    assert first == again
    assert len(await hall.store.postings.of(first.id)) == 1
    await hall.press(first.id, "confirm", 1)
    assert (await drafted(hall, key="said:slack:Ev1")).state is DraftState.CONFIRMED


async def test_a_taken_name_is_refused_before_and_at_confirm(hall: Hall) -> None:
    draft = await drafted(hall)
    await hall.stored()
    with pytest.raises(Conflict, match=r"called “Release” already .*/flow edit Release"):
        await hall.press(draft.id, "confirm", 1)
    with pytest.raises(Conflict, match="called “Release” already"):
        await hall.ask("create_workflow", workflow={**RELEASE, "name": "  release "})
    now = await hall.store.drafts.get(draft.id)
    assert now is not None
    assert now.state is DraftState.OPEN


async def test_delete_asks_first(hall: Hall) -> None:
    workflow = await hall.stored()
    outcome = await hall.press(workflow.id, "delete", 1)
    assert isinstance(outcome.result, PreviewShown)
    assert "never run" in outcome.result.text
    assert await hall.store.workflows.list() == [workflow]
    await hall.press(outcome.result.draft.id, "confirm", 1)
    assert await hall.store.workflows.list() == []
    with pytest.raises(NotFound, match="“Release” has been deleted"):
        await hall.press(workflow.id, "run", 1)


async def test_a_delete_that_was_asked_twice_happens_once(hall: Hall) -> None:
    await hall.stored()
    first, second = [(await hall.ask("delete_workflow", workflow="Release")).result for _ in range(2)]
    assert isinstance(first, PreviewShown)
    assert isinstance(second, PreviewShown)
    await hall.press(first.draft.id, "confirm", 1)
    with pytest.raises(NotFound, match="deleted meanwhile"):
        await hall.press(second.draft.id, "confirm", 1)


async def test_a_delete_preview_cannot_be_edited_into_something_else(hall: Hall) -> None:
    await hall.stored()
    asked = (await hall.ask("delete_workflow", workflow="Release")).result
    assert isinstance(asked, PreviewShown)
    with pytest.raises(Rejected, match="nothing to edit"):
        await hall.press(asked.draft.id, "edit", 1, form={"definition": "name: x"})


async def test_a_change_shows_its_difference_and_makes_a_version(hall: Hall) -> None:
    workflow = await hall.stored()
    outcome = await hall.ask("edit_workflow", workflow="release", change={"options": {"retries": 7}})
    assert isinstance(outcome.result, PreviewShown)
    assert "+  retries: 7" in outcome.result.diff
    assert "trello" not in outcome.result.diff
    await hall.press(outcome.result.draft.id, "confirm", 1)
    now = await hall.store.workflows.get(workflow.id)
    assert now is not None
    assert (now.version, now.definition.options.retries) == (2, 7)


async def test_a_change_of_what_has_changed_meanwhile_is_not_stored_over_it(hall: Hall) -> None:
    workflow = await hall.stored()
    mine = (await hall.ask("edit_workflow", workflow="Release", change={"options": {"retries": 7}})).result
    theirs = (await hall.ask("edit_workflow", actor=BOB, workflow="Release", change={"when": "event.base == 'main'"})).result
    assert isinstance(mine, PreviewShown)
    assert isinstance(theirs, PreviewShown)
    await hall.press(theirs.draft.id, "confirm", 1, actor=BOB)
    with pytest.raises(Conflict, match=r"you looked at version 1, it is version 2 now. Press Edit"):
        await hall.press(mine.draft.id, "confirm", 1)
    edited = (await hall.press(mine.draft.id, "edit", 1, form={"definition": mine.yaml})).result
    assert isinstance(edited, PreviewShown)
    assert "-when: event.base == 'main'" in edited.diff  # it would undo Bob's change, and says so
    await hall.press(mine.draft.id, "confirm", 2)
    now = await hall.store.workflows.get(workflow.id)
    assert now is not None
    assert now.version == 3


async def test_a_preview_warns_of_a_time_that_is_past_and_of_what_is_not_connected(hall: Hall) -> None:
    hall.world.modes["trello"] = "off"
    late = {**RELEASE, "name": "Late", "trigger": {"type": "scheduled", "at": "2020-01-01T00:00:00+00:00"}, "steps": [
        {"action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "T"}}]}  # fmt: skip
    outcome = await hall.ask("create_workflow", workflow=late)
    assert isinstance(outcome.result, PreviewShown)
    assert [text.split(":")[0] for text in outcome.result.warnings] == ["It will never fire", "Trello (default) is off"]


async def test_what_this_version_cannot_run_is_refused_with_what_to_do_instead(hall: Hall) -> None:
    foreseen = {"type": "ai_predicted", "service": "github", "metric": "throughput", "horizon": "PT2H"}
    predicted = {"name": "Foreseen", "trigger": foreseen, "steps": [{"action": "chat.post_message", "with": {"text": "{{event.text}}"}}]}
    with pytest.raises(Rejected, match="Nobody forecasts"):
        await hall.ask("create_workflow", workflow=predicted)
    assert await hall.audited() == []


async def test_a_workflow_that_waits_for_a_forecast_is_previewed(hall: Hall) -> None:
    foreseen = {"type": "ai_predicted", "service": "github", "metric": "error_rate", "horizon": "PT2H"}
    outcome = await hall.ask(
        "create_workflow", workflow={"trigger": foreseen, "steps": [{"action": "chat.post_message", "with": {"text": "{{event.text}}"}}]}
    )
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert outcome.result.definition.trigger.forecasts


async def test_for_the_next_three_days_is_counted_from_confirm_however_long_the_draft_lay_there(hall: Hall) -> None:
    thrice = {**NIGHTLY, "trigger": {"type": "scheduled", "rrule": "FREQ=DAILY;COUNT=3;BYHOUR=9;BYMINUTE=0"}}
    outcome = await hall.ask("create_workflow", workflow=thrice)
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert [fire.day for fire in outcome.result.fires] == [5, 6, 7]
    await hall.clock.pass_(23 * 3600)
    await hall.press(outcome.result.draft.id, "confirm", 1)
    (workflow,) = await hall.store.workflows.list()
    assert "UNTIL=20260308" in workflow.definition.trigger.rrule


async def test_a_workflow_without_steps_is_refused(hall: Hall) -> None:
    with pytest.raises(Invalid, match="at least one step"):
        await hall.ask("create_workflow", workflow={**RELEASE, "steps": []})


# --- import and export ----------------------------------------------------------------------------------------------------


async def exported(hall: Hall) -> str:
    return (await hall.ask("export_workflows")).result.text  # type: ignore[union-attr]


async def test_what_was_exported_imports_as_the_same(hall: Hall) -> None:
    await hall.stored(MANUAL)
    outcome = await hall.ask("import_workflows", text=(await exported(hall)).replace("name: Deploy", "name: Copy"))
    assert isinstance(outcome.result, PreviewShown)
    await hall.press(outcome.result.draft.id, "confirm", 1)
    copy, original = await hall.store.workflows.list()
    assert replace(copy.definition, name="Deploy") == original.definition


async def test_importing_a_name_that_exists_is_a_change_with_its_difference(hall: Hall) -> None:
    workflow = await hall.stored()
    text = (await exported(hall)).replace("Merged", "It is merged")
    outcome = await hall.ask("import_workflows", text=text)
    assert isinstance(outcome.result, PreviewShown)
    assert (outcome.result.draft.command, outcome.result.draft.workflow) == ("edit_workflow", workflow.id)
    assert "-      text: Merged" in outcome.result.diff
    assert "+      text: It is merged" in outcome.result.diff
    await hall.press(outcome.result.draft.id, "confirm", 1)
    (now,) = await hall.store.workflows.list()
    assert (now.id, now.version) == (workflow.id, 2)


async def test_importing_what_is_stored_already_changes_nothing_and_says_so(hall: Hall) -> None:
    await hall.stored()
    outcome = await hall.ask("import_workflows", text=await exported(hall))
    assert isinstance(outcome.result, Done)
    assert "exactly that already (version 1)" in outcome.result.text


async def test_yaml_pasted_in_a_code_block_is_read(hall: Hall) -> None:
    await hall.stored(MANUAL)
    text = (await exported(hall)).replace("name: Deploy", "name: Deploy again")
    outcome = await hall.ask("import_workflows", text=f"```yaml\n{text}```")
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert outcome.result.definition.name == "Deploy again"


async def test_an_import_of_nothing_says_how(hall: Hall) -> None:
    with pytest.raises(Rejected, match="put the YAML on the lines below"):
        await hall.ask("import_workflows", text=" ")
    with pytest.raises(Rejected, match="put the YAML on the lines below"):
        await hall.ask("import_workflows")


async def test_a_change_in_words_alone_shows_the_workflow_and_says_why(hall: Hall) -> None:
    await hall.stored()
    outcome = await hall.ask("edit_workflow", workflow="Release", change="run it at ten")
    assert "Press Edit" in outcome.note
    assert await hall.store.postings.due(hall.clock.now()) == []


async def test_a_deleted_workflow_in_a_stale_list_is_named_as_such(hall: Hall) -> None:
    workflow = await hall.stored()
    gone = replace(workflow, revision=2, state=WorkflowState.DELETED, updated_at=hall.clock.now() + timedelta(seconds=1))
    await hall.store.ledger.record(WorkflowSaved(gone))
    with pytest.raises(NotFound, match="has been deleted"):
        await hall.ask("show_workflow", workflow=workflow.id)


async def test_a_name_that_nobody_chose_is_numbered_where_it_is_taken_but_the_same_order_is_not_stored_twice(hall: Hall) -> None:
    nameless = {key: value for key, value in RELEASE.items() if key != "name"}
    other = {**nameless, "when": "event.base == 'main'"}
    first = await drafted(hall, nameless)
    await hall.press(first.id, "confirm", 1)
    second = await drafted(hall, other)
    assert (first.definition, second.definition) != (None, None)
    assert second.definition.name == f"{first.definition.name} 2"
    with pytest.raises(Conflict, match="There is a workflow called"):
        await hall.ask("create_workflow", workflow=nameless)


# --- orders ---------------------------------------------------------------------------------------------------------------

ORDER = {
    "trigger": {"type": "manual"},
    "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "the build is green"}}],
}


async def ordered(hall: Hall) -> Draft:
    outcome = await hall.ask("create_workflow", workflow=ORDER, once=True)
    assert isinstance(outcome.result, PreviewShown)
    return outcome.result.draft


async def test_the_same_order_again_is_one_more_run_of_what_it_led_to_before(hall: Hall) -> None:
    first = await ordered(hall)
    began = await hall.press(first.id, "confirm", first.revision)
    again = await ordered(hall)
    began_again = await hall.press(again.id, "confirm", again.revision)
    (workflow,) = await hall.store.workflows.list()
    assert began.run != began_again.run
    assert len(await hall.store.runs.list(workflow=workflow.id)) == 2
    kept = await hall.store.drafts.get(again.id)
    assert kept is not None
    assert (kept.state, kept.workflow) == (DraftState.CONFIRMED, workflow.id)
    assert [verb for _, verb, _ in await hall.audited(workflow.id)].count("create_workflow") == 2


async def test_an_order_whose_workflow_was_deleted_meanwhile_makes_it_anew(hall: Hall) -> None:
    first = await ordered(hall)
    await hall.press(first.id, "confirm", first.revision)
    again = await ordered(hall)
    (workflow,) = await hall.store.workflows.list()
    await hall.store.ledger.record(WorkflowSaved(replace(workflow, state=WorkflowState.DELETED, revision=workflow.revision + 1)))
    await hall.press(again.id, "confirm", again.revision)
    (anew,) = await hall.store.workflows.list()
    assert anew.id != workflow.id
