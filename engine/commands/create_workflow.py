"""Create a workflow: read the request, check it, show the preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import earlier, open_draft, prepared
from engine.commands.habits import Customs, customs
from engine.commands.house import House
from engine.commands.naming import free_name, refuse_taken_name, same_deed
from engine.commands.phrases import LONGEST
from engine.parties import Role
from engine.workflow.complete import complete, nothing_usual
from engine.workflow.definition import Definition, Json, TriggerType
from engine.workflow.parse import parse_definition


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
    said: str = ""  # the words it was asked by
    once: bool = False  # an order: Confirm carries it out at once, too

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        custom = await customs(house, asking)
        definition = read(house, asking, self.workflow, self.places, custom)
        usual: dict[str, Json] = {"usual": list(dict.fromkeys(custom.noted))} if custom.noted else {}
        usual |= {"said": self.said[:LONGEST]} if self.said else {}
        workflows = await house.store.workflows.list()
        again = same_deed(definition, workflows) if self.once else None
        if again is not None:
            definition = replace(definition, name=again.name)
            return await open_draft(
                house, asking, command=self.NAME, definition=definition, more={**usual, "once": True, "again": again.id}
            )
        if not self.workflow.get("name"):
            definition = free_name(definition, workflows)
        refuse_taken_name(definition, workflows)
        return await open_draft(house, asking, command=self.NAME, definition=definition, more=usual | ({"once": True} if self.once else {}))


def read(house: House, asking: Asking, raw: Mapping[str, Any], places: Mapping[str, str], custom: Customs | None = None) -> Definition:
    """The checked definition of a request, with defaults and what is usual filled in, and channels placed.

    Raises Invalid or Rejected, saying what to do.
    """
    known = raw.get("places")
    full = {**raw, "places": {**known, **places} if isinstance(known, Mapping) else known or dict(places)}
    definition = parse_definition(complete(full, house.catalogue, custom.fill if custom else nothing_usual), house.catalogue)
    if definition.trigger.type is TriggerType.SCHEDULED and not definition.trigger.timezone:
        definition = replace(definition, trigger=replace(definition.trigger, timezone=asking.timezone or house.timezone))
    return prepared(house, asking, definition)
