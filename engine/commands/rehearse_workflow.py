"""Rehearse a stored workflow: try it where nobody is reached, with faults on purpose if any are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import prepared
from engine.commands.house import House
from engine.commands.rehearsing import Said, dressed, rehearse
from engine.errors import Rejected
from engine.parties import Role
from engine.workflow.definition import Workflow
from engine.workflow.parse import parse_definition


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearseWorkflow(Command):
    """``words`` say what goes wrong, as people do; ``faults`` as machines do. ``inputs``: name=value; of an event its fields.

    ``definition``: to be tried in place of the stored one; without ``workflow`` a new one.
    """

    NAME: ClassVar[str] = "rehearse_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow rehearse"
    HELP: ClassVar[str] = "Try a workflow where nobody is reached and time is not waited for: as it should go, and with faults."
    EXAMPLE: ClassVar[str] = "/flow rehearse release trello lost answers 30%, 20 times"
    BUTTON: ClassVar[str] = "wf.rehearse"
    workflow: str = ""
    words: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
    trials: int | None = None
    seed: int | None = None
    approvals: str = ""
    definition: Mapping[str, Any] | None = None

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RehearseWorkflow:
        return cls(workflow=card, words=form.get("words", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await self._meant(house, asking)
        said = Said(
            words=self.words,
            inputs=self.inputs,
            event=self.event,
            faults=self.faults,
            trials=self.trials,
            seed=self.seed,
            approvals=self.approvals,
        )
        return Outcome(result=await rehearse(house, asking, workflow, said))

    async def _meant(self, house: House, asking: Asking) -> Workflow:
        stored = await house.workflow(self.workflow) if self.workflow else None
        if self.definition is not None:
            definition = prepared(house, asking, parse_definition(self.definition, house.catalogue))
            return dressed(definition, stored, asking.at, asking.actor.id, str(asking.where))
        if stored is None:
            raise Rejected(f"Say which workflow. For example: {self.EXAMPLE}")
        return stored
