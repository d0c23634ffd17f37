"""Approve: a run that waits for a yes goes on, once enough people said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.approving import answer
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveStep(Command):
    """``ask``: the id of the approval's card; or ``run`` or ``workflow``, and ``step`` where several wait."""

    NAME: ClassVar[str] = "approve_step"
    NEEDS: ClassVar[Role] = Role.VIEWER  # whoever was asked may answer, whatever their role; see ``approvers.refuse_unasked``
    SLASH: ClassVar[str] = "/flow approve"
    HELP: ClassVar[str] = "Approve what a run asks for; it goes on once enough people did."
    EXAMPLE: ClassVar[str] = "/flow approve release looks good"
    BUTTON: ClassVar[str] = "apr.approve"
    ask: str = ""
    workflow: str = ""
    run: str = ""
    step: str = ""
    note: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ApproveStep:
        return cls(ask=card, note=form.get("note", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return await answer(house, asking, self, approved=True, note=self.note)
