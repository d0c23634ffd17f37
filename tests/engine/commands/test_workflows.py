"""Pause, resume, list, schedule, impact, services and reports, as people ask for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.commands.command import AnalyticsShown, Done, HealthShown, HelpShown, ImpactShown, Outcome, TemplatesShown, WorkflowsShown
from engine.commands.registry import commands
from engine.commands.reports import Reports
from engine.errors import Conflict, NotFound, Rejected
from engine.events import SamplesTaken
from engine.monitoring.sample import Outcome as Measured
from engine.monitoring.sample import Sample, Source
from engine.ports import Call
from engine.workflow.definition import WorkflowState
from tests.engine.commands.hall import ADA, BOB, MANUAL, NIGHTLY, RELEASE, Hall


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Done)
    return outcome.result.text


# --- pause and resume -------------------------------------------------------------------------------------------------------


async def test_a_pause_is_public_names_who_and_says_how_to_end_it(hall: Hall) -> None:
    workflow = await hall.stored(NIGHTLY)
    outcome = await hall.ask("pause_workflow", workflow="Nightly", until="2026-03-09T00:00:00+01:00")
    assert outcome.public
    assert text(outcome).splitlines() == [
        "Ada paused “Nightly report” until Monday 2026-03-09 00:00 CET.",
        "To let it go on: /flow resume Nightly report",
    ]
    now = await hall.store.workflows.get(workflow.id)
    assert now is not None
    assert (now.state, now.paused_until, now.version) == (WorkflowState.PAUSED, datetime(2026, 3, 8, 23, tzinfo=UTC), 1)
    assert workflow.id not in await hall.store.schedules.all()


async def test_a_pause_until_what_is_past_is_refused_in_the_askers_own_time(hall: Hall) -> None:
    workflow = await hall.stored()
    with pytest.raises(Rejected, match="Wednesday 2026-03-04 12:30 CET is past already, so nothing was paused"):
        await hall.ask("pause_workflow", workflow="Release", until="2026-03-04T11:30:00Z")
    assert await hall.store.workflows.get(workflow.id) == workflow
    assert await hall.audited() == []


async def test_a_time_without_an_offset_is_the_askers_own(hall: Hall) -> None:
    await hall.stored()
    said = text(await hall.ask("pause_workflow", workflow="Release", until="2026-03-04T13:30:00"))
    assert "13:30 CET" in said
    with pytest.raises(Rejected, match="past already"):
        await hall.ask("pause_workflow", actor=BOB, workflow="Release", until="2026-03-04T11:59:00")


async def test_pausing_what_is_paused_changes_nothing(hall: Hall) -> None:
    await hall.stored()
    await hall.ask("pause_workflow", workflow="Release")
    assert text(await hall.ask("pause_workflow", workflow="Release")) == "“Release” is paused already."
    assert len(await hall.audited()) == 1


async def test_resume_sets_the_next_fire(hall: Hall) -> None:
    workflow = await hall.stored(NIGHTLY)
    await hall.ask("pause_workflow", workflow="Nightly")
    said = text(await hall.ask("resume_workflow", workflow="Nightly"))
    assert said == "Ada let “Nightly report” go on. It fires next Thursday 2026-03-05 10:00 CET."
    assert (await hall.store.schedules.all())[workflow.id] == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert text(await hall.ask("resume_workflow", workflow="Nightly")) == "“Nightly report” is not paused; nothing to do."


@pytest.mark.parametrize("verb", ["pause", "delete", "edit"])
async def test_a_press_on_a_stale_card_changes_nothing(hall: Hall, verb: str) -> None:
    workflow = await hall.stored()
    await hall.ask("pause_workflow", workflow="Release")
    await hall.ask("resume_workflow", workflow="Release")
    with pytest.raises(Conflict, match="has changed since this card was drawn"):
        await hall.press(workflow.id, verb, 1, form={"definition": "name: x\nsteps: []"})
    assert await hall.store.postings.due(hall.clock.now()) == []


# --- lists ------------------------------------------------------------------------------------------------------------------


async def listed(hall: Hall, **asked: Any) -> list[str]:
    result = (await hall.ask("list_workflows", **asked)).result
    assert isinstance(result, WorkflowsShown)
    return [workflow.name for workflow, _, _ in result.rows]


async def test_the_list_narrows_by_service_and_state(hall: Hall) -> None:
    assert await listed(hall) == []
    for raw in (RELEASE, NIGHTLY, MANUAL):
        await hall.stored(raw)
    await hall.stored({**RELEASE, "name": "Either", "trigger": {"type": "cross_service", "any": ["github.push", "asana.task_created"]}})
    await hall.ask("pause_workflow", workflow="Deploy")
    assert await listed(hall) == ["Deploy", "Either", "Nightly report", "Release"]
    assert await listed(hall, service="GitHub") == ["Either", "Release"]
    assert await listed(hall, service="asana") == ["Either"]
    assert await listed(hall, state="Paused") == ["Deploy"]
    assert await listed(hall, state="active", service="trello") == ["Either", "Release"]


@pytest.mark.parametrize("asked", [{"state": "sleeping"}, {"service": "trelo"}])
async def test_a_filter_that_means_nothing_is_refused(hall: Hall, asked: dict) -> None:
    with pytest.raises(Rejected, match=r"is no state of a workflow|Did you mean “Trello”"):
        await hall.ask("list_workflows", **asked)


async def test_the_schedule_lists_what_fires_first_first(hall: Hall) -> None:
    await hall.stored(NIGHTLY)
    await hall.stored({**NIGHTLY, "name": "Hourly", "trigger": {"type": "scheduled", "cron": "0 * * * *"}})
    await hall.stored(RELEASE)
    result = (await hall.ask("show_schedule")).result
    assert isinstance(result, WorkflowsShown)
    assert [(flow.name, due.hour if due else None) for flow, _, due in result.rows] == [("Hourly", 13), ("Nightly report", 9)]
    soon = (await hall.ask("show_schedule", window="PT2H")).result
    assert isinstance(soon, WorkflowsShown)
    assert ([flow.name for flow, _, _ in soon.rows], soon.filter) == (["Hourly"], "the next 2 hours")


# --- impact and services --------------------------------------------------------------------------------------------------


async def test_impact_names_what_stops_and_whose_it_is(hall: Hall) -> None:
    await hall.stored(RELEASE)
    await hall.stored({**MANUAL, "options": {"fallback": {"trello": "asana"}}}, created_by="slack:U404")
    await hall.ask("pause_workflow", workflow="Deploy")
    await hall.ask("resume_workflow", workflow="Deploy")
    result = (await hall.ask("show_impact", service="Trello")).result
    assert isinstance(result, ImpactShown)
    assert {flow.name: flow.survives_by for flow in result.impact.workflows} == {"Release": "", "Deploy": "asana"}
    assert (result.impact.people, result.people) == ((ADA.id,), ("Ada",))
    assert result.drawing["focus"] == "trello"


async def test_impact_of_nobody_known_by_name_says_where_they_are(hall: Hall) -> None:
    await hall.stored(RELEASE, created_by="discord:7")
    result = (await hall.ask("show_impact", service="trello")).result
    assert isinstance(result, ImpactShown)
    assert result.people == ("somebody on Discord",)


@pytest.mark.parametrize("service", ["trelo", "Jira Cloud 9000", ""])
async def test_impact_of_what_nobody_knows_is_a_sentence(hall: Hall, service: str) -> None:
    with pytest.raises(Rejected, match=r"no service|Say which service"):
        await hall.ask("show_impact", service=service)



async def test_connect_says_what_is_missing(hall: Hall) -> None:
    said = text(await hall.ask("connect_service", service="Trello"))
    assert said.splitlines()[:2] == ["Connecting Trello", "Trello: sandbox. Set its token."]
    assert "never into a chat" in said
    assert "GitHub: live. Nothing is missing." in text(await hall.ask("connect_service"))
    with pytest.raises(NotFound, match="Jira has no connector in this version"):
        await hall.ask("connect_service", service="jira")


async def test_health_of_what_is_not_connected_says_so(hall: Hall) -> None:
    now = hall.clock.now()
    good = Sample("github", "default", now, Source.PROBE, Measured.OK, 0.2)
    await hall.store.ledger.record(SamplesTaken((good,) * 3))
    result = (await hall.ask("health_report")).result
    assert isinstance(result, HealthShown)
    assert {one.service: one.status.value for one in result.services} == {"github": "healthy", "trello": "unknown"}
    with pytest.raises(NotFound, match="Asana is not connected or not probed"):
        await hall.ask("health_report", service="Asana")


# --- help ---------------------------------------------------------------------------------------------------------------------


async def test_help_shows_every_command_people_can_say(hall: Hall) -> None:
    result = (await hall.ask("help")).result
    assert isinstance(result, HelpShown)
    assert {row[0] for row in result.rows if row[0]} == {command.SLASH for command in commands().values() if command.SLASH}


async def test_help_on_a_topic_and_on_one_there_is_not(hall: Hall) -> None:
    some = (await hall.ask("help", topic="/flow pause")).result
    none = (await hall.ask("help", topic="juggling")).result
    templates = (await hall.ask("help", topic="templates")).result
    assert isinstance(some, HelpShown)
    assert isinstance(none, HelpShown)
    assert isinstance(templates, HelpShown)
    assert (some.found, {row[0] for row in some.rows} >= {"/flow pause"}, len(some.rows) < 5) == (True, True, True)
    assert (none.found, len(none.rows) > 15) == (False, True)
    assert {row[0] for row in templates.rows} >= {"/flow templates"}
    assert isinstance((await hall.ask("list_templates")).result, TemplatesShown)


# --- reports for workflows ----------------------------------------------------------------------------------------------------


async def report(hall: Hall, operation: str, **arguments: Any) -> dict[str, Any]:
    made = await Reports(lambda: hall.house).providers()[operation](
        Call(service="signalbox", operation=operation, arguments=arguments, key=f"k {operation}", run="run_p", workflow="wf_p")
    )
    assert isinstance(made, dict)
    return made


async def test_reports_are_text_and_numbers(hall: Hall) -> None:
    await hall.alerted("github")
    await hall.stored(RELEASE)
    health = await report(hall, "health_report")
    assert health["text"].startswith("Health: 0 of 0 services healthy, 1 open alert, stable.")
    assert (await report(hall, "alert_digest", service="GitHub"))["count"] == 1
    assert (await report(hall, "alert_digest", severity="low"))["text"] == "No open alerts."
    assert (await report(hall, "impact_report", service="trello"))["workflows"] == ["Release"]
    assert (await report(hall, "workflow_analytics", window="P1D"))["text"].splitlines() == ["The last day", "No runs."]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("alert_digest", {"severity": "urgent"}), ("alert_digest", {"service": "x"}), ("impact_report", {})],
)
async def test_a_report_that_cannot_be_made_fails_its_step_in_words(hall: Hall, operation: str, arguments: dict) -> None:
    with pytest.raises(Rejected):
        await report(hall, operation, **arguments)


async def test_analytics_count_what_ran(hall: Hall) -> None:
    workflow = await hall.stored(NIGHTLY)
    for number in range(3):
        await hall.runner.start(workflow, by="schedule", run_id=f"run_{number}")
    await hall.finished()
    shown = (await hall.ask("workflow_analytics", window="P1D")).result
    assert isinstance(shown, AnalyticsShown)
    assert [(row.flow.name, row.figures.total, row.figures.succeeded) for row in shown.report.rows] == [("Nightly report", 3, 3)]
    told = await report(hall, "workflow_analytics", workflow="Nightly report", window="24h")
    assert told["text"].splitlines()[:2] == ["The last day", "“Nightly report”: 3 runs, 100 % of 3 succeeded, half within 0 s."]
    assert (told["total"], told["success_rate"]) == (3, 1.0)
