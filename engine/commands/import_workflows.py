"""Import definitions from YAML: every one becomes a preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import open_draft
from engine.commands.house import House
from engine.errors import Rejected
from engine.parties import Role
from engine.workflow.definition import Definition
from engine.workflow.parse import parse_yaml, unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportWorkflows(Command):
    NAME: ClassVar[str] = "import_workflows"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow import"
    HELP: ClassVar[str] = "Read a definition in YAML; it is shown as a preview before anything is stored."
    EXAMPLE: ClassVar[str] = "/flow import (then the YAML on the next lines)"
    text: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        definition = parse_yaml(self.text, house.catalogue)
        if reason := unsupported(definition):
            raise Rejected(reason)
        return await draft_import(house, asking, replace(definition, home=definition.home or asking.where.face))


async def draft_import(house: House, asking: Asking, definition: Definition) -> Outcome:
    """A name that exists already becomes a change of that workflow, shown with its difference."""
    for workflow in await house.store.workflows.list():
        if workflow.name.casefold() == definition.name.casefold():
            return await open_draft(
                house, asking, command="edit_workflow", arguments={"workflow": workflow.id}, definition=definition, workflow=workflow.id
            )
    return await open_draft(house, asking, command="create_workflow", arguments={}, definition=definition)
