"""Thing by thing: what was done elsewhere is done at its own service too, left where it is, or decided later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, noted
from engine.commands.house import House
from engine.commands.rerouted import DO, LEAVE, check_seen, decided, the_batch
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseReroutes(Command):
    """``chosen``: “thing” and the place of the thing in its batch → do, leave or later."""

    NAME: ClassVar[str] = "choose_reroutes"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say of each thing that was done elsewhere whether it is done at its own service too."
    BUTTON: ClassVar[str] = "put.choose"
    card: str
    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ChooseReroutes:
        return cls(card=card, chosen=form)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        batch = await the_batch(house.store, self.card)
        check_seen(asking, batch)
        said = {stream: self.chosen.get(f"thing{number}", "") for number, stream in enumerate(batch.items)}
        said = {stream: choice for stream, choice in said.items() if choice in (DO, LEAVE)}
        if not said:
            return done("Everything is to be decided later; nothing was changed.")
        text = await decided(house, asking, batch.service, said, [batch], verb=self.NAME)
        return await noted(house, asking, self.card, text)
