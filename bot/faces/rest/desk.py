"""What the REST face needs of the house beyond the ports: few calls, values of the hall in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.cards.card import Card
from bot.faces.face import FaceState
from engine.commands.command import ConnectionShown, Outcome
from engine.graph.discovery.map import Map
from engine.monitoring.alert import Alert
from engine.monitoring.inbound import Sender
from engine.parties import Actor, Address
from engine.ports import Account, Connected, Going, HookReply, Watch
from engine.prediction.learnt import Prospect
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow
from engine.workflow.run import RunRecord


@dataclass(frozen=True, slots=True)
class GraphNode:
    """``kind``: workflow or service. ``status``: a workflow's state or a service's health in a word."""

    id: str
    kind: str
    name: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """``source`` needs ``target``; ``kind`` says how: step, trigger or fallback."""

    source: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True)
class Graph:
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]


class Desk(Protocol):
    """Fulfilled by the composition root."""

    @property
    def catalogue(self) -> Catalogue: ...

    async def do(self, name: str, arguments: Mapping[str, Any], actor: Actor, where: Address, key: str) -> Outcome:
        """A command by its name in the parse contract. ``key`` identifies the request for ever. Raises the hall's errors."""
        ...

    async def prospect(self, workflow: Workflow) -> Prospect | None:
        """What is foretold of its next run; None where nobody learns of runs."""
        ...

    async def start(self, workflow: Workflow, *, data: Mapping[str, Json], actor: Actor, where: Address, key: str) -> RunRecord | None:
        """Start a run as if ``data`` were its event and its inputs; None when ``key`` has started it already."""
        ...

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
        """An inbound webhook: verified, and what it tells written down durably before this returns. Raises as ``ports.Hooks``."""
        ...

    async def told(self, sender: Sender, body: Json) -> Sequence[Alert]:
        """Alerts that somebody sends: durable on return, and the same when sent again; those that changed. Raises Invalid, Transient."""
        ...

    def connections(self) -> Sequence[tuple[Account, bool]]:
        """Every account of every service, and whether the house keeps it."""
        ...

    def connection(self, service: str, account: str) -> ConnectionShown:
        """One account and how it is connected. Raises NotFound or Rejected."""
        ...

    async def open_connection(self, ticket: str) -> Going:
        """Where the browser that opened a personal link is sent. Raises Rejected when the link is over, Forbidden for who may not (any more)."""
        ...

    async def finish_connection(self, said: Mapping[str, str], browser: str) -> Connected:
        """A service sent the browser back. Raises the hall's errors, each a sentence for whoever looks at the page."""
        ...

    async def greeting(self, service: str, account: str, actor: Actor) -> str:
        """The secret that a sender greeted an address with; that it was shown stands in the audit. Raises NotFound."""
        ...

    async def watches(self) -> Sequence[Watch]:
        """Deliveries that were ordered from services."""
        ...

    async def parts(self) -> Sequence[FaceState]:
        """The engine, the storage and every face: for ``/readyz``."""
        ...

    async def card(self, card_id: str) -> Card:
        """The card of a draft, run, alert, workflow, doubt or approval, in its newest state. Raises NotFound."""
        ...

    async def graph(self) -> Graph:
        """Who needs whom, from the stored workflows."""
        ...

    async def map(self) -> Map:
        """The map with what was said a moment ago. Raises Transient when storage is busy."""
        ...

    async def graph_picture(self) -> bytes:
        """The same as PNG."""
        ...
