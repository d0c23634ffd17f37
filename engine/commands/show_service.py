"""One service: its account, its mode, its health and what it can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowService(Command):
    NAME: ClassVar[str] = "show_service"
    SLASH: ClassVar[str] = "/service"
    HELP: ClassVar[str] = "How a service is connected and what it can do."
    EXAMPLE: ClassVar[str] = "/service github"
    service: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service)
        lines = [f"{service.name}, {service.category.replace('_', ' ')}"]
        accounts = [account for account in house.connections.accounts() if account.service == service.id]
        for account in accounts:
            lines.append(f"Account {account.name}: {account.mode}, {account.url or 'built in'}. {account.missing}".strip())
        if not accounts:
            lines.append("Not connected: this version has no connector for it yet.")
        if service.actions:
            lines.append("Can: " + ", ".join(action.operation.replace("_", " ") for action in service.actions))
        if service.events:
            lines.append("Tells: " + ", ".join(event.event.replace("_", " ") for event in service.events))
        return done("\n".join(lines))
