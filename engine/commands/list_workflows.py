"""List the stored workflows with their state, last run and next fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, WorkflowsShown
from engine.commands.house import House
from engine.workflow.definition import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorkflows(Command):
    NAME: ClassVar[str] = "list_workflows"
    SLASH: ClassVar[str] = "/flow list"
    HELP: ClassVar[str] = "List workflows, of one service or in one state if you say so."
    EXAMPLE: ClassVar[str] = "/flow list github"
    service: str = ""
    state: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        chosen = [workflow for workflow in await house.store.workflows.list() if self._fits(workflow)]
        rows = []
        for workflow in chosen:
            runs = await house.store.runs.list(workflow=workflow.id, limit=1)
            rows.append((workflow, runs[0] if runs else None, house.due(workflow, asking.at)))
        said = " ".join(filter(None, (self.service, self.state)))
        return Outcome(result=WorkflowsShown(rows=tuple(rows), filter=said))

    def _fits(self, workflow: Workflow) -> bool:
        touched = (workflow.definition.trigger.service, *workflow.definition.services)
        if self.service and self.service.casefold() not in touched:
            return False
        return not self.state or workflow.state.value == self.state.casefold()
