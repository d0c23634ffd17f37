"""Decline: a run that waits for a yes gets a no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.approving import answer
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineStep(Command):
    """``ask``: the id of the approval's card; or ``run`` or ``workflow``, and ``step`` where several wait."""

    NAME: ClassVar[str] = "decline_step"
    NEEDS: ClassVar[Role] = Role.VIEWER  # as for approve_step
    SLASH: ClassVar[str] = "/flow decline"
    HELP: ClassVar[str] = "Decline what a run asks for; one no is a no."
    EXAMPLE: ClassVar[str] = "/flow decline release not before Monday"
    BUTTON: ClassVar[str] = "apr.decline"
    ask: str = ""
    workflow: str = ""
    run: str = ""
    step: str = ""
    note: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> DeclineStep:
        return cls(ask=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await answer(house, asking, self, approved=False, note=self.note)
