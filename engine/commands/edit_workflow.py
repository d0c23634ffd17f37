"""Edit a stored workflow: a changed definition is shown as a preview with its difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.create_workflow import read
from engine.commands.drafting import done, earlier, open_draft, prepared, rewritten
from engine.commands.house import House
from engine.commands.naming import refuse_taken_name
from engine.commands.show_workflow import shown
from engine.parties import Role
from engine.workflow.definition import Definition, Workflow
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
    definition: Mapping[str, Any] | None = None  # the whole of it as it is to be, in the place of ``change``

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> EditWorkflow:
        return cls(workflow=card, change=form.get("definition", ""))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        workflow = await house.seen_workflow(self.workflow, asking)
        if self.definition is not None:
            definition = rewritten(workflow.definition, read(house, asking, self.definition, {}))
        elif isinstance(self.change, Mapping):
            definition = read(house, asking, {**to_raw(workflow.definition), **self.change}, {})
        elif "\n" in self.change or "steps:" in self.change:
            definition = rewritten(workflow.definition, parse_yaml(unfenced(self.change), house.catalogue))
        else:
            # A change in plain words is not applied blindly: the workflow is shown with its Edit button.
            why = (
                "I could not tell which part of it that should change. Say for example “also tell #ops”, “run it at 10 instead” or"
                " “remove step 2”. Or: Press Edit; nothing is stored before you confirm."
            )
            return Outcome(result=await shown(house, workflow, asking.timezone), note=why if self.change else "Press Edit to change it.")
        return await draft_change(house, asking, workflow, prepared(house, asking, definition))


async def draft_change(house: House, asking: Asking, workflow: Workflow, definition: Definition) -> Outcome:
    """The preview of a change, or a word that there is none. Raises Conflict when another workflow has the new name."""
    if definition == workflow.definition:
        return done(f"“{workflow.name}” is exactly that already (version {workflow.version}); there is nothing to change.")
    refuse_taken_name(definition, await house.store.workflows.list(), own=workflow.id)
    return await open_draft(house, asking, command=EditWorkflow.NAME, definition=definition, workflow=workflow)


def unfenced(text: str) -> str:
    """YAML as people paste it into a chat, without the ``` around it."""
    lines = text.strip().splitlines()
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]) + "\n"
    return text
