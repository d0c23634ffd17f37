"""List the stored workflows with their state, last run and next fire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, WorkflowsShown
from engine.commands.house import House
from engine.errors import Rejected
from engine.workflow.catalogue import listed
from engine.workflow.definition import Workflow, WorkflowState

STATES = (WorkflowState.ACTIVE.value, WorkflowState.PAUSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorkflows(Command):
    NAME: ClassVar[str] = "list_workflows"
    SLASH: ClassVar[str] = "/flow list"
    HELP: ClassVar[str] = "List workflows, of one service or in one state if you say so."
    EXAMPLE: ClassVar[str] = "/flow list github"
    service: str = ""
    state: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        service = house.service(self.service).id if self.service else ""
        state = self.state.strip().casefold()
        if state not in ("", *STATES):
            raise Rejected(f"“{self.state[:40]}” is no state of a workflow. Say {listed(STATES, 'or')}.")
        chosen = [
            flow for flow in await house.store.workflows.list() if state in ("", flow.state.value) and service in ("", *_services(flow))
        ]
        rows = []
        for workflow in chosen:
            runs = await house.store.runs.list(workflow=workflow.id, limit=1)
            rows.append((workflow, runs[0] if runs else None, house.due(workflow, asking.at)))
        said = " ".join(filter(None, (state, service)))
        return Outcome(result=WorkflowsShown(rows=tuple(rows), filter=said, timezone=asking.timezone, likely=await _likely(house, asking)))


async def _likely(house: House, asking: Asking) -> str:
    if house.foresight is None:
        return ""
    found = await house.foresight.likely(asking.actor.id, str(asking.where), asking.at, asking.timezone)
    return f"Next, perhaps “{found[0].name}”: {found[1]} /flow run {found[0].name}" if found else ""


def _services(workflow: Workflow) -> tuple[str, ...]:
    """Everything it has to do with: what starts it, what it asks, what stands in."""
    definition = workflow.definition
    trigger = definition.trigger
    events = (event.partition(".")[0] for event in (*trigger.any, *trigger.all, *trigger.sequence))
    return (trigger.service, *events, *definition.services, *definition.options.fallback.values())
