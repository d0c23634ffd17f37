"""Journey 1: a sentence becomes a preview, a workflow, a durable run; alike in every face."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import main
from engine.workflow.run import RunState
from tests.journeys.doors import DOORS, Door, containing, house_with, see
from tests.shared_data import shared

SENTENCE = "when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"
STRUCTURED = (
    '/flow create release on github.pull_request_merged do trello.create_card board=Release title="{{event.title}}" '
    'then chat.post_message channel=#releases text="{{event.title}} is merged"'
)
SECRET = "the-webhook-secret-of-tests"


def merged_pull_request() -> dict[str, Any]:
    """The real payload of a closed pull request's kind, as GitHub sends it when it is merged."""
    payloads = json.loads(shared("data/webhooks/github.json").read_text())["pull_request"]
    payload: dict[str, Any] = json.loads(json.dumps(payloads[0]))
    payload["action"] = "closed"
    payload["pull_request"] |= {"state": "closed", "merged": True, "merged_by": payload["sender"]}
    return payload


async def deliver(app: main.App, payload: dict[str, Any], delivery: str = "d-1", secret: str = SECRET, event: str = "pull_request") -> int:
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }
    async with aiohttp.ClientSession() as http, http.post(f"{app.server.url}/api/v2/hooks/github/default", data=body, headers=headers) as answer:
        return answer.status


async def confirmed(app: main.App, door: Door, words: str = SENTENCE) -> str:
    """The id of the workflow that comes of saying so and pressing Confirm."""
    await door.say(words)
    preview = await see(door, containing("github", "trello", button="Confirm"))
    await door.press(preview, "Confirm", user="ben")
    settled = await see(door, containing("Confirmed", "ben", no_button="Confirm"), what="the preview, settled")
    assert settled.id == preview.id, "the preview was edited in place, not posted again"
    (workflow,) = await app.store.workflows.list()
    return workflow.id


@pytest.mark.parametrize(("door", "words"), [*((door, SENTENCE) for door in DOORS), ("rest", STRUCTURED)], ids=[*DOORS, "structured"])
async def test_an_order_is_previewed_confirmed_run_by_a_signed_webhook_and_can_be_asked_for(door: str, words: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path, GITHUB_WEBHOOK_SECRET=SECRET) as (app, hall):
        await hall.say(words)
        preview = await see(hall, containing("github", "pull request merged", "trello", "sandbox", "Release", button="Confirm"))
        assert [label.split()[0] for label in preview.buttons][:3] == ["Confirm", "Edit", "Cancel"]
        assert await app.store.workflows.list() == [], "nothing is stored before Confirm"
        await hall.press(preview, "Confirm", user="ben")
        await see(hall, containing("Confirmed", "ben", no_button="Confirm"))
        (workflow,) = await app.store.workflows.list()
        assert (workflow.version, [step.action for step in workflow.definition.steps]) == (1, ["trello.create_card", "chat.post_message"])

        assert await deliver(app, merged_pull_request(), secret="wrong") == 403
        assert await deliver(app, merged_pull_request()) in (200, 202)
        assert await deliver(app, merged_pull_request()) in (200, 202), "a repeated delivery is taken, and starts nothing"
        title = merged_pull_request()["pull_request"]["title"]
        await see(hall, containing(title), channel="#releases", what="the message in #releases")
        card = await see(hall, containing("done", "create card", "post message", "sandbox", workflow.name, no_button="Cancel"))
        runs = await app.store.runs.list(workflow=workflow.id)
        assert [run.state for run in runs] == [RunState.SUCCEEDED]
        assert sum(workflow.name in seen.words and "create card" in seen.words and "run_" in seen.words for seen in hall.public("#ops")) == 1
        assert card.buttons == ()

        await hall.say(f"/flow history {workflow.name}")
        await see(hall, containing(workflow.name, "done"), private="ana")
        await hall.say(f"/flow show {workflow.name}")
        await see(hall, containing(workflow.name, "active", "trello", button="Run"), private="ana")
        await hall.say("how did the release flow go?")
        await see(hall, containing("last run is done"), private="ana")


@pytest.mark.parametrize("door", DOORS)
async def test_a_second_press_and_a_stale_one_change_nothing_and_are_answered_privately(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await hall.say(STRUCTURED)
        preview = await see(hall, containing("trello", button="Confirm"))
        stale = json.loads(json.dumps(preview.raw)) if door == "rest" else None
        await hall.press(preview, "Cancel", user="ben")
        await see(hall, containing("Cancelled", no_button="Confirm"))
        if stale is not None:
            await hall.press(preview, "Confirm", user="ana")
            await see(hall, containing("already cancelled", "ben"), private="ana")
        assert await app.store.workflows.list() == []


async def test_an_edit_shows_its_faults_with_their_lines_and_then_the_changed_preview(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, hall):
        await hall.say(STRUCTURED)
        preview = await see(hall, containing("trello", button="Edit"))
        bad = "name: release\ntrigger:\n  type: manual\nsteps:\n  - action: trello.create_crad\n    with: {board: Release, title: x}\n"
        await hall.fill(preview, "Edit", {"definition": bad})
        await see(hall, containing("line 5", "did you mean", "create_card"), private="ben")
        await hall.fill(preview, "Edit", {"definition": bad.replace("crad", "card")})
        changed = await see(hall, containing("by hand", button="Confirm"))
        assert changed.id == preview.id
        await hall.press(changed, "Confirm")
        await see(hall, containing("Confirmed", no_button="Confirm"))
        (workflow,) = await app.store.workflows.list()
        assert workflow.definition.trigger.type == "manual"


async def asked_for_inputs(hall: Any, workflow: str) -> str:
    """What a person is asked for who runs ``workflow`` without its inputs, in words."""
    if hall.name == "discord":
        return str((await hall.fake.slash(f"flow run workflow:{workflow}", "ana")).modal)
    await hall.say(f"/flow run {workflow}")
    if hall.name == "slack":
        return str((await hall.fake.modal("ana")).content["blocks"])
    return (await see(hall, containing("who", "It needs"), private="ana")).words


@pytest.mark.parametrize("door", DOORS)
async def test_a_workflow_is_listed_run_with_inputs_paused_resumed_exported_imported_and_deleted(door: str, tmp_path: Path) -> None:
    text = (
        "name: greet\ntrigger:\n  type: manual\n  inputs:\n    - {name: who, required: true}\nsteps:\n"
        "  - action: chat.post_message\n    with: {channel: '#releases', text: 'hello {{inputs.who}}'}\n"
    )
    async with house_with(door, tmp_path) as (app, hall):
        if door == "discord":  # an option of a Discord command is one line
            text = '{"name": "greet", "trigger": {"type": "manual", "inputs": [{"name": "who", "required": true}]}, "steps": [{"action": "chat.post_message", "with": {"channel": "#releases", "text": "hello {{inputs.who}}"}}]}'
        await hall.say(f"/flow import {text}")
        await hall.press(await see(hall, containing("greet", button="Confirm")), "Confirm")
        await see(hall, containing("greet", "Confirmed"))
        await hall.say("/flow list")
        await see(hall, containing("greet", "active"), private="ana")
        assert "who" in await asked_for_inputs(hall, "greet"), "the input that is missing, named: on Slack and Discord in a form that opens at once"
        await hall.say("/flow run greet who=world")
        await see(hall, containing("hello world"), channel="#releases")
        await see(hall, containing("greet", "done", "post message"))
        await hall.say("/flow pause greet until monday")
        await see(hall, containing("Paused", "greet"), private="ana") if door == "rest" else await see(hall, containing("Paused", "greet"))
        await hall.say("/flow resume greet")
        await hall.say("/flow export greet")
        await see(hall, containing("hello {{inputs.who}}"), private="ana")
        await hall.say("/flow delete greet")
        question = await see(hall, containing("Delete", "greet", button="Confirm"))
        assert len(await app.store.workflows.list()) == 1, "it asks first"
        await hall.press(question, "Confirm")
        await see(hall, lambda seen: seen.id == question.id and not seen.buttons)
        assert await app.store.workflows.list() == []
        verbs = [row.verb for row in await app.store.audit.list()]
        assert verbs[::-1] == ["create_workflow", "run_workflow", "pause_workflow", "resume_workflow", "delete_workflow"]


async def test_what_waits_for_an_event_can_be_tried_by_hand_with_an_example_while_only_the_sandbox_is_touched(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, hall):
        workflow = await confirmed(app, hall, STRUCTURED)
        await hall.say("/flow run release")
        await see(hall, containing("release", "done", "Speed up the login is merged", no_button="Cancel"))
        assert [run.state for run in await app.store.runs.list(workflow=workflow)] == [RunState.SUCCEEDED]
    async with house_with("rest", tmp_path, TRELLO_KEY="k", TRELLO_TOKEN="t", TRELLO_URL="http://127.0.0.1:9/1") as (app, hall):
        await hall.say("/flow run release")
        await see(hall, containing("It needs", "title", "/flow run release title="), private="ana")
        assert len(await app.store.runs.list(workflow=workflow)) == 1, "an example never reaches a live account"


async def test_a_fresh_house_lists_no_workflows_and_offers_templates(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (_, hall):
        await hall.say("/flow list")
        await see(hall, containing("No workflows yet"), private="ana")
        await hall.say("/flow templates")
        await see(hall, containing("Release board"), private="ana")


async def test_after_a_restart_old_buttons_work_and_nothing_is_posted_twice(tmp_path: Path) -> None:
    from tests.peers.slack.fake import FakeSlack

    async with FakeSlack() as fake:
        from engine.settings import read_settings
        from tests.journeys.doors import SlackDoor

        settings = read_settings({"SIGNALBOX_DATA": str(tmp_path), "SIGNALBOX_PORT": "0", **fake.settings})
        hall = SlackDoor(fake)
        async with await main.build(settings):
            await hall.say(STRUCTURED)
            preview = await see(hall, containing("trello", button="Confirm"))
        async with await main.build(settings) as app:
            await hall.press(preview, "Confirm")
            settled = await see(hall, containing("Confirmed", no_button="Confirm"))
            assert settled.id == preview.id
            assert len(await app.store.workflows.list()) == 1
            assert len([m for m in hall.public("#ops") if re.search("(?i)trello", m.words)]) == 1
