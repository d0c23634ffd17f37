"""A whole house behind the API: the real commands, runner and memory; only the world outside is made up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from bot.conversation import HouseConversation
from bot.desk import HouseDesk
from bot.faces.face import Face
from bot.faces.http.app import create_app
from bot.faces.rest.face import RestFace
from bot.faces.web.face import WebFace
from engine.commands.house import House
from engine.errors import Forbidden, NotFound, Rejected, SignalboxError, Transient
from engine.events import Happening, SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.parties import Address
from engine.ports import Account, Answer, Budget, Call, Fault, Finding, HookReply, Said, Standing, Store, Understood
from engine.runtime.alerts import Alerting
from engine.runtime.atlas import Atlas
from engine.runtime.bus import Bus
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Catalogue, Service
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Json
from storage.memory import MemoryStore
from tests.bot.cards.any_card import png
from tests.engine.clock import StandingClock
from tests.engine.commands.orders import Orders

TOKEN = "the-right-token"
INBOUND = "the-token-for-alerts"
CONNECTED = ("github", "trello", "chat", "signalbox", "http", "email")


@dataclass
class MadeUpWorld:
    """Fulfils ``Actions``, ``Connections``, ``Hooks`` and ``Sandbox``: answers as told, remembers what it was asked."""

    answers: dict[str, Json | SignalboxError | asyncio.Event] = field(default_factory=dict)
    asked: list[Call] = field(default_factory=list)
    broken: list[Fault] = field(default_factory=list)

    async def perform(self, call: Call) -> Answer:
        self.asked.append(call)
        answer = self.answers.get(f"{call.service}.{call.operation}", {"id": "1", "url": "https://example.org/1"})
        if isinstance(answer, asyncio.Event):
            await answer.wait()
            return Answer({"id": "2", "url": "https://example.org/2"}, sandbox=True)
        if isinstance(answer, SignalboxError):
            raise answer
        return Answer(answer, sandbox=True)

    def services(self) -> Sequence[Service]:
        return [replace(service, connected=True) for service in KNOWN if service.id in CONNECTED]

    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        return {}

    def accounts(self) -> Sequence[Account]:
        return [Account(service=id, name=id, url="", mode="sandbox") for id in ("github", "trello")]

    async def probe(self, account: Account) -> Sample:
        raise Transient("not probed here")

    async def examine(self) -> list[Finding]:
        return []

    async def standing(self, service: str) -> Standing | None:
        return None

    def budget(self, service: str) -> Sequence[Budget]:
        return [Budget("github", "default", "requests in 3600 s", 4900, 5000, 600.0)] if service == "github" else []

    async def receive(self, service: str, account: str, method: str, headers: Mapping[str, str], body: bytes, **more: Any) -> HookReply:
        if service != "github":
            raise NotFound(f"There is no connector “{service}” that takes webhooks.")
        if method != "POST":
            return HookReply(200, b"hello", {"content-type": "text/plain"})
        if headers.get("x-hub-signature-256") != "good":
            raise Forbidden("The signature does not fit GITHUB_WEBHOOK_SECRET.")
        event = Happening("d1", "github", "push", StandingClock().now(), {"branch": "main", "size": len(body)}, account)
        return HookReply(202, b"", happenings=(event,))

    def inject(self, fault: Fault) -> None:
        if fault.service not in CONNECTED:
            raise Rejected(f"{fault.service} is not answered by the sandbox.")
        self.broken.append(fault)

    def mend(self, service: str = "") -> None:
        self.broken = [fault for fault in self.broken if service and fault.service != service]

    def faults(self) -> Sequence[Fault]:
        return self.broken

    async def impact(self, drawing: Mapping[str, Json]) -> bytes:
        return png()


class FewWords:
    """Fulfils ``Understanding`` for the handful of sentences the tests say."""

    async def understand(self, said: Said) -> Understood:
        if said.text.startswith("when "):
            return understood("create_workflow", workflow=DEFINITION)
        if said.text.startswith("what breaks if "):
            return understood("show_impact", service=said.text.removeprefix("what breaks if ").split()[0])
        if said.text == "/flow list":
            return understood("list_workflows")
        if said.text.startswith("/flow run "):
            return understood("run_workflow", workflow=said.text.removeprefix("/flow run "))
        return Understood(command=None, confidence=0.1, arguments={})

    def complete(self, typed: str, workflows: Sequence[str], limit: int = 8) -> list[tuple[str, str]]:
        return []


def understood(command: str, **arguments: Any) -> Understood:
    return Understood(command=command, confidence=0.99, arguments=arguments)


DEFINITION: dict[str, Any] = {
    "name": "Release flow",
    "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
    "steps": [
        {"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "A title"}},
        {"action": "chat.post_message", "with": {"channel": "#releases", "text": "Merged"}},
    ],
}
SEED = {"name": "Push flow", "trigger_service": "github", "action_services": ["trello", "chat.post_message"]}


@dataclass
class RestHouse:
    patience: float = 5.0
    clock: StandingClock = field(default_factory=StandingClock)
    store: Store = field(default_factory=MemoryStore)
    world: MadeUpWorld = field(default_factory=MadeUpWorld)
    happened: list[Happening] = field(default_factory=list)
    orders: Orders = field(default_factory=Orders)

    def __post_init__(self) -> None:
        catalogue = Catalogue.merge(KNOWN, self.world.services())
        self.runner = JournalRunner(store=self.store, guard=Guard(self.world, self.clock), clock=self.clock, catalogue=catalogue)
        atlas = Atlas(self.store, self.clock, catalogue)
        house = House(
            store=self.store, clock=self.clock, catalogue=catalogue, runner=self.runner, connections=self.world,
            sandbox=self.world, timezone="UTC", examine=self.world.examine, watching=self.orders,
            alerting=Alerting(self.store, self.clock, addresses=lambda: [Address("web", "#ops")]), map=atlas.map, remap=atlas.look, foremap=atlas.would,
        )  # fmt: skip
        conversation = HouseConversation(house, FewWords(), self.world)
        self.web = WebFace(conversation, self.store, self.clock, "a secret key")
        faces: dict[str, Face] = {"web": self.web}
        desk = HouseDesk(house, conversation, self.world, self._accept, self.world, faces)
        bus = Bus(self.store.ledger)
        self.rest = RestFace(desk, conversation, self.store, bus, self.world, self.clock, patience=self.patience)
        self.app = create_app(self.web, self.rest, TOKEN, inbound_token=INBOUND, body_limit=64 * 1024, hook_limit=128 * 1024)

    async def _accept(self, happenings: Sequence[Happening]) -> int:
        self.happened.extend(happenings)
        return len(happenings)

    @asynccontextmanager
    async def open(self):
        """Started, with a client that holds the token."""
        await self.web.start()
        await self.rest.start()
        headers = {"authorization": f"Bearer {TOKEN}"}
        transport = httpx2.ASGITransport(self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8321", headers=headers) as client:
            yield client
        await self.rest.stop()
        await self.web.stop()
        await self.runner.stop()

    async def sampled(self, service: str, *, count: int = 1, latency: float = 0.2, outcome: Outcome = Outcome.OK) -> None:
        sample = Sample(service, service, self.clock.now(), Source.PROBE, outcome, latency, sandbox=True)
        await self.store.ledger.record(SamplesTaken((sample,) * count))
