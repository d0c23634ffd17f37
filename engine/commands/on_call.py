"""Who is on call, now and next, of every rota."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.rostering import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall(Command):
    NAME: ClassVar[str] = "on_call"
    SLASH: ClassVar[str] = "/oncall"
    HELP: ClassVar[str] = "Who is on call now and next, and until when."
    EXAMPLE: ClassVar[str] = "/oncall"
    rota: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await shown(house, self.rota, asking.timezone))
