"""Take an applied recommendation back: the version before becomes the newest, if nobody changed the workflow since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.advice_applied import undo
from engine.commands.advising import meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAdvice(Command):
    """``advice``: its number on the card, or its id."""

    NAME: ClassVar[str] = "undo_advice"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Take an applied recommendation back."
    EXAMPLE: ClassVar[str] = "/signalbox undo advice 1 for release"
    BUTTON: ClassVar[str] = "adv.undo"
    workflow: str = ""
    advice: str = ""
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> UndoAdvice:
        return cls(advice=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        policy, workflow = await meant(house, self.workflow, self.advice)
        new = await undo(house, asking, policy, await house.seen_workflow(workflow.id, asking))
        text = f"Undone: “{new.name}” is as in version {policy.body.get('before_version')} again (version {new.version})."
        return await noted(house, asking, self.card, text)
