"""Delete a workflow: asks first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, open_draft
from engine.commands.house import House
from engine.commands.speaking import spoken
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteWorkflow(Command):
    NAME: ClassVar[str] = "delete_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow delete"
    HELP: ClassVar[str] = "Delete a workflow, after asking; its history is kept."
    EXAMPLE: ClassVar[str] = "/flow delete release"
    BUTTON: ClassVar[str] = "wf.delete"
    workflow: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> DeleteWorkflow:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        workflow = await house.seen_workflow(self.workflow, asking)
        runs = await house.store.runs.list(workflow=workflow.id, limit=1)
        last = f"It last ran {spoken(runs[0].started_at, asking.timezone)}." if runs else "It has never run."
        text = f"{last} Runs under way go on to their end; its history is kept."
        return await open_draft(house, asking, command=self.NAME, workflow=workflow, text=text)
