"""Resume a paused workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import spoken
from engine.events import NextFireSet, WorkflowSaved
from engine.parties import Role
from engine.workflow.definition import WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeWorkflow(Command):
    NAME: ClassVar[str] = "resume_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow resume"
    HELP: ClassVar[str] = "Let a paused workflow go on."
    EXAMPLE: ClassVar[str] = "/flow resume release"
    BUTTON: ClassVar[str] = "wf.resume"
    workflow: str

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ResumeWorkflow:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.seen_workflow(self.workflow, asking)
        if workflow.state is WorkflowState.ACTIVE:
            return done(f"“{workflow.name}” is not paused; nothing to do.")
        active = replace(workflow, revision=workflow.revision + 1, state=WorkflowState.ACTIVE, paused_until=None, updated_at=asking.at)
        due = house.due(active, asking.at)
        await house.store.ledger.record(WorkflowSaved(active), NextFireSet(workflow.id, due), house.audit(asking, self.NAME, workflow.id))
        then = f" It fires next {spoken(due, asking.timezone)}." if due else ""
        return done(f"{asking.actor.name} let “{workflow.name}” go on.{then}", public=True)
