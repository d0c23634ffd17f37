"""Journey 4: what breaks if a service goes down, in words and as a picture."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import aiohttp
import pytest

from engine.parties import Actor, Address
from tests.journeys.doors import DOORS, containing, house_with, see

ACTOR, OPS = Actor("rest", "api", "Ana"), Address("web", "#ops")


async def store(app, name: str, raw: dict) -> None:  # type: ignore[no-untyped-def, type-arg]
    outcome = await app.conversation.do("create_workflow", {"workflow": {"name": name, **raw}}, ACTOR, OPS, f"make {name}")
    await app.conversation.do("confirm_draft", {"draft": outcome.result.draft.id}, ACTOR, OPS, f"confirm {name}")


async def two_workflows(app) -> None:  # type: ignore[no-untyped-def]
    card = {"action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": "x"}}
    say = {"action": "chat.post_message", "with": {"channel": "#ops", "text": "x"}}
    await store(app, "release-notes", {"trigger": {"type": "scheduled", "cron": "*/10 * * * *", "timezone": "UTC"}, "steps": [card, say]})
    await store(app, "greeting", {"trigger": {"type": "manual"}, "steps": [say]})


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("words", ["what breaks if trello goes down?", "/impact trello"])
async def test_the_answer_names_the_workflows_their_runs_an_hour_and_shows_a_picture(door: str, words: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await two_workflows(app)
        await hall.say(words)
        seen = await see(hall, containing("trello", "release-notes", "stop"), private="ana")
        assert "greeting" not in seen.words.replace("2 workflows", "")
        if door == "rest":
            (picture,) = [part for part in seen.raw["body"] if part["kind"] == "picture"]
            assert picture["src"].startswith("data:image/png;base64,")
            assert "release-notes" in picture["alt"]


async def test_impact_and_the_graph_are_there_for_machines_too(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, _):
        await two_workflows(app)
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {app.api_token}"}) as http:
            async with http.get(f"{app.server.url}/api/v2/impact/trello") as answer:
                body = await answer.json()
            assert answer.status == 200, body
            assert [(w["name"], w["survives_by"] or "") for w in body["workflows"]] == [("release-notes", "")]
            assert body["runs_lost_per_hour"] == pytest.approx(6.0)
            async with http.get(f"{app.server.url}/api/v2/graph.png") as answer:
                png = await answer.read()
            assert png[:8] == b"\x89PNG\r\n\x1a\n"
            assert struct.unpack(">I", png[16:20])[0] >= 300
            async with http.get(f"{app.server.url}/api/v2/graph") as answer:
                graph = json.loads(await answer.text())
            assert {node["id"] for node in graph["nodes"]} >= {"trello", "chat"}


async def test_a_service_nothing_needs_breaks_nothing_and_an_unknown_one_is_asked_back(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (_, hall):
        await hall.say("/impact github")
        await see(hall, containing("Nothing breaks"), private="ana")
        await hall.say("/impact trelo")
        await see(hall, containing("Trello"), private="ana")
