"""What was done elsewhere while its own service was down stays there, and nobody is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.commands.rerouted import LEAVE, check_seen, decided, of_batch, the_batch
from engine.parties import Role
from engine.workflow.putting_right import Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveAsIs(Command):
    """``card``: of one batch."""

    NAME: ClassVar[str] = "leave_as_is"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Leave what was done elsewhere where it is."
    BUTTON: ClassVar[str] = "put.leave"
    card: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> LeaveAsIs:
        return cls(card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        batch = await the_batch(house.store, self.card)
        check_seen(asking, batch)
        said = {one.stream: LEAVE for one in await of_batch(house.store, batch) if one.fate is Fate.OPEN}
        text = await decided(house, asking, batch.service, said, [batch], verb=self.NAME)
        return await noted(house, asking, self.card, text)
