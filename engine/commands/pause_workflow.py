"""Pause a workflow, for good or until a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.events import NextFireSet, WorkflowSaved
from engine.parties import Role
from engine.workflow.definition import WorkflowState


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWorkflow(Command):
    NAME: ClassVar[str] = "pause_workflow"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow pause"
    HELP: ClassVar[str] = "Pause a workflow; with “until …” it goes on by itself."
    EXAMPLE: ClassVar[str] = "/flow pause release until monday"
    BUTTON: ClassVar[str] = "wf.pause"
    workflow: str
    until: datetime | None = None

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> PauseWorkflow:
        return cls(workflow=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        if self.until and self.until <= asking.at:
            raise Rejected(f"{self.until:%Y-%m-%d %H:%M %Z} is already past, so nothing was paused. Name a later time.")
        paused = replace(
            workflow,
            revision=workflow.revision + 1,
            state=WorkflowState.PAUSED,
            paused_until=self.until,
            updated_at=asking.at,
        )
        detail = f"until {self.until.isoformat()}" if self.until else ""
        await house.store.ledger.record(
            WorkflowSaved(paused), NextFireSet(workflow.id, None), house.audit(asking, self.NAME, workflow.id, detail)
        )
        when = f" until {self.until:%A %Y-%m-%d %H:%M %Z}" if self.until else f". /flow resume {workflow.name} lets it go on"
        return done(f"Paused “{workflow.name}”{when}.", public=True)
