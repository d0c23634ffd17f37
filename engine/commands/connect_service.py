"""How to connect a service: which settings to set, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectService(Command):
    NAME: ClassVar[str] = "connect_service"
    SLASH: ClassVar[str] = "/connect"
    HELP: ClassVar[str] = "What to set so that a service is connected for real instead of by the sandbox."
    EXAMPLE: ClassVar[str] = "/connect github"
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        chosen = house.service(self.service) if self.service else None
        accounts = [account for account in house.connections.accounts() if chosen is None or account.service == chosen.id]
        if not accounts:
            raise NotFound(f"{chosen.name if chosen else 'Nothing'} has no connector in this version, so it cannot be connected yet.")
        lines = [f"{house.service(one.service).name}: {one.mode}. {one.missing or 'Nothing is missing.'}" for one in accounts]
        title = f"Connecting {chosen.name}" if chosen else "What is connected"
        how = "Settings go into .env beside main.py, never into a chat; then start Signalbox again."
        return done("\n".join([title, *lines, how]))
