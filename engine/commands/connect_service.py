"""How to connect a service: which settings to set, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectService(Command):
    NAME: ClassVar[str] = "connect_service"
    SLASH: ClassVar[str] = "/connect"
    HELP: ClassVar[str] = "What to set so that a service is connected for real instead of by the sandbox."
    EXAMPLE: ClassVar[str] = "/connect github"
    service: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        chosen = house.catalogue.service(self.service).id if self.service else ""
        lines = []
        for account in house.connections.accounts():
            if chosen in ("", account.service):
                name = house.catalogue.service(account.service).name
                lines.append(f"{name}: {account.mode}." + (f" {account.missing}" if account.missing else " Nothing is missing."))
        if not lines:
            return done(f"{house.catalogue.service(chosen).name} has no connector in this version, so it cannot be connected yet.", )
        return done("\n".join(lines) + "\nSettings go into .env beside main.py (never into a chat); then start Signalbox again.")
