"""Take an acknowledgement back: nobody is on it any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from engine.commands.about_alert import AboutOneAlert
from engine.commands.command import Asking, Outcome
from engine.commands.house import House
from engine.monitoring.alert import unacknowledged
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UnacknowledgeAlert(AboutOneAlert):
    NAME: ClassVar[str] = "unacknowledge_alert"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/alerts unack"
    HELP: ClassVar[str] = "Take an acknowledgement back, yours or somebody else's: the alert fires again and people are called anew."
    EXAMPLE: ClassVar[str] = "/alerts unack github"
    BUTTON: ClassVar[str] = "alr.unacknowledge"

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> UnacknowledgeAlert:
        return cls(alert=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        because = f"{asking.actor.name} took the acknowledgement back" + (f": {self.note}" if self.note else ".")
        move = partial(unacknowledged, at=asking.at, because=because)
        return await self.moved(house, asking, move, lambda name: f"{name}: firing again; nobody is on it.")
