"""Go back to an earlier version: its definition becomes a new one, after a Confirm that shows the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, earlier, open_draft, prepared
from engine.commands.house import House
from engine.commands.naming import refuse_taken_name
from engine.commands.versions import at, number
from engine.parties import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackWorkflow(Command):
    """``version``: its number; the one before the newest where none is said. Nothing is lost: the newest stays in the list of versions."""

    NAME: ClassVar[str] = "rollback_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow rollback"
    HELP: ClassVar[str] = "Go back to an earlier version of a workflow; the change is shown first, and Confirm makes it the newest."
    EXAMPLE: ClassVar[str] = "/flow rollback release 2"
    BUTTON: ClassVar[str] = "wf.rollback"
    workflow: str
    version: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RollbackWorkflow:
        return cls(workflow=card, version=arg)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if before := await earlier(house, asking):
            return before
        workflow = await house.seen_workflow(self.workflow, asking)
        wanted = number(self.version) or workflow.version - 1
        if wanted < 1:
            return done(f"“{workflow.name}” has only one version, so there is none to go back to.", good=False)
        old = await at(house, workflow, wanted)
        # An end in the past is kept as it was: prepared would count “for the next ten days” from now.
        definition = replace(prepared(house, asking, old.definition), trigger=old.definition.trigger)
        if definition == workflow.definition:
            return done(f"“{workflow.name}” is exactly as in version {wanted} already; there is nothing to change.")
        refuse_taken_name(definition, await house.store.workflows.list(), own=workflow.id)
        return await open_draft(
            house, asking, command="edit_workflow", definition=definition, workflow=workflow, more={"rollback": wanted},
            text=f"Version {workflow.version} becomes as version {wanted} was, and stays in the list of versions.",
        )  # fmt: skip
