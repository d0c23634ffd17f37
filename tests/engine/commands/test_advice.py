"""Recommendations from the first look to the measured gain: found, tried, applied, undone, dismissed, allowed."""

from __future__ import annotations

import pytest

from engine.commands.advice_shown import AdviceRow, AdviceShown
from engine.commands.advising import card_id
from engine.errors import Conflict, Forbidden, Rejected, Transient
from engine.parties import Actor, Role
from engine.runtime.adviser import Adviser
from engine.workflow.definition import Workflow
from tests.engine.commands.hall import ADA, BOB, Hall

CLEO = Actor("slack", "U3", "Cleo")

FLAKY = {
    "name": "Flaky",
    "trigger": {"type": "manual"},
    "steps": [{"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "x"}, "retries": 0}],
}


async def flaky(hall: Hall, runs: int = 10, raw: dict | None = None) -> Workflow:
    """Every second run meets passing trouble."""
    flow = await hall.stored(raw or FLAKY)
    await ran(hall, runs, every=2)
    return flow


async def ran(hall: Hall, runs: int, *, every: int) -> None:
    for number in range(runs):
        hurt = every and number % every
        hall.world.answers["trello.create_card"] = Transient("The board is busy.") if hurt else {"id": "1"}
        await hall.ask("run_workflow", workflow="flaky")
        await hall.finished()
        await hall.clock.pass_(60)


async def recommended(hall: Hall) -> tuple[AdviceShown, AdviceRow]:
    result = (await hall.ask("optimize_workflow", workflow="flaky")).result
    assert isinstance(result, AdviceShown)
    return result, next(row for row in result.rows if "tried" in row.title)


async def test_passing_trouble_is_answered_with_retries_their_runs_and_an_interval(hall: Hall) -> None:
    await flaky(hall)
    shown, row = await recommended(hall)
    assert row.title == "Let “create_card” be tried 3 times again (now not at all)"
    assert "5 of 10 runs failed" in row.because
    assert "4 of 4 times it went well" in row.because
    assert row.gain.startswith("about 50 more successes in 100 runs (")
    assert len(row.runs) == 5
    assert shown.rows[0].state == "open"


async def test_applied_it_is_a_new_version_in_the_audit_and_undo_brings_the_one_before_back(hall: Hall) -> None:
    flow = await flaky(hall)
    shown, row = await recommended(hall)
    await hall.press(shown.id, "apply", shown.revision, arg=row.id)
    applied = await hall.house.workflow("flaky")
    assert (applied.version, applied.definition.steps[0].retries) == (2, 3)
    assert (await hall.store.audit.list(subject=flow.id))[0].verb == "apply_advice"
    with pytest.raises(Conflict, match="applied by Ada"):
        await hall.press(shown.id, "apply", 0, arg=row.id)
    await hall.press(shown.id, "undo", applied.revision, arg=row.id)
    undone = await hall.house.workflow("flaky")
    assert (undone.version, undone.definition) == (3, flow.definition)


async def test_who_saw_an_older_workflow_applies_nothing(hall: Hall) -> None:
    await flaky(hall)
    shown, row = await recommended(hall)
    await hall.ask("pause_workflow", workflow="flaky")
    with pytest.raises(Conflict, match="has changed since this card was drawn"):
        await hall.press(shown.id, "apply", shown.revision, arg=row.id)


async def test_dismissed_it_comes_back_only_with_twice_the_evidence(hall: Hall) -> None:
    await flaky(hall)
    shown, row = await recommended(hall)
    await hall.press(shown.id, "no", shown.revision, arg=row.id)
    await ran(hall, 4, every=2)
    assert (await recommended(hall))[1].state == "dismissed"
    await ran(hall, 8, every=2)
    assert (await recommended(hall))[1].state == "open"


async def test_only_its_maker_or_an_admin_allows_a_kind_and_some_are_never_allowed(hall: Hall) -> None:
    await hall.stored(FLAKY)
    await hall.admin(BOB)
    await hall.admin(CLEO, Role.OPERATOR)
    await hall.admin(ADA, Role.OPERATOR)
    await hall.ask("allow_advice", kind="retry", workflow="flaky")
    with pytest.raises(Forbidden):
        await hall.ask("allow_advice", kind="retry", actor=CLEO)
    with pytest.raises(Rejected, match="without a person"):
        await hall.ask("allow_advice", kind="dead step", workflow="flaky")


def test_a_card_belongs_to_one_workflow() -> None:
    assert card_id("wf_0a1b2c3d") == "adv_0a1b2c3d"


async def test_what_was_applied_is_measured_with_its_interval_and_said_on_the_card(hall: Hall) -> None:
    await flaky(hall, 20)
    shown, row = await recommended(hall)
    await hall.press(shown.id, "apply", shown.revision, arg=row.id)
    adviser = Adviser(hall.house, wanted=10)
    await ran(hall, 9, every=0)
    await adviser.measure()
    assert (await recommended(hall))[1].state == "applied"
    await ran(hall, 1, every=0)
    await adviser.measure()
    story = (await recommended(hall))[1].story
    assert story[0] == "Applied by Ada: version 1 became version 2."
    assert story[1].startswith("Measured: 10 of 10 runs succeeded after, 10 of 20 before: clearly better, by ")


async def test_an_allowed_kind_is_applied_without_asking_and_the_audit_names_signalbox(hall: Hall) -> None:
    flow = await flaky(hall)
    adviser = Adviser(hall.house)
    await adviser.look()
    assert (await hall.house.workflow("flaky")).version == 1
    await hall.ask("allow_advice", kind="retry", workflow="flaky")
    await adviser.advise()
    assert (await hall.house.workflow("flaky")).version == 2
    assert (await hall.store.audit.list(subject=flow.id))[0].actor_name == "Signalbox"
    assert [one.subject for one in await hall.store.postings.of(card_id(flow.id))] == [card_id(flow.id)]
    assert "that kind was allowed" in (await recommended(hall))[1].story[0]
