"""Import definitions from YAML: every one becomes a preview."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, open_draft, prepared, rewritten
from engine.commands.edit_workflow import draft_change, unfenced
from engine.commands.house import House
from engine.commands.naming import same
from engine.errors import Rejected
from engine.parties import Role
from engine.workflow.definition import Definition
from engine.workflow.parse import parse_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWorkflows(Command):
    NAME: ClassVar[str] = "import_workflows"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow import"
    HELP: ClassVar[str] = "Read a definition in YAML; it is shown as a preview before anything is stored."
    EXAMPLE: ClassVar[str] = "/flow import (then the YAML on the next lines)"
    text: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        if not self.text.strip():
            raise Rejected(
                "There is nothing to import. Write /flow import and put the YAML on the lines below; /flow export shows the form."
            )
        return await draft_import(house, asking, parse_yaml(unfenced(self.text), house.catalogue))


async def draft_import(house: House, asking: Asking, definition: Definition) -> Outcome:
    """A name that exists already becomes a change of that workflow, shown with its difference."""
    for workflow in await house.store.workflows.list():
        if same(workflow.name, definition.name):
            changed = prepared(house, asking, rewritten(workflow.definition, definition))
            return await draft_change(house, asking, workflow, changed)
    return await open_draft(house, asking, command="create_workflow", definition=prepared(house, asking, definition))
