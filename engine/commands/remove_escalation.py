"""Remove an escalation: about those alerts nobody is called by itself any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.escalating import known, subject
from engine.commands.house import House
from engine.errors import NotFound
from engine.events import PolicySaved
from engine.monitoring.escalation import KIND
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEscalation(Command):
    NAME: ClassVar[str] = "remove_escalation"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/escalation remove"
    HELP: ClassVar[str] = "Call nobody by itself any more about alerts of a severity or service."
    EXAMPLE: ClassVar[str] = "/escalation remove critical"
    about: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        id = subject(house, self.about)
        there = {policy.id: policy for policy in await known(house)}
        if id not in there:
            raise NotFound(f"There is no escalation for “{id}”." + (f" There are: {', '.join(there)}." if there else ""))
        await house.store.ledger.record(
            PolicySaved(KIND, id, None, asking.at, there[id].revision + 1), house.audit(asking, self.NAME, f"escalation_{id}")
        )
        return done(f"Nobody is called by itself any more for “{id}”.", public=True)
