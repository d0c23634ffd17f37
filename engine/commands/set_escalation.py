"""Set who is called when nobody takes an alert of a severity, of a service, or any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.command import Asking, Command, EscalationsShown, Outcome
from engine.commands.escalating import EXAMPLE, known, ladder, subject
from engine.commands.house import House
from engine.errors import Conflict, Rejected
from engine.events import PolicySaved
from engine.monitoring.escalation import KIND, EscalationPolicy, body_of, checked
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SetEscalation(Command):
    """``about``: a severity, a service or “all”. ``levels``: ``rota ops, 10m @ada, 20m #leads, repeat 2``; times count from the beginning."""

    NAME: ClassVar[str] = "set_escalation"
    NEEDS: ClassVar[Role] = Role.ADMIN
    SLASH: ClassVar[str] = "/escalation set"
    HELP: ClassVar[str] = "Set who is called, level by level, about alerts that nobody takes."
    EXAMPLE: ClassVar[str] = EXAMPLE
    about: str
    levels: str
    places: Mapping[str, str] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.levels.strip():
            raise Rejected(f"Who is to be called, and when? For example: {EXAMPLE}")
        id = subject(house, self.about)
        levels, repeat = await ladder(house, asking, self.levels, self.places)
        there = {policy.id: policy for policy in await known(house)}.get(id)
        policy = checked(EscalationPolicy(id=id, levels=levels, repeat=repeat, revision=there.revision + 1 if there else 1))
        detail = "; ".join(f"{level.after:g} s: {', '.join(one.words for one in level.targets)}" for level in levels)
        try:
            await house.store.ledger.record(
                PolicySaved(KIND, id, body_of(policy), asking.at, policy.revision),
                house.audit(asking, self.NAME, f"escalation_{id}", detail + (f"; {repeat} times more" if repeat else "")),
            )
        except Conflict as error:
            raise Conflict(
                f"Somebody else changed the escalation for “{id}” at the same moment. Look at it (/escalation) and say it again."
            ) from error
        return Outcome(result=EscalationsShown(policies=(policy,)), public=True)
