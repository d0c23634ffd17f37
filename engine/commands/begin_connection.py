"""A personal link to say yes in the browser, once what must be known before was typed into a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.connecting import meant_by, shown, the_desk
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginConnection(Command):
    NAME: ClassVar[str] = "begin_connection"
    NEEDS: ClassVar[Role] = Role.ADMIN
    HELP: ClassVar[str] = "A personal link that connects an account in the browser, for ten minutes."
    BUTTON: ClassVar[str] = "con.begin"
    service: str = ""
    account: str = ""
    card: str = ""  # of a press: it names both
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> BeginConnection:
        return cls(card=card, values={name: value for name, value in form.items() if value.strip()})

    async def handle(self, house: House, asking: Asking) -> Outcome:
        named, account = meant_by(self.card) if self.card else (self.service, self.account)
        service = house.service(named).id
        values = {name: str(value) for name, value in self.values.items()}
        link = await the_desk(house).begin(service, account, asking.actor, values)
        return Outcome(result=shown(house, service, account, link=link))
