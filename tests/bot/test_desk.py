"""The desk behind REST: the whole graph, cards by id, and whether the house can work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.desk import HouseDesk
from engine.errors import NotFound, Transient
from engine.events import Happening, ServiceStateSaved
from engine.monitoring.alert import ServiceState
from engine.ports import HookReply
from tests.bot.talk import Talk, card
from tests.bot.test_announce import Wall
from tests.engine.clock import NOON
from tests.engine.commands.hall import ADA, MANUAL, OPS, RELEASE


class Bell:
    """Fulfils ``Hooks``: one happening a POST."""

    async def receive(self, service: str, account: str, method: str, headers: Mapping[str, str], body: bytes, **more: Any) -> HookReply:
        events = (Happening("d1", service, "push", NOON, {}),) if method == "POST" else ()
        return HookReply(202, happenings=events)


class Office(Talk):
    def __init__(self) -> None:
        super().__init__()
        self.happened: list[Happening] = []
        self.desk = HouseDesk(self.house, self.conversation, Bell(), self._accept, self.painter, {"slack": Wall()})

    async def _accept(self, happenings: Any) -> int:
        self.happened.extend(happenings)
        return len(happenings)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with Office() as office:
        yield office


async def test_the_graph_says_who_needs_whom_and_how_they_are(office: Office) -> None:
    release = await office.stored(RELEASE)
    await office.stored({**MANUAL, "options": {"fallback": {"trello": "asana"}}})
    await office.store.ledger.record(ServiceStateSaved(ServiceState(service="trello", account="default", status="offline")))
    graph = await office.desk.graph()
    nodes = {node.id: (node.kind, node.name, node.status) for node in graph.nodes}
    assert nodes[release.id] == ("workflow", "Release", "active")
    assert nodes["trello"] == ("service", "Trello", "offline")
    assert nodes["github"] == ("service", "GitHub", "unknown")
    edges = {(edge.source, edge.target, edge.kind) for edge in graph.edges}
    assert {(release.id, "github", "trigger"), (release.id, "trello", "step")} <= edges
    assert ("wf_00000002", "asana", "fallback") in edges
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= set(nodes)
    assert (await office.desk.graph_picture()).startswith(b"\x89PNG")


async def test_an_empty_house_has_an_empty_graph(office: Office) -> None:
    graph = await office.desk.graph()
    assert (graph.nodes, graph.edges) == ((), ())


async def test_cards_are_drawn_by_their_id(office: Office) -> None:
    preview = card(await office.say("make it"))
    assert await office.desk.card(preview.id) == preview
    alert = await office.alerted()
    assert (await office.desk.card(alert.id)).id == alert.id
    for id in ("", "prv_none", "ask_1", "x_y", "run:1"):
        with pytest.raises(NotFound):
            await office.desk.card(id)


async def test_a_run_of_one_key_is_started_once(office: Office) -> None:
    workflow = await office.stored({**MANUAL, "trigger": {"type": "manual"}})
    first = await office.desk.start(workflow, data={"a": 1}, actor=ADA, where=OPS, key="k")
    assert first is not None
    assert await office.desk.start(workflow, data={"a": 1}, actor=ADA, where=OPS, key="k") is None
    assert await office.desk.start(workflow, data={"a": 1}, actor=ADA, where=OPS, key="l") is not None


async def test_what_a_webhook_tells_is_accepted_before_it_is_answered(office: Office) -> None:
    assert (await office.desk.receive("github", "default", "POST", {}, b"{}")).status == 202
    assert [one.event for one in office.happened] == ["push"]
    await office.desk.receive("github", "default", "GET", {}, b"")
    assert len(office.happened) == 1


async def test_a_database_that_cannot_be_read_is_a_part_that_is_not_ready(office: Office) -> None:
    assert [(part.name, part.ready) for part in await office.desk.parts()] == [("engine", True), ("storage", True), ("slack", True)]

    async def broken(**_: Any) -> list[Any]:
        raise Transient("The database is locked.")

    office.store.runs.list = broken  # type: ignore[method-assign]
    parts = {part.name: part for part in await office.desk.parts()}
    assert (parts["storage"].ready, parts["engine"].ready, parts["storage"].detail) == (False, False, "The database is locked.")
    assert parts["slack"].ready
