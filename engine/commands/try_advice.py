"""Try a recommendation before it is applied: over what happened in the last days, or, for what people start, on the stage of rehearsals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.advising import change_of, meant
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import prepared
from engine.commands.house import House
from engine.commands.rehearsing import Said, dressed, rehearse
from engine.commands.replay_workflow import DEFAULT, replayed
from engine.parties import Role
from engine.prediction.advice.change import changed
from engine.workflow.definition import TriggerType


@dataclass(frozen=True, slots=True, kw_only=True)
class TryAdvice(Command):
    """``advice``: its number on the card, or its id."""

    NAME: ClassVar[str] = "try_advice"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "See what a workflow would do with a recommendation applied; nothing is touched."
    EXAMPLE: ClassVar[str] = "/signalbox try advice 1 for release"
    BUTTON: ClassVar[str] = "adv.try"
    workflow: str = ""
    advice: str = ""
    card: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> TryAdvice:
        return cls(advice=arg, card=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        policy, workflow = await meant(house, self.workflow, self.advice)
        definition = prepared(house, asking, changed(workflow.definition, change_of(policy), house.catalogue))
        tried = dressed(definition, workflow, asking.at, asking.actor.id, str(asking.where))
        if definition.trigger.type is TriggerType.MANUAL:
            return Outcome(result=await rehearse(house, asking, tried, Said()))
        return Outcome(result=await replayed(house, asking, tried, workflow, DEFAULT))
