"""The house as commands see it: every port in one value, and the few questions all commands ask of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.commands.command import Asking
from engine.commands.naming import named
from engine.errors import Conflict, Forbidden, NotFound, Rejected
from engine.events import Audited, MemberSaved
from engine.graph.blame.memory import Memory
from engine.graph.blame.verdict import Verdict
from engine.graph.discovery.map import EMPTY, Map, Told
from engine.graph.structure.answers import Answers
from engine.graph.structure.index import Structure
from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from engine.monitoring.incident import Incident
from engine.parties import Actor, Role
from engine.ports import (
    Clock,
    Connecting,
    Connections,
    FeedState,
    Finding,
    Gauging,
    Groups,
    Model,
    NoTelemetry,
    Rehearsals,
    Runner,
    Sandbox,
    Signals,
    Store,
    Telemetry,
    Watching,
)
from engine.prediction.learnt import Prospect
from engine.resilience.spending import ModelFacts
from engine.workflow.calendar import next_fire
from engine.workflow.catalogue import Catalogue, Service, did_you_mean, listed
from engine.workflow.definition import Definition, TriggerType, Workflow, WorkflowState

# Whoever speaks through these holds the machine itself or the admin token.
OWNER_FACES = frozenset({"web", "rest", "terminal", "signalbox"})
REMEMBERED = 500  # rows of the audit in which names are looked for


def nothing_met(service: str, account: str) -> Sequence[str]:
    return ()


def never_looks(service: str, operation: str) -> bool:
    """For a house whose services cannot be read back; see ``ports.Actions.looks``."""
    return False


def nothing_mapped() -> Map:
    return EMPTY


def nothing_falls() -> Answers:
    return Answers(Structure.of())


async def nothing_renewed() -> None:
    """For a house that keeps no map."""


async def nothing_foreseen(source: str, told: Told) -> Map:
    """For a house that keeps no map."""
    return EMPTY


def nothing_known() -> Topology:
    """For a house that does not know who needs whom."""
    return NOTHING_KNOWN


async def nothing_held() -> None:
    """For a house that keeps no alert quiet; see ``House.reconsider``."""


class Foresight(Protocol):
    """What is foretold of runs; ``engine.runtime.foreteller``."""

    async def prospect(self, workflow: Workflow, at: datetime | None = None) -> Prospect: ...
    async def likely(self, actor: str, where: str, at: datetime, zone: str = "") -> tuple[Workflow, str] | None: ...


class Blames(Protocol):
    """Who is to blame; ``engine.runtime.blaming``."""

    async def find(self, whole: Incident, *, memory: Memory | None = None, denied: Collection[str] = ()) -> Verdict: ...

    async def of_service(self, node: str) -> Verdict | None: ...


class NoGroups:
    """For a house whose faces keep no groups."""

    async def belongs(self, actor: Actor, group: str) -> bool:
        raise Rejected(f"Nobody can tell here who is in “{group[:60]}”.")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """``timezone``: the zone of the house, IANA. ``naming`` is held from checking that a name is free until it is taken.

    ``alerting``: where trouble is told (``take`` of signals); None in a process that makes no alerts.
    ``reconsider``: look again at the alerts that nobody was told of, as the reason may be gone.
    ``fares``: of a service and an account, its breaker and its score, a sentence each.
    ``judging``: held from reading what was learnt of suspects until it is kept.
    ``remap``: renew the map at once, so that whoever changed it sees that; ``foremap``: what it would be if a source declared something else.
    """

    store: Store
    clock: Clock
    catalogue: Catalogue
    runner: Runner
    connections: Connections
    sandbox: Sandbox
    timezone: str
    version: str = "0"
    examine: Callable[[], Awaitable[Sequence[Finding]]]
    groups: Groups = field(default_factory=NoGroups)
    looks: Callable[[str, str], bool] = never_looks
    rehearsals: Rehearsals | None = None
    connecting: Connecting | None = None
    model: Model | None = None  # that tells in words what the record holds; None: nobody does
    language: Callable[[], Awaitable[ModelFacts]] | None = None  # the model as it is set up; None: none is
    watching: Watching | None = None
    gauging: Gauging | None = None
    feeds: Callable[[], Sequence[FeedState]] = tuple
    fares: Callable[[str, str], Sequence[str]] = nothing_met
    reconsider: Callable[[], Awaitable[None]] = nothing_held
    alerting: Signals | None = None
    topology: Callable[[], Topology] = nothing_known
    map: Callable[[], Map] = nothing_mapped
    answers: Callable[[], Answers] = nothing_falls
    blaming: Blames | None = None  # None: only who needs whom is asked
    foresight: Foresight | None = None  # None: nobody learns of runs in this process
    remap: Callable[[], Awaitable[None]] = nothing_renewed
    foremap: Callable[[str, Told], Awaitable[Map]] = nothing_foreseen
    telemetry: Telemetry = field(default_factory=NoTelemetry)
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)
    judging: asyncio.Lock = field(default_factory=asyncio.Lock)

    # --- people --------------------------------------------------------------------------------------------------------

    async def require(self, actor: Actor, role: Role) -> None:
        """Raises Forbidden, naming who may. Everyone may everything until the first admin is named."""
        if role is Role.VIEWER or actor.face in OWNER_FACES:
            return
        admins = await self.store.members.admins()
        if not admins:
            return
        held = Role.ADMIN if actor.id in admins else await self.store.members.role(actor.id) or Role.VIEWER
        if held.rank < role.rank:
            names = ", ".join(sorted(admins.values())[:5])
            raise Forbidden(f"That needs the role {role}; you are {held}. Ask an admin: {names}.")
        if actor.id in admins and admins[actor.id] == actor.user != actor.name:
            # Named by a bare id before anybody knew what they are called.
            await self.store.ledger.record(MemberSaved(actor.id, actor.name, Role.ADMIN))

    async def names(self, actors: Iterable[str]) -> dict[str, str]:
        """Actor id → name, of those who are members or did something here lately."""
        wanted = set(actors)
        found: dict[str, str] = {}
        if wanted:
            for row in await self.store.audit.list(limit=REMEMBERED):
                if row.actor in wanted and row.actor_name:
                    found.setdefault(row.actor, row.actor_name)
            admins = await self.store.members.admins()
            found = {id: name for id, name in admins.items() if id in wanted} | found
        return found

    def audit(self, asking: Asking, verb: str, subject: str, detail: str = "") -> Audited:
        return Audited(
            at=asking.at,
            actor=asking.actor.id,
            actor_name=asking.actor.name,
            verb=verb,
            subject=subject,
            where=str(asking.where),
            seen=asking.version,
            detail=detail,
        )

    # --- workflows -----------------------------------------------------------------------------------------------------

    async def workflow(self, name: str) -> Workflow:
        """By id, name, or an abbreviation or typo that fits only one. Raises NotFound with the nearest names."""
        gone = await self.store.workflows.get(name.strip())
        if gone is not None and gone.state is WorkflowState.DELETED:
            raise NotFound(f"“{gone.name}” has been deleted. Its history is kept; say what should happen to make it anew.")
        return named(name, await self.store.workflows.list())

    async def seen_workflow(self, name: str, asking: Asking) -> Workflow:
        """As ``workflow``, for something that changes it. Raises Conflict when a pressed card showed an older state of it."""
        workflow = await self.workflow(name)
        if asking.version and asking.version != workflow.revision:
            state = f"it is version {workflow.version}, {workflow.state.value}"
            raise Conflict(
                f"“{workflow.name}” has changed since this card was drawn; now {state}. Look again and press there: /flow show {workflow.name}"
            )
        return workflow

    def due(self, workflow: Workflow, after: datetime) -> datetime | None:
        """When a stored workflow fires next; None when it is paused or has no schedule."""
        trigger = workflow.definition.trigger
        if trigger.type is not TriggerType.SCHEDULED or workflow.state is not WorkflowState.ACTIVE:
            return None
        return next_fire(trigger, after, self.timezone)

    # --- services ------------------------------------------------------------------------------------------------------

    def service(self, name: str) -> Service:
        """By id, name or another name it goes by. Raises NotFound with the nearest names."""
        wanted = _plain(name)
        for service in self.catalogue.services.values():
            if wanted in (_plain(service.id), _plain(service.name)):
                return service
        for service in self.catalogue.services.values():
            if wanted in map(_plain, service.aliases):
                return service
        names = {spelling: service.name for service in self.catalogue.services.values() for spelling in (service.id, service.name)}
        raise NotFound(f"There is no service “{name.strip()[:60]}”.{did_you_mean(name, names) or ' /connect lists the connected ones.'}")

    def check_accounts(self, definition: Definition) -> None:
        """Raises Rejected for a step whose account there is not, naming those there are."""
        names: dict[str, list[str]] = {}
        for one in self.connections.accounts():
            names.setdefault(one.service, []).append(one.name)
        for service, account in _asked(definition):
            known = names.get(service, [])
            called = self.catalogue.services[service].name if service in self.catalogue.services else service
            if account and known and account not in known:
                raise Rejected(
                    f"{called} has no account “{account[:40]}”, only {listed([f'“{name}”' for name in known])}. "
                    f"Say one of them in the step, or connect it first: /connect {service} as {account[:40]}"
                )
            if not account and len(known) > 1 and "default" not in known:
                raise Rejected(f"{called} has several accounts: {listed(known)}. Say which in the step, such as “account: {known[0]}”.")

    def touches(self, definition: Definition) -> tuple[tuple[str, str, str], ...]:
        """(service, account, mode) of every account the steps use, and those that stand in for them."""
        accounts = {(account.service, account.name): account.mode for account in self.connections.accounts()}
        default: dict[str, str] = {}
        for service, account in accounts:
            default.setdefault(service, account)
        used = [(service, account or default.get(service, "")) for service, account in _asked(definition)]
        used += [(service, default.get(service, "")) for service in definition.options.fallback.values()]
        return tuple((service, account, accounts.get((service, account), "not connected")) for service, account in dict.fromkeys(used))


def _asked(definition: Definition) -> list[tuple[str, str]]:
    """(service, account or "") of every step and of what stands in for one."""
    asks = [(step.service, step.account) for step in definition.every_step if step.action]
    instead = [other for step in definition.every_step for other in (step.fallback, step.compensate) if other is not None]
    return asks + [(other.action.partition(".")[0], other.account) for other in instead]


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
