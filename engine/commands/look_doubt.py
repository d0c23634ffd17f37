"""A step in doubt is settled by reading back from its service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.doubting import settle
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LookDoubt(Command):
    NAME: ClassVar[str] = "look_doubt"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Look at the service whether a step in doubt happened, where it can be asked that."
    EXAMPLE: ClassVar[str] = "/flow doubt release look"
    BUTTON: ClassVar[str] = "dbt.look"
    doubt: str = ""
    workflow: str = ""
    run: str = ""
    step: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> LookDoubt:
        return cls(doubt=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await settle(
            house, asking, self, "doubt_looked_up",
            lambda doubt: house.runner.look(doubt.run.id, doubt.step.id, asking.actor),
            "Looked: what was found about “{step}” stands on the run's card.",
        )  # fmt: skip
