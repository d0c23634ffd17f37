"""The hall with everything real but the world outside: commands, runner, memory; services answer as they are told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self, TypeAlias

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.registry import from_arguments, from_press
from engine.errors import NotFound, Rejected, SignalboxError
from engine.events import AlertSaved, MemberSaved, PostingWanted, WorkflowSaved
from engine.monitoring.alert import Alert, AlertState, Severity
from engine.monitoring.sample import Sample
from engine.parties import Actor, Address, Role
from engine.ports import Account, Answer, Budget, Call, Fault, Finding, Standing, Store
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.approval import approval_id
from engine.workflow.catalogue import Catalogue, Service
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Json, Workflow, WorkflowState
from engine.workflow.parse import parse_definition
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock, settled

Told: TypeAlias = "Json | SignalboxError | Callable[[Call], Json | SignalboxError]"
CONNECTED = ("github", "trello", "asana", "chat", "signalbox", "http", "email")
OPS = Address("slack", "C1")
ADA = Actor("slack", "U1", "Ada", "Europe/Berlin")
BOB = Actor("slack", "U2", "Bob")
OWNER = Actor("web", "owner", "Owner")

RELEASE: dict[str, Any] = {
    "name": "Release",
    "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
    "steps": [
        {"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "{{event.title}}"}},
        {"action": "chat.post_message", "with": {"channel": "#releases", "text": "Merged"}},
    ],
}
MANUAL: dict[str, Any] = {
    "name": "Deploy",
    "trigger": {
        "type": "manual",
        "inputs": [
            {"name": "version", "required": True, "help": "what to ship"},
            {"name": "count", "type": "integer", "default": 1},
            {"name": "dry", "type": "boolean"},
        ],
    },
    "steps": [{"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "Ship {{inputs.version}}"}}],
}
NIGHTLY: dict[str, Any] = {
    "name": "Nightly report",
    "trigger": {"type": "scheduled", "cron": "0 9 * * 1-5"},
    "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "Morning"}}],
}


@dataclass
class World:
    """Fulfils ``Actions``, ``Connections``, ``Sandbox`` and ``Groups``: answers as told, remembers what it was asked, posts approvals itself.

    ``found``: what a look at the service finds, None = it surely did not happen. ``members``: group → ids of people.
    """

    store: Store
    answers: dict[str, Told] = field(default_factory=dict)
    found: Answer | None = None
    members: dict[str, set[str]] = field(default_factory=dict)
    providers: Mapping[str, Callable[[Call], Awaitable[Json | Answer]]] = field(default_factory=dict)
    asked: list[Call] = field(default_factory=list)
    modes: dict[str, str] = field(default_factory=lambda: {"github": "live", "trello": "sandbox", "asana": "sandbox", "chat": "live"})

    async def perform(self, call: Call) -> Answer:
        self.asked.append(call)
        action = f"{call.service}.{call.operation}"
        if action == "chat.ask_approval":
            payload = {**call.arguments, "run": call.run, "step": call.step, "workflow": call.workflow}
            await self.store.ledger.record(PostingWanted(approval_id(call.key), "approval", OPS, payload=payload))
            return Answer(None, pending=True)
        if call.service == "signalbox" and call.operation in self.providers:
            provided = await self.providers[call.operation](call)
            return provided if isinstance(provided, Answer) else Answer(provided)
        answer = self.answers.get(action, {"id": "1", "url": "https://example.org/1"})
        answer = answer(call) if callable(answer) else answer
        if isinstance(answer, SignalboxError):
            raise answer
        return Answer(answer, sandbox=self.modes.get(call.service) == "sandbox")

    async def look(self, call: Call) -> Answer | None:
        return self.found

    def looks(self, service: str, operation: str) -> bool:
        return service == "trello"

    async def belongs(self, actor: Actor, group: str) -> bool:
        if group not in self.members:
            raise NotFound(f"Nobody knows @{group} here.")
        return actor.user in self.members[group]

    def services(self) -> Sequence[Service]:
        return [replace(service, connected=True) for service in KNOWN if service.id in CONNECTED]

    def accounts(self) -> Sequence[Account]:
        missing = {"sandbox": "Set its token."}
        return [
            Account(service=id, name="default", url="", mode=mode, missing=missing.get(mode, ""), probed=id not in ("chat", "asana"))
            for id, mode in self.modes.items()
        ]

    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        return {"title": "An example"} if (service, event) == ("github", "pull_request_merged") else {}

    async def probe(self, account: Account) -> Sample:
        raise Rejected("not probed here")

    async def examine(self) -> list[Finding]:
        return [Finding("GitHub", "ok", "Connected."), Finding("Slack", "problem", "No token.", "Set SLACK_BOT_TOKEN.")]

    async def standing(self, service: str) -> Standing | None:
        return None

    def budget(self, service: str) -> Sequence[Budget]:
        return [Budget("github", "default", "requests in 3600 s", 4900, 5000, 600.0)] if service == "github" else []

    def inject(self, fault: Fault) -> None:
        raise Rejected("no faults here")

    def mend(self, service: str = "") -> None:
        raise Rejected("no faults here")

    def faults(self) -> Sequence[Fault]:
        return []


class Hall:
    """``async with Hall() as hall``. ``ask`` and ``press`` do what the conversation does, without words and cards."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = StandingClock()
        self.store: Store = store or MemoryStore()
        self.world = World(self.store)
        catalogue = Catalogue.merge(KNOWN, self.world.services())
        self.runner = self._runner(catalogue)
        self.house = House(
            store=self.store,
            clock=self.clock,
            catalogue=catalogue,
            runner=self.runner,
            connections=self.world,
            sandbox=self.world,
            timezone="UTC",
            examine=self.world.examine,
            groups=self.world,
            looks=self.world.looks,
        )
        self.world.providers = self.runner.providers()
        self._keys = 0

    def _runner(self, catalogue: Catalogue) -> JournalRunner:
        return JournalRunner(store=self.store, guard=Guard(self.world, self.clock), clock=self.clock, catalogue=catalogue)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.stop()

    # --- asking --------------------------------------------------------------------------------------------------------

    def asking(self, actor: Actor = ADA, *, where: Address = OPS, key: str = "", version: int = 0) -> Asking:
        self._keys += 1
        zone = actor.timezone or "UTC"
        return Asking(actor=actor, where=where, at=self.clock.now(), timezone=zone, key=key or f"key {self._keys}", version=version)

    async def ask(self, name: str, *, actor: Actor = ADA, key: str = "", where: Address = OPS, **arguments: Any) -> Outcome:
        return await self._do(from_arguments(name, arguments), self.asking(actor, key=key, where=where))

    async def press(
        self, card: str, verb: str, version: int = 0, *, actor: Actor = ADA, form: dict[str, str] | None = None, key: str = "", arg: str = ""
    ) -> Outcome:
        return await self._do(from_press(card, verb, arg, form or {}), self.asking(actor, version=version, key=key))

    async def _do(self, command: Command, asking: Asking) -> Outcome:
        await self.house.require(asking.actor, command.NEEDS)
        return await command.handle(self.house, asking)

    # --- what there is ---------------------------------------------------------------------------------------------------

    async def stored(self, raw: dict[str, Any] | None = None, **changes: Any) -> Workflow:
        """A workflow as if it had been confirmed long ago."""
        definition = parse_definition({"home": "slack", **(raw or RELEASE)}, self.house.catalogue)
        now = self.clock.now()
        values: dict[str, Any] = {
            "id": self.clock.new_id("wf"), "version": 1, "revision": 1, "definition": definition, "state": WorkflowState.ACTIVE,
            "created_at": now, "created_by": ADA.id, "updated_at": now, "where": str(OPS),
        }  # fmt: skip
        workflow = Workflow(**(values | changes))
        await self.store.ledger.record(WorkflowSaved(workflow))
        return workflow

    async def alerted(self, service: str = "github", **changes: Any) -> Alert:
        alert = an_alert(self.clock.new_id("alr"), service, self.clock.now(), **changes)
        await self.store.ledger.record(AlertSaved(alert), PostingWanted(alert.id, "alert", OPS))
        return alert

    async def admin(self, actor: Actor = ADA, role: Role = Role.ADMIN) -> None:
        await self.store.ledger.record(MemberSaved(actor.id, actor.name, role))

    async def audited(self, subject: str = "") -> list[tuple[str, str, str]]:
        """(who, what, outcome), oldest first."""
        return [(row.actor_name, row.verb, row.outcome) for row in reversed(await self.store.audit.list(subject=subject))]

    async def finished(self) -> None:
        """Let everything that is under way come to rest."""
        await settled(300)


def an_alert(id: str, service: str, at: datetime, **changes: Any) -> Alert:
    values: dict[str, Any] = {
        "id": id, "fingerprint": f"availability/{service}/default", "revision": 1, "state": AlertState.FIRING, "severity": Severity.CRITICAL,
        "service": service, "account": "default", "rule": "availability", "message": f"{service} does not answer", "metric": "consecutive failures",
        "threshold": 3, "value": 3, "opened_at": at, "updated_at": at, "because": "3 checks in a row failed.",
    }  # fmt: skip
    return Alert(**(values | changes))
