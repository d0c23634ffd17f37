"""The desk behind REST: commands, runs, webhooks and the graph, over the house."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from bot.cards.card import Card
from bot.conversation import HouseConversation
from bot.faces.face import Face, FaceState
from bot.faces.rest.desk import Graph, GraphEdge, GraphNode
from bot.subjects import KINDS, card_of
from engine.commands.command import Outcome
from engine.commands.house import House
from engine.commands.show_impact import dependencies
from engine.events import Happening
from engine.parties import Actor, Address
from engine.ports import HookReply, Hooks, Pictures
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow
from engine.workflow.run import RunRecord

Accept = Callable[[Sequence[Happening]], Awaitable[int]]


class HouseDesk:
    """Fulfils ``bot.faces.rest.desk.Desk``. ``accept`` writes happenings down durably and acts on them."""

    def __init__(
        self, house: House, conversation: HouseConversation, hooks: Hooks, accept: Accept, pictures: Pictures, faces: Mapping[str, Face]
    ) -> None:
        self._house, self._conversation, self._hooks = house, conversation, hooks
        self._accept, self._pictures, self._faces = accept, pictures, faces

    @property
    def catalogue(self) -> Catalogue:
        return self._house.catalogue

    async def do(self, name: str, arguments: Mapping[str, Any], actor: Actor, where: Address, key: str) -> Outcome:
        return await self._conversation.do(name, arguments, actor, where, key)

    async def start(
        self, workflow: Workflow, *, data: Mapping[str, Json], actor: Actor, where: Address, key: str
    ) -> RunRecord | None:
        run_id = "run_" + hashlib.blake2b(f"{workflow.id}/{key}".encode(), digest_size=13).hexdigest()
        return await self._house.runner.start(
            workflow, by=actor.id, event=data, inputs=data, run_id=run_id, where=where, actor=actor
        )

    async def receive(self, service: str, account: str, method: str, headers: Mapping[str, str], body: bytes) -> HookReply:
        reply = await self._hooks.receive(service, account, method, headers, body)
        if reply.happenings:
            await self._accept(reply.happenings)
        return reply

    async def parts(self) -> Sequence[FaceState]:
        await self._house.store.runs.list(limit=1)  # raises when the database cannot be read
        states = [FaceState("engine", True, True), FaceState("storage", True, True)]
        return [*states, *(face.state() for face in self._faces.values())]

    async def card(self, card_id: str) -> Card:
        kind = "approval" if ":" in card_id else KINDS.get(card_id.partition("_")[0], "")
        return await card_of(self._house, kind, card_id, {})

    async def graph(self) -> Graph:
        states = {state.service: state.status for state in await self._house.store.samples.states()}
        nodes: dict[str, GraphNode] = {}
        edges: list[GraphEdge] = []
        for workflow in await self._house.store.workflows.list():
            nodes[workflow.id] = GraphNode(workflow.id, "workflow", workflow.name, workflow.state.value)
            for kind, service in _needs(workflow):
                name = self._house.catalogue.service(service).name
                nodes.setdefault(service, GraphNode(service, "service", name, states.get(service, "unknown")))
                edges.append(GraphEdge(workflow.id, service, kind))
        return Graph(tuple(nodes.values()), tuple(edges))

    async def graph_picture(self) -> bytes:
        graph = await dependencies(self._house)
        return await self._pictures.impact(graph.drawing(None))


def _needs(workflow: Workflow) -> list[tuple[str, str]]:
    definition = workflow.definition
    events = (*definition.trigger.any, *definition.trigger.all, *definition.trigger.sequence)
    sources = dict.fromkeys(filter(None, (definition.trigger.service, *(event.partition(".")[0] for event in events))))
    return [
        *(("trigger", service) for service in sources),
        *(("step", service) for service in definition.services),
        *(("fallback", service) for service in dict.fromkeys(definition.options.fallback.values())),
    ]
