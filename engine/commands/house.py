"""The house as commands see it: every port in one value, and the few questions all commands ask of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process, utils

from engine.commands.command import Asking
from engine.errors import Forbidden, NotFound
from engine.events import Audited
from engine.parties import Actor, Address, Role
from engine.ports import Clock, Connections, Finding, Runner, Sandbox, Store
from engine.workflow.calendar import next_fire
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Definition, Json, TriggerType, Workflow, WorkflowState
from engine.workflow.parse import to_raw

# Whoever speaks through these holds the machine itself or the admin token.
OWNER_FACES = frozenset({"web", "rest", "terminal", "signalbox"})


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """``alert_addresses``: where alerts and reports go. ``timezone``: the zone of the house, IANA."""

    store: Store
    clock: Clock
    catalogue: Catalogue
    runner: Runner
    connections: Connections
    sandbox: Sandbox
    timezone: str
    version: str = "0"
    examine: Callable[[], Awaitable[Sequence[Finding]]]

    async def require(self, actor: Actor, role: Role) -> None:
        """Raises Forbidden, naming who may. Everyone may everything until the first admin is named."""
        if role is Role.VIEWER or actor.face in OWNER_FACES:
            return
        admins = await self.store.members.admins()
        if not admins:
            return
        held = await self.store.members.role(actor.id) or Role.VIEWER
        if held.rank < role.rank:
            names = ", ".join(sorted(admins.values())[:5])
            raise Forbidden(f"That needs the role {role}; you are {held}. Ask an admin: {names}.")

    async def workflow(self, name: str) -> Workflow:
        """By id or by name, however written. Raises NotFound with the nearest names."""
        workflows = await self.store.workflows.list()
        wanted = name.strip().strip("\"'“”").casefold()
        for workflow in workflows:
            if workflow.id == wanted or workflow.name.casefold() == wanted:
                return workflow
        near = self._near(wanted, workflows)
        if near and near[0][1] >= 82 and (len(near) == 1 or near[0][1] - near[1][1] >= 8):
            return near[0][0]
        if not workflows:
            raise NotFound("There is no workflow yet. Say what should happen, or look at /flow templates.")
        names = [workflow.name for workflow, score in near if score >= 45][:3] or [w.name for w in workflows[:3]]
        raise NotFound(f"There is no workflow called “{name}”. Did you mean {' or '.join(f'“{n}”' for n in names)}?")

    def _near(self, wanted: str, workflows: Sequence[Workflow]) -> list[tuple[Workflow, float]]:
        names = {workflow.id: workflow.name for workflow in workflows}
        found = process.extract(wanted, names, scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=4)
        by_id = {workflow.id: workflow for workflow in workflows}
        return [(by_id[key], score) for _, score, key in found]

    def touches(self, definition: Definition) -> tuple[tuple[str, str, str], ...]:
        """(service, account, mode) of every account the steps use."""
        accounts: dict[str, tuple[str, str]] = {}
        for account in self.connections.accounts():
            accounts.setdefault(account.service, (account.name, account.mode))
        return tuple((service, *accounts.get(service, ("", "live"))) for service in definition.services)

    def due(self, workflow: Workflow, after: datetime) -> datetime | None:
        """When a stored workflow fires next; None when it is paused or has no schedule."""
        trigger = workflow.definition.trigger
        if trigger.type is not TriggerType.SCHEDULED or workflow.state is not WorkflowState.ACTIVE:
            return None
        return next_fire(trigger, after, self.timezone)

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


def choose(names: Iterable[str]) -> str:
    """“a”, “b” or “c”."""
    quoted = [f"“{name}”" for name in names]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1]))) if quoted else ""


def difference(old: Definition | None, new: Definition) -> str:
    """What changed, one line a top-level part, for people."""
    before: Mapping[str, Json] = to_raw(old) if old else {}
    after = to_raw(new)
    keys = dict.fromkeys((*before, *after))
    lines = []
    for key in keys:
        was, now = before.get(key), after.get(key)
        if was != now:
            lines.append(f"- {key}: {was}" if was is not None else "")
            lines.append(f"+ {key}: {now}" if now is not None else "")
    return "\n".join(line for line in lines if line)


def address_of(text: str) -> Address | None:
    return Address.parse(text) if text else None
