"""Journey: what was drafted is rehearsed before it is confirmed, and a change is held against what really happened; alike in every face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from engine.ports import Fault
from engine.workflow.run import FactKind
from tests.journeys.doors import DOORS, containing, house_with, see
from tests.journeys.test_orders import SECRET, SENTENCE, deliver, merged_pull_request

EDITED = """/flow import name: release
trigger: {type: event_based, service: github, event: pull_request_merged}
when: event.additions > 100000
steps:
  - {id: create_card, action: trello.create_card, with: {board: Release, title: "{{event.title}}"}}
"""
FIRST = EDITED.replace("event.additions > 100000", "event.merged")


@pytest.mark.parametrize("door", DOORS)
async def test_a_preview_is_rehearsed_by_its_button_and_nothing_happens(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await hall.say(SENTENCE)
        preview = await see(hall, containing("pull request merged", button="Rehearse"))
        await hall.press(preview, "Rehearse", user="ben")
        told = containing("Rehearsal of", "would succeed", "create card", "With random faults", "Nobody was reached")
        await see(hall, told, private="ben", what="the rehearsal")
        assert await app.store.workflows.list() == []
        assert await app.store.runs.list() == []


async def test_a_change_is_held_against_what_really_happened(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path, GITHUB_WEBHOOK_SECRET=SECRET) as (app, hall):
        await hall.say(FIRST)
        await hall.press(await see(hall, containing("release", button="Confirm")), "Confirm")
        await see(hall, containing("Confirmed"))
        assert await deliver(app, merged_pull_request()) in (200, 202)
        await see(hall, containing("release", "done", "create card"), what="the run")
        await hall.say(EDITED)
        change = await see(hall, containing("Change of release", button="Replay the last 7 days"))
        await hall.press(change, "Replay the last 7 days")
        await see(hall, containing("Replay of release", "version 1 → 2", "1 no more", "really succeeded", "additions"), private="ben")


async def test_a_rehearsal_by_slash_form_and_by_sentence(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (_, hall):
        await hall.say(FIRST)
        await hall.press(await see(hall, containing("release", button="Confirm")), "Confirm")
        await see(hall, containing("Confirmed"))
        await hall.say("/flow rehearse release trello down")
        await see(hall, containing("Rehearsal of release", "would fail", "connection was refused"), private="ben")
        await hall.say("rehearse release with trello lost answers 50%, 10 times, seed 4")
        await see(hall, containing("Rehearsal of release", "10 of 10", "a human is asked", "create_card"), private="ben")


async def test_a_program_rehearses_and_replays_over_rest(tmp_path: Path) -> None:
    definition = {
        "name": "x",
        "trigger": {"type": "manual"},
        "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}}],
    }
    async with (
        house_with("rest", tmp_path) as (app, _),
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {app.api_token}"}) as http,
    ):

        async def post(path: str, body: Any, status: int = 200) -> Any:
            async with http.post(f"{app.server.url}/api/v2{path}", json=body) as answer:
                assert answer.status == status, await answer.text()
                return await answer.json()

        told = (await post("/rehearsals", {"definition": definition, "trials": 5, "words": "random 50%", "seed": 3}))["rehearsal"]
        assert (told["wanted"], len(told["trials"]), told["seed"]) == (5, 5, 3)
        assert sum(bool(trial["lines"]) for trial in told["trials"]) == 1
        flow = (
            await post(
                "/ai-workflows",
                {"definition": {**definition, "trigger": {"type": "event_based", "service": "github", "event": "push"}}},
                201,
            )
        )["workflow_id"]
        plain = await post(f"/ai-workflows/{flow}/rehearse", {})
        assert (plain["rehearsal"]["good"], plain["rehearsal"]["example"], plain["chaos"]["wanted"]) == (True, True, 20)
        down = await post(f"/ai-workflows/{flow}/rehearse", {"faults": [{"service": "chat", "kind": "down"}]})
        assert down["rehearsal"]["trials"][0]["end"] == "failed"
        tried = {**definition, "trigger": {"type": "event_based", "service": "github", "event": "push"}, "when": "event.branch == 'main'"}
        replayed = await post(f"/ai-workflows/{flow}/replay", {"days": 1, "definition": tried})
        assert (replayed["old"], replayed["new"], replayed["rows"]) == (1, 2, [])
        for body, status in (
            ({"trials": 500}, 400),
            ({"faults": [{"kind": "fire"}]}, 400),
            ({"words": "jra down"}, 422),
            ({"definition": {}}, 400),
        ):
            assert (await post(f"/ai-workflows/{flow}/rehearse", body, status))["error"]
        assert (await post("/rehearsals", {}, 400))["error"] == "Missing required field: definition"
        await post("/ai-workflows/wf_00000009/rehearse", {}, 404)


async def test_a_lost_answer_of_the_sandbox_is_looked_for_and_the_run_goes_on_with_what_was_made(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, hall):
        await hall.say(FIRST)
        await hall.press(await see(hall, containing("release", button="Confirm")), "Confirm")
        await see(hall, containing("Confirmed"))
        app.shelf.sandbox.inject(Fault("trello", "lost_answer"))
        await hall.say("/flow run release title=Faster")
        await see(hall, containing("release", "done", "trello.com/c/"), what="the run, gone on")
        (run,) = await app.store.runs.list()
        facts = await app.store.runs.facts(run.id)
        assert not [fact for fact in facts if fact.kind in (FactKind.IN_DOUBT, FactKind.DECIDED)], "nobody is asked what a look can tell"
        (made,) = [fact for fact in facts if fact.kind is FactKind.ANSWERED and fact.step == "create_card"]
        assert made.data["output"]["title"] == "Faster"  # type: ignore[index, call-overload]
