"""Apply a recommendation: the workflow gets a new version, with an Undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.advice_applied import apply
from engine.commands.advising import meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import noted
from engine.commands.house import House
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyAdvice(Command):
    """``advice``: its number on the card, or its id."""

    NAME: ClassVar[str] = "apply_advice"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Apply a recommendation: a new version of the workflow, which Undo takes back."
    EXAMPLE: ClassVar[str] = "/signalbox apply advice 1 for release"
    BUTTON: ClassVar[str] = "adv.apply"
    workflow: str = ""
    advice: str = ""
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ApplyAdvice:
        return cls(advice=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        policy, workflow = await meant(house, self.workflow, self.advice)
        workflow = await house.seen_workflow(workflow.id, asking)
        new = await apply(house, asking, policy, workflow)
        text = f"Applied: “{new.name}” is version {new.version} now.\n{policy.body.get('title')}. Undo is on the card of recommendations."
        return await noted(house, asking, self.card, text)
