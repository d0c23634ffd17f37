"""A step in doubt did happen: the run goes on behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.doubting import settle
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleDoubt(Command):
    """``doubt``: the id of its card; or ``run`` or ``workflow``, and ``step`` where several are in doubt."""

    NAME: ClassVar[str] = "settle_doubt"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow doubt"
    HELP: ClassVar[str] = "Settle a step in doubt: it happened, it did not (it is asked again), or look at the service."
    EXAMPLE: ClassVar[str] = "/flow doubt release happened"
    BUTTON: ClassVar[str] = "dbt.happened"
    doubt: str = ""
    workflow: str = ""
    run: str = ""
    step: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> SettleDoubt:
        return cls(doubt=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await settle(
            house, asking, self, "doubt_happened",
            lambda doubt: house.runner.decide(doubt.run.id, doubt.step.id, happened=True, actor=asking.actor),
            "Noted: “{step}” happened; the run goes on.",
        )  # fmt: skip
