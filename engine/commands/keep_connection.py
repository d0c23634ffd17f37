"""Keep what somebody typed into the form of a connection, once the service has taken it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.connecting import meant_by, the_desk
from engine.commands.drafting import done
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepConnection(Command):
    """``values`` hold secrets: they go to the vault, and nowhere else. ``way`` "" is the service's first."""

    NAME: ClassVar[str] = "keep_connection"
    NEEDS: ClassVar[Role] = Role.ADMIN
    HELP: ClassVar[str] = "Connect an account with what was typed into its form."
    BUTTON: ClassVar[str] = "con.keep"
    service: str = ""
    account: str = ""
    card: str = ""  # of a press: it names both
    way: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> KeepConnection:
        return cls(card=card, way=arg, values={name: value for name, value in form.items() if value.strip()})

    async def handle(self, house: House, asking: Asking) -> Outcome:
        named, wanted = meant_by(self.card) if self.card else (self.service, self.account)
        service, desk = house.service(named), the_desk(house)
        account = await desk.connect(service.id, wanted, self.way, {name: str(value) for name, value in self.values.items()})
        await house.store.ledger.record(house.audit(asking, self.NAME, f"account:{account.service}:{account.name}", self.way))
        called = service.name + ("" if account.name == "default" else f" ({account.name})")
        return done(f"{called} is connected: {account.url or 'it answered'}.\nWorkflows use it from now on.")
