"""Edit a stored workflow: a changed definition is shown as a preview with its difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome, WorkflowShown
from engine.commands.create_workflow import read
from engine.commands.drafting import open_draft
from engine.commands.house import House
from engine.commands.show_workflow import shown
from engine.parties import Role
from engine.workflow.parse import parse_yaml, to_raw


@dataclass(frozen=True, slots=True, kw_only=True)
class EditWorkflow(Command):
    NAME: ClassVar[str] = "edit_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow edit"
    HELP: ClassVar[str] = "Change a stored workflow; the difference is shown before it is applied."
    EXAMPLE: ClassVar[str] = "/flow edit release"
    BUTTON: ClassVar[str] = "wf.edit"
    workflow: str
    change: str | Mapping[str, Any] = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> EditWorkflow:
        return cls(workflow=card, change=form.get("definition", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        if isinstance(self.change, Mapping):
            definition = read(house, asking, {**to_raw(workflow.definition), **self.change}, {})
        elif "\n" in self.change or "steps:" in self.change:
            definition = parse_yaml(self.change, house.catalogue)
        else:
            # A change in plain words is not applied blindly: the workflow is shown with its Edit button.
            result: WorkflowShown = await shown(house, workflow)
            return Outcome(result=result)
        return await open_draft(
            house, asking, command=self.NAME, arguments={"workflow": workflow.id}, definition=definition, workflow=workflow.id
        )
