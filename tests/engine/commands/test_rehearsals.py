"""Rehearse and replay, as people ask for them: stored workflows, previews before Confirm, changes held against the last days."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.command import Outcome, PreviewShown, RehearsedShown, ReplayedShown
from engine.commands.rehearsing import NEW
from engine.errors import Forbidden, Invalid, NotFound, Rejected
from engine.events import Handled, Happening, Received, WorkflowSaved
from engine.rehearsal.story import End, What
from engine.rehearsal.wish import FaultWish
from engine.runtime.deliveries import key_of, write
from engine.runtime.rehearsal.rehearser import Rehearser
from engine.workflow.definition import Workflow
from engine.workflow.parse import parse_definition
from tests.engine.commands.hall import ADA, BOB, MANUAL, NIGHTLY, RELEASE, Hall
from tests.engine.runtime.rehearsal.house import SHELF, means


@pytest.fixture
async def hall() -> AsyncIterator[Hall]:
    async with Hall() as hall:
        stage = Rehearser(means(), store=hall.store, clock=hall.clock, connections=SHELF, timezone="UTC")
        hall.house = replace(hall.house, rehearsals=stage)
        yield hall


def shown(outcome: Outcome) -> RehearsedShown:
    assert isinstance(outcome.result, RehearsedShown)
    return outcome.result


async def test_without_a_word_it_is_tried_once_as_it_should_go_and_often_with_random_faults(hall: Hall) -> None:
    flow = await hall.stored()
    result = shown(await hall.ask("rehearse_workflow", workflow="Release"))
    assert (result.rehearsed.name, result.rehearsed.version, result.rehearsed.good) == (flow.name, 1, True)
    assert result.chaos is not None
    assert (len(result.chaos.trials), result.chaos.faults) == (20, (FaultWish("", "random", 0.25),))
    assert result.again == f"/flow rehearse Release every service random in 25% of the calls, 20 times, seed {result.chaos.seed}"


async def test_what_is_shown_to_be_typed_again_gives_the_same_once_more(hall: Hall) -> None:
    await hall.stored()
    first = shown(await hall.ask("rehearse_workflow", workflow="Release", words="trello random 60%, 15 times"))
    words = first.again.removeprefix("/flow rehearse Release ")
    again = shown(await hall.ask("rehearse_workflow", workflow="Release", words=words))
    assert again.rehearsed.faults == first.rehearsed.faults
    assert [(trial.end, trial.asks, trial.seconds) for trial in again.rehearsed.trials] == [
        (trial.end, trial.asks, trial.seconds) for trial in first.rehearsed.trials
    ]


async def test_faults_that_are_named_are_the_only_ones(hall: Hall) -> None:
    await hall.stored()
    result = shown(await hall.ask("rehearse_workflow", workflow="Release", words="with trello down"))
    assert (result.chaos, result.rehearsed.trials[0].end) == (None, End.FAILED)
    by_machine = shown(await hall.ask("rehearse_workflow", workflow="Release", faults=[{"service": "trello", "kind": "down"}]))
    assert by_machine.rehearsed.summary() == result.rehearsed.summary()


async def test_values_are_fields_of_the_event_or_inputs_of_a_workflow_by_hand(hall: Hall) -> None:
    await hall.stored()
    await hall.stored(MANUAL)
    by_event = shown(await hall.ask("rehearse_workflow", workflow="Release", inputs={"title": "Said"}))
    assert (by_event.rehearsed.event["title"], by_event.rehearsed.example) == ("Said", False)
    by_hand = shown(await hall.ask("rehearse_workflow", workflow="Deploy", inputs={"version": "9"}))
    (asked,) = [line for line in by_hand.rehearsed.telling.lines if line.what is What.ASKED]
    assert asked.arguments["title"] == "Ship 9"
    assert "version=9" in by_hand.again


async def test_a_paused_workflow_can_be_rehearsed_and_nothing_of_the_house_changes(hall: Hall) -> None:
    flow = await hall.stored()
    await hall.ask("pause_workflow", workflow="Release")
    written: list[Any] = []
    hall.store.ledger.listen(written.extend)
    assert shown(await hall.ask("rehearse_workflow", workflow="Release")).rehearsed.good
    assert written == []
    assert hall.world.asked == []
    assert await hall.store.runs.list(workflow=flow.id) == []


async def test_a_preview_is_rehearsed_before_anybody_confirms_it(hall: Hall) -> None:
    preview = (await hall.ask("create_workflow", workflow=RELEASE)).result
    assert isinstance(preview, PreviewShown)
    result = shown(await hall.press(preview.draft.id, "rehearse", preview.draft.revision))
    assert (result.rehearsed.workflow, result.rehearsed.name, result.again) == (NEW, "Release", "")
    assert await hall.store.workflows.list() == []


async def test_a_definition_that_is_not_stored_is_checked_as_always(hall: Hall) -> None:
    assert shown(await hall.ask("rehearse_workflow", definition=RELEASE)).rehearsed.good
    with pytest.raises(Invalid, match="create_crad"):
        await hall.ask("rehearse_workflow", definition={**RELEASE, "steps": [{"action": "trello.create_crad", "with": {}}]})
    with pytest.raises(Rejected, match="Say which workflow"):
        await hall.ask("rehearse_workflow")


async def test_what_cannot_be_rehearsed_is_refused_in_words(hall: Hall) -> None:
    await hall.stored()
    with pytest.raises(NotFound):
        await hall.ask("rehearse_workflow", workflow="nowhere")
    with pytest.raises(Rejected, match="“jra” is nothing that a rehearsal knows"):
        await hall.ask("rehearse_workflow", workflow="Release", words="jra down")
    with pytest.raises(Invalid, match="between 1 and 100"):
        await hall.ask("rehearse_workflow", workflow="Release", words="500 times")
    with pytest.raises(Invalid, match="yes, no or nobody"):
        await hall.ask("rehearse_workflow", workflow="Release", approvals="perhaps")
    with pytest.raises(Invalid, match="A fault could not be read"):
        await hall.ask("rehearse_workflow", workflow="Release", faults=[{"service": "trello"}])
    hall.house = replace(hall.house, rehearsals=None)
    with pytest.raises(Rejected, match="no stage"):
        await hall.ask("rehearse_workflow", workflow="Release")


async def test_it_needs_an_operator(hall: Hall) -> None:
    await hall.stored()
    await hall.admin(ADA)
    with pytest.raises(Forbidden):
        await hall.ask("rehearse_workflow", workflow="Release", actor=BOB)


# --- replay -------------------------------------------------------------------------------------------------------------


async def merged(hall: Hall, hours_ago: float, **data: Any) -> None:
    at = hall.clock.now() - timedelta(hours=hours_ago)
    happening = Happening(f"d{hours_ago}", "github", "pull_request_merged", at, data)
    await hall.store.ledger.record(Received(key_of(happening), at, write([happening])), Handled(key_of(happening)))


async def changed(hall: Hall, flow: Workflow, **more: Any) -> Workflow:
    definition = parse_definition({"home": "slack", **RELEASE, **more}, hall.house.catalogue)
    new = replace(flow, definition=definition, version=flow.version + 1, revision=flow.revision + 1)
    await hall.store.ledger.record(WorkflowSaved(new))
    return new


def replayed(outcome: Outcome) -> ReplayedShown:
    assert isinstance(outcome.result, ReplayedShown)
    return outcome.result


async def test_the_newest_version_is_held_against_the_one_before_or_any_other(hall: Hall) -> None:
    await merged(hall, 1, base="main", title="A")
    await merged(hall, 2, base="dev", title="B")
    flow = await changed(hall, await hall.stored(), when="event.base == 'main'")
    await changed(hall, flow, when="event.base == 'dev'")
    result = replayed(await hall.ask("replay_workflow", workflow="Release")).replayed
    assert (result.old, result.new, sorted(row.kind for row in result.rows)) == (2, 3, ["newly", "no_more"])
    other = replayed(await hall.ask("replay_workflow", workflow="Release", version=1)).replayed
    assert (other.old, [row.kind for row in other.rows]) == (1, ["same", "no_more"])
    with pytest.raises(Rejected, match="has no version 9"):
        await hall.ask("replay_workflow", workflow="Release", version=9)


async def test_a_change_is_replayed_before_anybody_confirms_it(hall: Hall) -> None:
    await merged(hall, 1, title="A")
    await hall.stored()
    text = {
        **RELEASE,
        "steps": [*RELEASE["steps"][:1], {"action": "chat.post_message", "with": {"channel": "#releases", "text": "Out: {{event.title}}"}}],
    }
    preview = (await hall.ask("edit_workflow", workflow="Release", change=text)).result
    assert isinstance(preview, PreviewShown)
    result = replayed(await hall.press(preview.draft.id, "replay", preview.draft.revision)).replayed
    assert (result.old, result.new) == (1, 2)
    ((change,),) = [row.changes for row in result.rows]
    assert (change.argument, change.was, change.now) == ("text", "Merged", "Out: A")


async def test_only_so_far_back_is_looked_as_was_asked_for(hall: Hall) -> None:
    await merged(hall, 1, title="A")
    await merged(hall, 50, title="B")
    await hall.stored()
    assert len(replayed(await hall.ask("replay_workflow", workflow="Release")).replayed.rows) == 2
    assert len(replayed(await hall.ask("replay_workflow", workflow="Release", window="P1D")).replayed.rows) == 1
    with pytest.raises(Invalid, match="30 days"):
        await hall.ask("replay_workflow", workflow="Release", window="P90D")


async def test_a_schedule_is_replayed_by_its_fires_and_a_workflow_by_hand_is_not(hall: Hall) -> None:
    await hall.stored(NIGHTLY)
    await hall.stored(MANUAL)
    assert replayed(await hall.ask("replay_workflow", workflow="Nightly report")).replayed.unit == "fire"
    with pytest.raises(Rejected, match=r"is run by hand.*/flow rehearse Deploy"):
        await hall.ask("replay_workflow", workflow="Deploy")
