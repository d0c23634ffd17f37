"""A step in doubt that did not happen: it is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.settle_doubt import settle
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatDoubt(Command):
    NAME: ClassVar[str] = "repeat_doubt"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say that a step in doubt did not happen: it is asked again."
    BUTTON: ClassVar[str] = "dbt.repeat"
    doubt: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RepeatDoubt:
        return cls(doubt=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await settle(house, asking, self.doubt, happened=False)
