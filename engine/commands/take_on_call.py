"""Take over on a rota oneself, from now until a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.moments import EXAMPLES, moment
from engine.commands.override_rota import OverrideRota
from engine.errors import Rejected
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOnCall(Command):
    """``until``: a moment; ``within``: the same as people type it into a form, ``2h`` or ``tomorrow 9:00``."""

    NAME: ClassVar[str] = "take_on_call"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/oncall take"
    HELP: ClassVar[str] = "Be on call yourself from now until you say."
    EXAMPLE: ClassVar[str] = "/oncall take ops until 18:00"
    BUTTON: ClassVar[str] = "rota.take"
    rota: str = ""
    until: datetime | None = None
    within: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> TakeOnCall:
        return cls(rota=arg or card, within=form.get("until", "").strip())

    async def handle(self, house: House, asking: Asking) -> Outcome:
        until = self.until or (moment(self.within, asking.at, asking.timezone) if self.within else None)
        if until is None:
            raise Rejected(f"Until when do you take over? {EXAMPLES}")
        return await OverrideRota(rota=self.rota, user="me", until=until).handle(house, asking)
