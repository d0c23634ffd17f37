"""Chat, buttons, impact, graph and faults by HTTP."""

from __future__ import annotations

import pytest
from httpx2 import AsyncClient

from bot.cards.wire import from_json
from engine.errors import Forbidden
from tests.bot.cards.any_card import png
from tests.bot.rest.house import SEED, RestHouse

SENTENCE = "when a pull request is merged in GitHub, create a card"


def button(card: dict, label: str) -> dict:
    found = next(each for each in card["actions"] if each["label"].startswith(label))
    return {key: found[key] for key in ("card", "verb", "arg", "version")}


async def test_a_sentence_is_previewed_and_confirmed_by_its_button(house: RestHouse, api: AsyncClient):
    turn = (await api.post("/api/v2/chat", json={"text": SENTENCE, "actor": "Ana"})).json()
    assert (turn["success"], turn["command"]["command"], turn["run"]) == (True, "create_workflow", None)
    card = turn["cards"][0]
    assert from_json(card).title == card["title"]
    assert [each["label"].split()[0] for each in card["actions"]][:3] == ["Confirm", "Edit", "Cancel"]
    pressed = await api.post("/api/v2/actions", json={**button(card, "Confirm"), "actor": "Ana"})
    assert (pressed.status_code, pressed.json()["success"]) == (200, True)
    workflows = await house.store.workflows.list()
    assert [(workflow.name, workflow.created_by) for workflow in workflows] == [("Release flow", "rest:api")]


async def test_a_stale_press_changes_nothing_and_says_why(house: RestHouse, api: AsyncClient):
    card = (await api.post("/api/v2/chat", json={"text": SENTENCE})).json()["cards"][0]
    press = button(card, "Confirm")
    assert (await api.post("/api/v2/actions", json=press)).status_code == 200
    stale = await api.post("/api/v2/actions", json=press)
    assert stale.status_code == 409
    assert stale.json()["success"] is False
    assert stale.json()["error"]
    assert stale.json()["cards"]
    assert len(await house.store.workflows.list()) == 1


async def test_the_same_key_is_heard_once(house: RestHouse, api: AsyncClient):
    keyed = {"idempotency-key": "k1"}
    first = await api.post("/api/v2/chat", json={"text": SENTENCE}, headers=keyed)
    again = await api.post("/api/v2/chat", json={"text": SENTENCE}, headers=keyed)
    assert len(first.json()["cards"]) == 1
    assert again.json() == {"success": True, "error": None, "cards": [], "command": None, "run": None, "faults": {}, "opens": None}


async def test_words_that_are_not_for_us_are_answered_all_the_same(api: AsyncClient):
    turn = (await api.post("/api/v2/chat", json={"text": "la la la"})).json()
    assert turn["command"]["command"] is None
    assert turn["cards"]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("chat", {}, "Missing required field: text"),
        ("chat", {"text": ""}, "text"),
        ("chat", {"text": 5}, "text"),
        ("chat", {"text": "hi", "channel": "slack:"}, "channel"),
        ("actions", {"verb": "confirm", "version": 1}, "Missing required field: card"),
        ("actions", {"card": "c", "verb": "confirm", "version": "x"}, "version"),
        ("actions", [], "JSON object"),
    ],
)
async def test_what_cannot_be_said_or_pressed_is_refused_with_a_sentence(api: AsyncClient, path: str, body, says: str):
    answer = await api.post(f"/api/v2/{path}", json=body)
    assert answer.status_code in (400, 422)
    assert answer.json()["success"] is False
    assert says in answer.json()["error"]


async def test_a_press_nobody_knows_is_refused(api: AsyncClient):
    answer = await api.post("/api/v2/actions", json={"card": "zzz_1", "verb": "explode", "version": 1})
    assert answer.status_code == 409
    assert "button" in answer.json()["cards"][0]["title"].lower() + str(answer.json()["cards"][0]["body"]).lower()


async def test_impact_names_the_workflows_that_stop(api: AsyncClient):
    id = (await api.post("/api/v2/ai-workflows", json=SEED)).json()["workflow_id"]
    impact = (await api.get("/api/v2/impact/trello")).json()
    assert impact.keys() >= {"service", "workflows", "runs_lost_per_hour", "people", "severity", "shared_fallback_dependencies"}
    assert [(flow["id"], flow["name"], flow["survives_by"]) for flow in impact["workflows"]] == [(id, "Push flow", "")]
    assert (await api.get("/api/v2/impact/trello?state=degraded")).json()["state"] == "degraded"


async def test_impact_of_what_nobody_knows_is_not_found(api: AsyncClient):
    answer = await api.get("/api/v2/impact/trelo")
    assert answer.status_code == 404
    assert "trello" in answer.json()["error"].lower()
    assert (await api.get("/api/v2/impact/trello?state=sideways")).status_code == 400


async def test_the_graph_has_workflows_services_and_what_joins_them(api: AsyncClient):
    id = (await api.post("/api/v2/ai-workflows", json=SEED)).json()["workflow_id"]
    graph = (await api.get("/api/v2/graph")).json()
    assert {node["id"]: node["kind"] for node in graph["nodes"]} == {id: "workflow", "github": "service", "trello": "service", "chat": "service"}
    assert {(edge["source"], edge["target"], edge["kind"]) for edge in graph["edges"]} >= {(id, "github", "trigger"), (id, "trello", "step")}


async def test_the_graph_is_drawn(api: AsyncClient):
    answer = await api.get("/api/v2/graph.png")
    assert (answer.headers["content-type"], answer.content) == ("image/png", png())


async def test_faults_begin_and_end(house: RestHouse, api: AsyncClient):
    begun = await api.post("/api/v2/sandbox/faults", json={"service": "trello", "kind": "429", "for_s": 60, "share": 0.5})
    assert begun.json()["faults"] == [{"service": "trello", "kind": "429", "share": 0.5, "until": "2026-03-04T12:01:00Z"}]
    assert (await api.request("DELETE", "/api/v2/sandbox/faults?service=github")).json()["faults"] != []
    assert (await api.request("DELETE", "/api/v2/sandbox/faults")).json()["faults"] == []
    assert house.world.broken == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"service": "trello", "kind": "explode"}, 400),
        ({"service": "trello", "kind": "down", "for_s": -1}, 400),
        ({"service": "trello", "kind": "down", "share": 2}, 400),
        ({"service": "salesforce", "kind": "down"}, 422),
    ],
)
async def test_a_fault_that_cannot_be_is_refused(api: AsyncClient, body: dict, status: int):
    answer = await api.post("/api/v2/sandbox/faults", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_the_halls_errors_keep_their_meaning(house: RestHouse, api: AsyncClient):
    async def forbidden(*_: object) -> None:
        raise Forbidden("That needs the role admin.")

    house.rest.desk.do = forbidden
    answer = await api.get("/api/v2/monitoring/health")
    assert (answer.status_code, answer.json()["error"]) == (403, "That needs the role admin.")
