"""Remove a rota: nobody is on call for it any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.escalating import known, speaks_of
from engine.commands.house import House
from engine.commands.whom import named, rotas
from engine.errors import Rejected
from engine.events import CursorMoved, PolicySaved
from engine.monitoring.escalation import Kind
from engine.monitoring.oncall import KIND, cursor_of
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveRota(Command):
    NAME: ClassVar[str] = "remove_rota"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/oncall remove"
    HELP: ClassVar[str] = "Remove a rota that no escalation calls any more."
    EXAMPLE: ClassVar[str] = "/oncall remove ops"
    rota: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        rota = named(await rotas(house), self.rota)
        callers = [policy.id for policy in await known(house) if speaks_of(policy, Kind.ROTA, rota.id)]
        if callers:
            raise Rejected(f"The escalation for “{callers[0]}” calls this rota. Change it first: /escalation set {callers[0]}: …")
        await house.store.ledger.record(
            PolicySaved(KIND, rota.id, None, asking.at, rota.revision + 1),
            CursorMoved(cursor_of(rota.id), None, asking.at),
            house.audit(asking, self.NAME, f"rota_{rota.id}"),
        )
        return done(f"The rota “{rota.name}” is removed.", public=True)
