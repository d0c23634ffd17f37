"""Every service of the mission, from chat: one sentence as people type it, a preview, Confirm, and it is done in the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

import main
from engine.workflow.run import RunRecord, RunState
from tests.journeys.doors import Door, house_with

FILE = ("report.csv", b"service,score\ngithub,99\n")
# what is typed → the action that is done, and what it is told. Files: “this” is one that was attached to the words.
ORDERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("create a jira issue in OPS titled disk full", "jira.create_issue", {"project": "OPS", "title": "disk full"}),
    ("upload this to dropbox /reports", "dropbox.upload_file", {"folder": "/reports"}),
    ('post "the build is green" in #ops on slack', "slack.post_message", {"channel": "#ops", "text": "the build is green"}),
    ("post the deploy is done in #general on discord", "discord.post_message", {"text": "the deploy is done", "channel": "#general"}),
    ("send a teams message to General in Ops saying standup in 5 minutes", "teams.post_message", {"channel": "General", "team": "Ops"}),
    (
        "post the release is out in the Ops space in google chat",
        "google_chat.post_message",
        {"text": "the release is out", "channel": "Ops"},
    ),
    ("create an asana task Write release notes in Website", "asana.create_task", {"title": "Write release notes", "project": "Website"}),
    ("create a trello card Fix login on the Release board", "trello.create_card", {"title": "Fix login", "board": "Release"}),
    ("move the trello card Fix login to Done", "trello.move_card", {"card": "Fix login", "list": "Done"}),
    ("create a notion page titled Retro in the Meetings database", "notion.create_page", {"title": "Retro", "database": "Meetings"}),
    ("add an item Order laptops to the monday board Hiring", "monday.create_item", {"title": "Order laptops", "board": "Hiring"}),
    ("create a google calendar event Release review tomorrow at 15:00", "google_calendar.create_event", {"title": "Release review"}),
    ("upload this file to the google drive folder Reports", "google_drive.upload_file", {"folder": "Reports"}),
    ("upload this to onedrive /reports", "onedrive.upload_file", {"folder": "/reports"}),
    ("upload the attached file to the box folder Reports", "box.upload_file", {"folder": "Reports"}),
    (
        "create a salesforce lead Ada Lovelace at Acme",
        "salesforce.create_record",
        {"object": "Lead", "name": "Ada Lovelace", "company": "Acme"},
    ),
    ("create a hubspot contact ada@example.com", "hubspot.create_contact", {"email": "ada@example.com"}),
    ("create a zendesk ticket Cannot log in for ada@example.com", "zendesk.create_ticket", {"title": "Cannot log in"}),
    ("create a github issue in acme/web titled disk full", "github.create_issue", {"repo": "acme/web", "title": "disk full"}),
    ("merge pull request acme/web#21", "github.merge_pull_request", {"repo": "acme/web", "pull_request": 21}),
    ("start the deploy workflow in acme/web on main", "github.dispatch_workflow", {"workflow": "deploy", "branch": "main"}),
    ("create a gitlab issue in acme/web titled disk full", "gitlab.create_issue", {"title": "disk full"}),
    ("create a stripe customer ada@example.com", "stripe.create_customer", {"email": "ada@example.com"}),
    ("create a quickbooks customer Acme", "quickbooks.create_customer", {"name": "Acme"}),
    ("run a google analytics report on sessions for the last 7 days", "google_analytics.run_report", {"metric": "sessions"}),
    ("track a mixpanel event signup for user 42", "mixpanel.track_event", {"event": "signup"}),
    ("send an email to ada@example.com saying the report is ready", "email.send_email", {"to": "ada@example.com"}),
    ("call https://example.com/hook", "http.request", {"url": "https://example.com/hook"}),
    ("tell #ops that the build is green", "chat.post_message", {"channel": "#ops"}),
    ("post the health report in #ops", "signalbox.health_report", {}),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[main.App, Door]]:
    """One house for all of them: that is how people use it, and it costs the least."""
    async with house_with("rest", tmp_path_factory.mktemp("every"), SIGNALBOX_SANDBOX="all") as pair:
        yield pair


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("words", "action", "told"), ORDERS, ids=[action for _, action, _ in ORDERS])
async def test_a_sentence_is_previewed_confirmed_and_done(
    words: str, action: str, told: dict[str, Any], hall: tuple[main.App, Door]
) -> None:
    app, door = hall
    if action.partition(".")[0] not in {account.service for account in app.shelf.accounts()}:
        pytest.skip("its connector is not on the shelf")
    kept = [await app.store.files.keep(*FILE)] if "upload" in words else []
    before = {workflow.id for workflow in await app.store.workflows.list()}
    await door.say(words, files=[file.id for file in kept])  # type: ignore[call-arg]
    preview = door.private("ana")[-1]
    assert any(label.startswith("Confirm") for label in preview.buttons), preview.words
    await door.press(preview, "Confirm")
    (workflow,) = [flow for flow in await app.store.workflows.list() if flow.id not in before]
    step = next(step for step in workflow.definition.steps if step.action == action)
    assert {name: step.arguments.get(name) for name in told} == told
    assert not kept or step.arguments["file"] == {"id": kept[0].id, "name": "report.csv"}
    run = await ended(app, workflow.id)
    assert run.state is RunState.SUCCEEDED, run.error
    assert f"{kept[0].name}" in str(await app.store.runs.facts(run.id)) if kept else True


async def ended(app: main.App, workflow: str) -> RunRecord:
    for _ in range(500):
        found = await app.store.runs.list(workflow=workflow)
        if found and found[0].state not in (RunState.RUNNING, RunState.WAITING):
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError(f"still under way, or never begun: {found}")
