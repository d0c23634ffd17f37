"""The maintenance windows and silences there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, SilencesShown
from engine.commands.house import House
from engine.commands.maintaining import windows


@dataclass(frozen=True, slots=True, kw_only=True)
class ListMaintenance(Command):
    NAME: ClassVar[str] = "list_maintenance"
    SLASH: ClassVar[str] = "/alerts maintenance"
    HELP: ClassVar[str] = "Maintenance windows and silences: what is quiet now, and what is to come."
    EXAMPLE: ClassVar[str] = "/alerts maintenance"
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service).id if self.service else ""
        found = [one for one in await windows(house) if service in ("", one.match.service)]
        return Outcome(result=SilencesShown(silences=tuple(found), now=asking.at, timezone=asking.timezone))
