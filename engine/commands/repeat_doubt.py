"""A step in doubt that did not happen: it is asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.doubting import settle
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatDoubt(Command):
    NAME: ClassVar[str] = "repeat_doubt"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Say that a step in doubt did not happen: it is asked again."
    EXAMPLE: ClassVar[str] = "/flow doubt release repeat"
    BUTTON: ClassVar[str] = "dbt.repeat"
    doubt: str = ""
    workflow: str = ""
    run: str = ""
    step: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RepeatDoubt:
        return cls(doubt=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await settle(
            house, asking, self, "doubt_did_not_happen",
            lambda doubt: house.runner.decide(doubt.run.id, doubt.step.id, happened=False, actor=asking.actor),
            "Noted: “{step}” did not happen; it is asked again.",
        )  # fmt: skip
