"""Journey: what is under way is steered where people are: votes, forms, retries with other words, runs held and steps passed over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import main
from engine.workflow.run import RunRecord, RunState
from tests.journeys.doors import DOORS, PATIENCE, DiscordDoor, Door, SlackDoor, containing, house_with, see

POST = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "{{inputs.version}} is out"}}
SHIP: dict[str, Any] = {
    "name": "Ship",
    "trigger": {"type": "manual", "inputs": [{"name": "version", "required": True}, {"name": "count", "type": "integer", "default": 2}]},
    "steps": [
        {"id": "card", "action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": "Ship {{inputs.version}}"}},
        {"id": "tell", **POST},
    ],
}


def asking(**rule: Any) -> dict[str, Any]:
    return {**SHIP, "steps": [{"id": "ok", "approve": {"text": "Ship {{inputs.version}}?", **rule}}, *SHIP["steps"]]}


class Api:
    """What is asked of the house beside its faces."""

    def __init__(self, app: main.App) -> None:
        self._app = app

    async def __call__(self, method: str, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._app.api_token}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.request(method, self._app.server.url + path, json=body or None) as answer:
            said: dict[str, Any] = await answer.json()
        assert answer.status == status, said
        return said

    async def store(self, definition: dict[str, Any], door: str = "") -> str:
        place = {"slack": "slack:#ops", "discord": "discord:#ops"}.get(door, "#ops")
        created = await self("POST", "/api/v2/ai-workflows", 201, definition=definition, channel=place)
        return str(created["workflow_id"])


async def the_run(app: main.App, state: RunState) -> RunRecord:
    """Waited for: what its last step says is there before its end is written."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [one for one in await app.store.runs.list() if one.state is state]):
            await asyncio.sleep(0.02)
    (run,) = found
    return run


# --- votes ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["slack", "discord"])
async def test_two_people_approve_and_a_third_press_comes_too_late(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await Api(app).store(asking(quorum=2, expires="2h"), door)
        await run_ship(hall)
        asked = await see(hall, containing("Ship 1.4?", "any operator", "0 of 2", "A yes lets this happen", "create card", "Ship 1.4", button="Approve"))
        await hall.press(asked, "Approve", user="ana")
        half = await see(hall, containing("1 of 2", "said yes", "ana", button="Approve"))
        assert half.id == asked.id
        await hall.press(half, "Approve", user="ana")
        await see(hall, containing("answered this already"), private="ana")
        await hall.press(half, "Approve", user="ben")
        done = await see(hall, containing("Approval: Ship", "Approved", "ana, ben", no_button="Approve"))
        assert (done.id, done.buttons) == (asked.id, ())
        await see(hall, containing("1.4 is out"))
        assert (await the_run(app, RunState.SUCCEEDED)).name == "Ship"
        rows = [(row.actor_name, row.verb, row.outcome) for row in await app.store.audit.list() if row.verb.startswith("approve")]
        assert [row[1:] for row in rows].count(("approve_step", "done")) == 2


async def run_ship(hall: Door, version: str = "1.4") -> None:
    typed = f"/flow run workflow:Ship inputs:version={version}" if hall.name == "discord" else f"/flow run Ship version={version}"
    await hall.say(typed)


async def test_only_the_members_of_a_group_may_say_yes_and_a_no_says_why(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (app, hall):
        await Api(app).store(asking(by=["@ops-leads"]), "slack")
        await run_ship(hall)
        asked = await see(hall, containing("Ship 1.4?", "ops-leads", button="Decline"))
        await hall.press(asked, "Approve", user="ana")
        await see(hall, containing("You may not do that", "ops-leads"), private="ana")
        await hall.fill(asked, "Decline", {"Why": "not on a Friday"}, user="ben")
        await see(hall, containing("Declined", "ben", "not on a Friday", no_button="Approve"))
        assert (await the_run(app, RunState.CANCELLED)).name == "Ship"


async def test_a_reason_that_is_demanded_is_asked_for_in_the_form_itself(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (app, hall):
        assert isinstance(hall, SlackDoor)
        await Api(app).store(asking(reason=True), "slack")
        await run_ship(hall)
        asked = await see(hall, containing("Ship 1.4?", "with a reason", button="Approve"))
        await hall.fake.click(asked.raw, "Approve", "ben")
        refused = await hall.fake.submit(await hall.fake.modal("ben"), {"Why": " "})
        assert "say why" in str(refused.errors)
        await hall.fill(asked, "Approve", {"Why": "tested"}, user="ben")
        await see(hall, containing("Approved", "tested", no_button="Approve"))


# --- forms ---------------------------------------------------------------------------------------------------------------------


async def test_a_workflow_that_takes_inputs_opens_its_form_in_slack_and_says_what_is_wrong_where_it_was_typed(tmp_path: Path) -> None:
    async with house_with("slack", tmp_path) as (app, hall):
        assert isinstance(hall, SlackDoor)
        await Api(app).store({**SHIP, "trigger": {"type": "manual", "inputs": [{"name": "version", "required": True}, {"name": "tag", "choices": ["a", "b"]}]}}, "slack")
        await hall.say("/flow run Ship")
        modal = await hall.fake.modal("ana")
        assert [block["label"]["text"] for block in modal.content["blocks"]] == ["version", "tag"]
        refused = await hall.fake.submit(modal, {"version": " "})
        assert "is needed" in str(refused.errors)
        await hall.fake.submit(modal, {"version": "2.0", "tag": "b"})
        await see(hall, containing("2.0 is out"))


async def test_a_workflow_that_takes_inputs_opens_its_form_on_discord_and_keeps_what_was_refused(tmp_path: Path) -> None:
    async with house_with("discord", tmp_path) as (app, hall):
        assert isinstance(hall, DiscordDoor)
        await Api(app).store(SHIP, "discord")
        opened = await hall.fake.slash("flow run workflow:Ship", "ana")
        assert opened.modal is not None
        await hall.fake.submit(opened, {"version": "2.0", "count": "many"})
        refused = await see(hall, containing("many", "no integer"), private="ana")
        assert refused.private
        again = await hall.fake.slash("flow run workflow:Ship", "ana")
        await hall.fake.submit(again, {"version": "2.0", "count": "3"})
        await see(hall, containing("2.0 is out"))


# --- failed, held, passed over ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
async def test_a_failed_run_is_asked_with_something_else_and_goes_on(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        broken = {**SHIP, "steps": [{**SHIP["steps"][1], "id": "first", "with": {"channel": "nowhere:x", "text": "{{inputs.version}} begins"}}, SHIP["steps"][1]]}
        await Api(app).store(broken, door)
        await run_ship(hall)
        failed = await see(hall, containing("Ship", "failed", "nowhere", button="Change and retry"))
        home = {"slack": "slack:#ops", "discord": "discord:#ops"}.get(door, "web:#ops")
        await hall.fill(failed, "Change and retry", {"channel" if door == "slack" else "first.channel": home})
        await see(hall, containing("1.4 begins"))
        await see(hall, containing("Ship · done", "run_", no_button="Change and retry"))
        assert (await the_run(app, RunState.SUCCEEDED)).name == "Ship"


@pytest.mark.parametrize("door", DOORS)
async def test_a_run_is_held_resumed_and_its_step_passed_over(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        waiting = {**SHIP, "steps": [{"id": "nap", "wait": {"for": "1h"}}, SHIP["steps"][1]]}
        await Api(app).store(waiting, door)
        await run_ship(hall)
        running = await see(hall, containing("Ship", "nap", "waiting", button="Pause run"))
        await hall.press(running, "Pause run")
        held = await see(hall, containing("Ship", "paused", "by", button="Resume run", no_button="Pause run"))
        await hall.press(held, "Resume run")
        running = await see(hall, containing("Ship", "nap", button="Skip “nap”"))
        if door == "discord":
            await confirmed_on_discord(hall, running, "Skip")
        else:
            await hall.press(running, "Skip “nap”")
        await see(hall, containing("1.4 is out"))
        done = await see(hall, containing("Ship", "skipped", "done", no_button="Pause run"))
        assert done.buttons == ()
        verbs = [row.verb for row in await app.store.audit.list() if row.outcome == "done"]
        assert {"pause_run", "resume_run", "skip_step"} <= set(verbs)


async def confirmed_on_discord(hall: Door, seen: Any, label: str) -> None:
    """A dangerous button asks “sure?” first, seen by who pressed alone."""
    assert isinstance(hall, DiscordDoor)
    asked = await hall.fake.click(seen.raw, label, "ben")
    (question,) = asked.messages
    await hall.fake.click(question, "Yes", "ben")


async def test_the_same_over_rest_with_bodies(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, _):
        api = Api(app)
        each = {**SHIP, "steps": [
            {"id": "list", "set": {"names": ["a", "b", "c"]}},
            {"id": "each", "foreach": {"items": "steps.list.names", "as": "name", "on_item_failure": "finish", "steps": [
                {"id": "post", "action": "chat.post_message", "with": {"channel": "{{name == 'b' ? 'nowhere:x' : '#ops'}}", "text": "{{name}} {{inputs.version}}"}}]}},
            {"id": "nap", "wait": {"for": "1h"}}, SHIP["steps"][1]]}  # fmt: skip
        workflow = await api.store(each)
        failed = await api("POST", f"/api/v2/ai-workflows/{workflow}/execute", 502, version="1")
        path = f"/api/v2/runs/{failed['run']}"
        run = await api("GET", path)
        assert (run["state"], [step["state"] for step in run["steps"] if step["within"] == "each"]) == ("failed", ["succeeded", "failed", "succeeded"])
        wrong = await api("POST", f"{path}/retry", 400, arguments={"post": {"channel": "#ops"}})
        assert "“post” is no failed step of this run; failed: post[1]" in str(wrong["problems"])
        await api("POST", f"{path}/retry", arguments={"post[1]": {"channel": "#ops"}}, actor="Ana")
        await until(api, path, "waiting")
        assert (await api("POST", f"{path}/pause"))["state"] == "paused"
        assert (await api("POST", f"{path}/pause", 409))["success"] is False
        assert (await api("POST", f"{path}/resume"))["state"] == "waiting"
        await api("POST", f"{path}/skip", 422, step="tell")
        await api("POST", f"{path}/skip", step="nap")
        done = await until(api, path, "succeeded")
        posts = [fact for fact in done["facts"] if fact["kind"] == "asked" and fact["step"].startswith("post")]
        assert [fact["step"] for fact in posts].count("post[1]") == 2
        assert len(posts) == 4, "what was answered was not asked again"
        assert {row.actor_name for row in await app.store.audit.list() if row.verb == "retry_run"} >= {"Ana"}


async def until(api: Api, path: str, state: str) -> dict[str, Any]:
    for _ in range(200):
        run = await api("GET", path)
        if run["state"] == state:
            return run
    raise AssertionError(f"the run is {run['state']}, not {state}: {run['error']}")


async def test_approvals_and_versions_over_rest(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, _):
        api = Api(app)
        workflow = await api.store(asking(reason=True))
        started = await api("POST", f"/api/v2/ai-workflows/{workflow}/execute", 202, version="1.4")
        path = f"/api/v2/runs/{started['run']}"
        await api("POST", f"{path}/vote", 400, approved=True)
        assert (await api("POST", f"{path}/vote", approved=False, note="no", actor="Ana"))["state"] in ("running", "cancelled")
        versions = await api("GET", f"/api/v2/ai-workflows/{workflow}/versions")
        assert [(one["version"], one["changed"]) for one in versions["versions"]] == [(1, "the first")]
        await api("POST", f"/api/v2/ai-workflows/{workflow}/rollback", 409)
