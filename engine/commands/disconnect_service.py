"""Disconnect an account of a service: what was kept of it is forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.connecting import meant_by, the_desk
from engine.commands.drafting import done
from engine.commands.house import House
from engine.parties import Role
from engine.workflow.definition import WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectService(Command):
    NAME: ClassVar[str] = "disconnect_service"
    NEEDS: ClassVar[Role] = Role.ADMIN
    HELP: ClassVar[str] = "Disconnect an account of a service; what was kept of it is forgotten."
    EXAMPLE: ClassVar[str] = "/connect github off"
    BUTTON: ClassVar[str] = "con.off"
    service: str = ""
    account: str = ""
    card: str = ""  # of a press: it names both

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> DisconnectService:
        return cls(card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        named, wanted = meant_by(self.card) if self.card else (self.service, self.account)
        service, desk = house.service(named), the_desk(house)
        account = desk.key(wanted)
        used = await self._used(house, service.id, account)
        if house.watching is not None:
            await house.watching.end(service.id, account)
        await desk.disconnect(service.id, account)
        await house.store.ledger.record(house.audit(asking, self.NAME, f"account:{service.id}:{account}"))
        called = service.name + ("" if account == "default" else f" ({account})")
        also = (
            f"\nUsed by {', '.join(used[:5])}{' and more' if len(used) > 5 else ''}: their steps are refused or answered by the sandbox."
            if used
            else ""
        )
        return done(f"{called} is disconnected, and what was kept of it is forgotten.{also}")

    async def _used(self, house: House, service: str, account: str) -> list[str]:
        """The active workflows whose steps use it."""
        flows = [flow for flow in await house.store.workflows.list() if flow.state is WorkflowState.ACTIVE]
        return [flow.name for flow in flows if any((one, name) == (service, account) for one, name, _ in house.touches(flow.definition))]
