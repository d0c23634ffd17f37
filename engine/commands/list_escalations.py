"""Who is called when nobody takes an alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, EscalationsShown, Outcome
from engine.commands.escalating import known
from engine.commands.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEscalations(Command):
    NAME: ClassVar[str] = "list_escalations"
    SLASH: ClassVar[str] = "/escalation"
    HELP: ClassVar[str] = "Who is called, and when, about alerts that nobody takes."
    EXAMPLE: ClassVar[str] = "/escalation"

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=EscalationsShown(policies=tuple(await known(house))))
