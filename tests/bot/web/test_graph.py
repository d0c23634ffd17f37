"""The page of the graph on the wire, and the house's own graph as it asks for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import pytest

from bot.faces.web.assets import assets
from bot.faces.web.graph import KEPT, GraphPage
from bot.faces.web.guard import CONTENT_SECURITY_POLICY
from bot.graph_view import HouseGraph
from bot.pictures.looks import DARK, ICONS, LIGHT, THEMES
from bot.pictures.stylesheet import stylesheet
from engine.commands.house import nothing_mapped
from engine.errors import NotFound
from engine.events import ServiceStateSaved, WorkflowSaved
from engine.graph.discovery.map import Map
from engine.graph.portrait import Line, Spot
from engine.monitoring.alert import ServiceState
from storage.memory import MemoryStore
from tests.bot.web.house import SmallGraph, SmallHouse
from tests.engine.clock import StandingClock
from tests.engine.graph.houses import CATALOGUE, event, manual, workflow
from tests.engine.graph.test_portrait import MAP

SPOTS = [
    Spot(id="wf_1", label="release", kind="workflow", badge="3/h", rate=3),
    Spot(id="jira", label="Jira", health="offline"),
    Spot(id="evil", label="</script><img src=x onerror=alert(1)>", kind="component"),
]
LINES = [Line(source="wf_1", target="jira", kind="step"), Line(source="wf_1", target="evil", kind="observed", volume=40)]


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse(clock=StandingClock(), graph=SmallGraph(list(SPOTS), list(LINES)), hosts=("signalbox.example.org",))


@pytest.fixture
async def ana(house: SmallHouse):
    async with browser(house) as client:
        assert (await client.get(house.face.invite("ana", "Ana"))).status_code == 200
        yield client


def browser(house: SmallHouse) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app), base_url="http://127.0.0.1:8321")


async def test_only_those_who_are_signed_in_see_the_graph(house: SmallHouse):
    async with browser(house) as stranger:
        assert (await stranger.get("/graph")).status_code == 401
        assert "Sign in" in (await stranger.get("/graph")).text
        assert [(await stranger.get(path)).status_code for path in ("/web/graph", "/web/graph.png")] == [401, 401]
        assert (await stranger.get("/graph", headers={"host": "evil.example.com"})).status_code == 403


async def test_the_page_comes_with_the_same_headers_as_the_chat_and_loads_nothing_from_elsewhere(ana: httpx2.AsyncClient):
    answer = await ana.get("/graph")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"https?://|<style|style=|onclick|<script>", answer.text)
    for address in re.findall(r'(?:src|href)="(/web/[^"]+)"', answer.text):
        assert (await ana.get(address)).status_code == 200, address


async def test_the_chat_does_not_load_what_only_the_graph_needs():
    assert "graph_paint.js" not in assets().page("index.html")
    assert 'href="/graph"' in assets().page("index.html")


async def test_a_page_is_told_where_everything_stands_how_it_is_and_the_same_in_words(ana: httpx2.AsyncClient):
    shown = (await ana.get("/web/graph")).json()
    assert {box["id"]: box["look"] for box in shown["graph"]["boxes"]} == {"wf_1": "workflow", "jira": "service", "evil": "component"}
    assert shown["health"] == {"jira": "offline"}
    assert [(line["source"], line["target"], line["line"]) for line in shown["graph"]["arrows"]] == [
        ("wf_1", "evil", "observed"),
        ("wf_1", "jira", "plain"),
    ]
    assert "Offline: Jira." in shown["alt"]
    assert shown["words"]["observed"]
    assert shown["icons"] == dict(ICONS)


async def test_news_of_health_moves_nothing_and_is_not_laid_out_anew(house: SmallHouse, ana: httpx2.AsyncClient):
    before = (await ana.get("/web/graph")).json()
    assert (await ana.get("/web/graph")).json()["version"] == before["version"]
    house.graph.spots[1] = replace(SPOTS[1], health="healthy")
    after = (await ana.get("/web/graph")).json()
    assert (after["layout"], after["graph"], house.graph.drawn) == (before["layout"], before["graph"], 1)
    assert (after["health"], after["version"] == before["version"]) == ({"jira": "healthy"}, False)
    house.graph.spots.append(Spot(id="new", label="new"))
    assert (await ana.get("/web/graph")).json()["layout"] != before["layout"]


async def test_layouts_are_kept_but_not_for_ever(house: SmallHouse):
    page = GraphPage(house.graph, house.graph)
    for number in range(KEPT + 5):
        house.graph.spots[0] = replace(SPOTS[0], label=f"release {number}")
        await page.shown("", 0, False)
    assert len(page._layouts) == KEPT


async def test_a_neighbourhood_a_failure_and_the_picture_have_addresses(house: SmallHouse, ana: httpx2.AsyncClient):
    around = (await ana.get("/web/graph", params={"focus": "jira", "hops": 1})).json()
    assert (around["focus"], around["more"], around["rest"]) == ("jira", 1, "1 component")
    down = (await ana.get("/web/graph", params={"focus": "jira", "down": "true"})).json()
    assert down["headline"] == "jira is down"
    assert {box["look"] for box in down["graph"]["boxes"] if box["id"] == "jira"} == {"down"}
    for theme in THEMES:
        assert (await ana.get("/web/graph.png", params={"focus": "jira", "theme": theme})).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("params", "status"), [({"focus": "nobody"}, 404), ({"hops": 99}, 400), ({"focus": "x" * 300}, 400), ({"theme": "pink"}, 400)]
)
async def test_what_cannot_be_shown_is_refused_with_a_sentence(ana: httpx2.AsyncClient, params: dict[str, Any], status: int):
    path = "/web/graph.png" if "theme" in params else "/web/graph"
    answer = await ana.get(path, params=params)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".") or answer.json()["error"]


def test_the_page_wears_the_colours_of_the_pictures():
    sheet = stylesheet()
    for name, look in LIGHT.boxes.items():
        assert re.search(rf'\[data-look="{name}"\] {{ --fill: light-dark\({look.fill}, {DARK.boxes[name].fill}\)', sheet)
    for name in LIGHT.lines:
        assert f'[data-line="{name}"]' in sheet
    assert "}" in sheet
    assert "url(" not in sheet


# --- the house's own ---------------------------------------------------------------------------------------------------------


@dataclass
class HalfHouse:
    """As much of a house as the graph is made of."""

    store: MemoryStore
    catalogue: Any = CATALOGUE
    timezone: str = "UTC"
    clock: Any = None
    map: Callable[[], Map] = nothing_mapped


@pytest.fixture
async def view() -> HouseGraph:
    clock = StandingClock()
    store = MemoryStore()
    for made in (
        workflow(1, event("github", "push", "trello.create_card", "chat.post_message"), name="release"),
        workflow(2, manual("trello.create_card", options={"fallback": {"trello": "asana"}}), name="intake"),
    ):
        await store.ledger.record(WorkflowSaved(made))
    states = [ServiceState(service="trello", account=name, status=status) for name, status in (("a", "healthy"), ("b", "offline"))]
    await store.ledger.record(*(ServiceStateSaved(state) for state in states))
    return HouseGraph(HalfHouse(store, clock=clock))


def labels(drawing: Any) -> Iterator[str]:
    return (node["label"] for node in drawing["nodes"])


async def test_the_houses_graph_shows_the_worst_account_of_each_service(view: HouseGraph):
    drawing = await view.drawing("", 0, False, 1_000)
    assert {"release", "intake", "Trello", "Asana", "GitHub"} <= set(labels(drawing))
    assert {node["label"]: node.get("health", "") for node in drawing["nodes"]}["Trello"] == "offline"
    json.dumps(drawing)


async def test_the_houses_graph_is_asked_by_name_or_id_around_something_and_when_it_is_down(view: HouseGraph):
    around = await view.drawing("asana", 1, False, 60)
    assert (around["headline"], set(labels(around))) == ("Around Asana", {"Asana", "intake"})
    down = await view.drawing("Trello", 0, True, 60)
    assert down["headline"] == "If Trello were down"
    assert {node["label"]: node["state"] for node in down["nodes"]}["intake"] == "survives"
    assert (await view.drawing("release", 1, False, 60))["headline"] == "Around release"
    source = await view.drawing("source:github", 1, False, 60)
    assert source["focus"] == "source:github"
    with pytest.raises(NotFound, match="Did you mean “Trello”"):
        await view.drawing("Trelo", 1, False, 60)


async def test_the_map_of_the_house_is_drawn_where_it_has_one(view: HouseGraph):
    view._house.map = lambda: MAP  # type: ignore[misc]
    assert "postgres" in set(labels(await view.drawing("", 0, False, 60)))
    down = await view.drawing("postgres", 0, True, 60)
    assert {node["id"]: node["state"] for node in down["nodes"]}["ledger"] == "stops"
    assert down["subline"] == "0 workflows stop · 1 more falls with it"
