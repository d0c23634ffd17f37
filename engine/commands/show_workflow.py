"""Show a workflow: its trigger, its steps, its last runs and when it fires next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.by_hand import inputs_of
from engine.commands.command import Asking, Command, Outcome, WorkflowShown
from engine.commands.house import House
from engine.workflow.definition import Workflow
from engine.workflow.parse import to_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWorkflow(Command):
    NAME: ClassVar[str] = "show_workflow"
    SLASH: ClassVar[str] = "/flow show"
    HELP: ClassVar[str] = "Show a workflow, its last runs and its next fire."
    EXAMPLE: ClassVar[str] = "/flow show release"
    BUTTON: ClassVar[str] = "wf.show"
    workflow: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ShowWorkflow:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return Outcome(result=await shown(house, await house.workflow(self.workflow), asking.timezone))


async def shown(house: House, workflow: Workflow, timezone: str = "UTC") -> WorkflowShown:
    return WorkflowShown(
        workflow=workflow,
        runs=tuple(await house.store.runs.list(workflow=workflow.id, limit=5)),
        next_fire=house.due(workflow, house.clock.now()),
        touches=house.touches(workflow.definition),
        yaml=to_yaml(workflow.definition),
        inputs=inputs_of(house, workflow),
        timezone=timezone,
    )
