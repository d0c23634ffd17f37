"""Create a workflow: read the request, check it, show the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import open_draft
from engine.commands.house import House
from engine.errors import Conflict, Invalid, Rejected
from engine.parties import Role
from engine.workflow.complete import complete
from engine.workflow.definition import Definition
from engine.workflow.parse import parse_definition, unsupported


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorkflow(Command):
    NAME: ClassVar[str] = "create_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow create"
    HELP: ClassVar[str] = "Draft a workflow from a sentence or the structured form; nothing is stored before Confirm."
    EXAMPLE: ClassVar[str] = (
        "/flow create when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases"
    )
    workflow: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        definition = read(house, asking, self.workflow, self.places)
        await refuse_taken_name(house, definition)
        return await open_draft(house, asking, command=self.NAME, arguments={}, definition=definition)


def read(house: House, asking: Asking, raw: Mapping[str, Any], places: Mapping[str, str]) -> Definition:
    """The checked definition of a request, with defaults filled and channels placed. Raises Invalid or Rejected, saying what to do."""
    full = {**raw, "places": {**raw.get("places", {}), **places}, "home": raw.get("home") or asking.where.face}
    definition = parse_definition(complete(full, house.catalogue), house.catalogue)
    if reason := unsupported(definition):
        raise Rejected(reason)
    if definition.trigger.type == "scheduled" and not definition.trigger.timezone:
        definition = replace(definition, trigger=replace(definition.trigger, timezone=asking.timezone or house.timezone))
    if not definition.steps:
        raise Invalid("A workflow needs at least one step: say what should be done.")
    return definition


async def refuse_taken_name(house: House, definition: Definition, own: str = "") -> None:
    """Raises Conflict when another stored workflow has the name."""
    for workflow in await house.store.workflows.list():
        if workflow.name.casefold() == definition.name.casefold() and workflow.id != own:
            raise Conflict(
                f"There is already a workflow called “{workflow.name}” ({workflow.id}). "
                f"Give this one another name, or change that one: /flow edit {workflow.name}"
            )
