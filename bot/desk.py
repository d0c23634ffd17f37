"""The desk behind REST: commands, runs, webhooks and the graph, over the house."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bot.cards.card import Card
from bot.conversation import HouseConversation
from bot.faces.face import Face, FaceState
from bot.faces.rest.desk import Graph, GraphEdge, GraphNode
from bot.graph_view import HouseGraph
from bot.subjects import KINDS, card_of
from engine.commands import dancing
from engine.commands.command import ConnectionShown, Outcome
from engine.commands.connecting import shown
from engine.commands.house import House
from engine.commands.map_names import current
from engine.commands.run_workflow import run_id_of
from engine.commands.show_impact import dependencies
from engine.errors import Rejected, SignalboxError, Transient
from engine.events import Audited, Happening
from engine.graph.discovery.map import Map
from engine.graph.portrait import MAX_NODES
from engine.monitoring.alert import Alert
from engine.monitoring.inbound import Sender, signals_of
from engine.parties import Actor, Address
from engine.ports import Account, Connected, Going, HookReply, Hooks, Pictures, Watch
from engine.prediction.learnt import Prospect
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow
from engine.workflow.run import RunRecord

Accept = Callable[[Sequence[Happening]], Awaitable[int]]
Wake = Callable[[str, str, Sequence[str]], None]
DEFAULT = "default"  # the account of an address that names none


class HouseDesk:
    """Fulfils ``bot.faces.rest.desk.Desk``. ``accept`` writes happenings down durably and acts on them; ``wake`` has polls of an account asked at once."""

    def __init__(
        self,
        house: House,
        conversation: HouseConversation,
        hooks: Hooks,
        accept: Accept,
        pictures: Pictures,
        faces: Mapping[str, Face],
        *,
        public_url: str = "",
        wake: Wake | None = None,
    ) -> None:
        self._house, self._conversation, self._hooks = house, conversation, hooks
        self._accept, self._pictures, self._faces = accept, pictures, faces
        self._public_url = public_url.rstrip("/")
        self._wake = wake

    @property
    def catalogue(self) -> Catalogue:
        return self._house.catalogue

    async def do(self, name: str, arguments: Mapping[str, Any], actor: Actor, where: Address, key: str) -> Outcome:
        return await self._conversation.do(name, arguments, actor, where, key)

    async def start(self, workflow: Workflow, *, data: Mapping[str, Json], actor: Actor, where: Address, key: str) -> RunRecord | None:
        return await self._house.runner.start(
            workflow, by=actor.id, event=data, inputs=data, run_id=run_id_of(workflow.id, key), where=where, actor=actor
        )

    async def receive(
        self,
        service: str,
        account: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        query: Mapping[str, str] | None = None,
        url: str = "",
    ) -> HookReply:
        reply = await self._hooks.receive(service, account, method, headers, body, query=query, url=self._as_sent(url))
        if reply.happenings:
            await self._accept(reply.happenings)
        if reply.wakes and self._wake:
            self._wake(service, account or DEFAULT, reply.wakes)
        return reply

    async def told(self, sender: Sender, body: Json) -> Sequence[Alert]:
        signals = signals_of(sender, body, self._house.clock.now())
        if self._house.alerting is None:
            raise Transient("This process makes no alerts; send it again.", 5.0)
        return await self._house.alerting.take(signals)

    def connections(self) -> Sequence[tuple[Account, bool]]:
        desk = self._house.connecting
        return [(one, desk is not None and desk.kept(one.service, one.name)) for one in self._house.connections.accounts()]

    def connection(self, service: str, account: str) -> ConnectionShown:
        return shown(self._house, service, account)

    async def open_connection(self, ticket: str) -> Going:
        return await dancing.opened(self._house, ticket)

    async def finish_connection(self, said: Mapping[str, str], browser: str) -> Connected:
        return await dancing.finished(self._house, said, browser)

    def _as_sent(self, url: str) -> str:
        """The address as its sender wrote it: behind a proxy we see another host than it does."""
        parts = urlsplit(url)
        return urlunsplit(("", "", f"{self._public_url}{parts.path}", parts.query, "")) if self._public_url and url else url

    async def greeting(self, service: str, account: str, actor: Actor) -> str:
        if self._house.watching is None:
            raise Rejected("Nothing is delivered to this process.")
        known = self._house.service(service).id
        secret = await self._house.watching.greeting(known, account)
        told = Audited(self._house.clock.now(), actor.id, actor.name, "show_greeting", f"account:{known}:{account or DEFAULT}")
        await self._house.store.ledger.record(told)
        return secret

    async def watches(self) -> Sequence[Watch]:
        return await self._house.watching.watches() if self._house.watching else []

    async def parts(self) -> Sequence[FaceState]:
        """The engine can work while its storage does."""
        try:
            await self._house.store.runs.list(limit=1)
            trouble = self._house.store.ledger.trouble()
        except SignalboxError as error:
            trouble = str(error)
        own = [FaceState(name, configured=True, ready=not trouble, detail=trouble) for name in ("engine", "storage")]
        return [*own, *(face.state() for face in self._faces.values())]

    async def card(self, card_id: str) -> Card:
        return await card_of(self._house, KINDS.get(card_id.partition("_")[0], ""), card_id, {})

    async def graph(self) -> Graph:
        """Every stored workflow and what it needs, itself or through a workflow it runs."""
        needs = await dependencies(self._house)
        health = {state.service: state.status for state in await self._house.store.samples.states()}
        services = self._house.catalogue.services
        nodes = [GraphNode(id, "workflow", flow.name, flow.workflow.state.value) for id, flow in needs.flows.items()]
        for id in needs.graph:
            if id not in needs.flows:
                nodes.append(GraphNode(id, "service", services[id].name if id in services else id, health.get(id, "unknown")))
        edges = [GraphEdge(source, target, kind) for source, target, kind in needs.graph.edges(keys=True)]
        return Graph(tuple(nodes), tuple(edges))

    async def prospect(self, workflow: Workflow) -> Prospect | None:
        return None if self._house.foresight is None else await self._house.foresight.prospect(workflow)

    async def map(self) -> Map:
        return await current(self._house)

    async def graph_picture(self) -> bytes:
        """Of as much as a picture holds, with how everything is by now."""
        return await self._pictures.impact(await HouseGraph(self._house).drawing("", 0, False, MAX_NODES))
