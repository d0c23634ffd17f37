"""The audit: who did what, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, AuditShown, Command, Outcome
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowAudit(Command):
    NAME: ClassVar[str] = "show_audit"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/signalbox audit"
    HELP: ClassVar[str] = "Who did what to what, from where."
    EXAMPLE: ClassVar[str] = "/signalbox audit"
    subject: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=AuditShown(rows=tuple(await house.store.audit.list(subject=self.subject, limit=25))))
