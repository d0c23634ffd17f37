"""Pause a workflow, for good or until a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.speaking import local, spoken
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
        workflow = await house.seen_workflow(self.workflow, asking)
        until = self._until(asking)
        if workflow.state is WorkflowState.PAUSED and workflow.paused_until == until:
            return done(f"“{workflow.name}” is paused already{_when(until, asking)}.")
        paused = replace(workflow, revision=workflow.revision + 1, state=WorkflowState.PAUSED, paused_until=until, updated_at=asking.at)
        detail = f"until {until.isoformat()}" if until else ""
        await house.store.ledger.record(
            WorkflowSaved(paused), NextFireSet(workflow.id, None), house.audit(asking, self.NAME, workflow.id, detail)
        )
        return done(
            f"{asking.actor.name} paused “{workflow.name}”{_when(until, asking)}.\nTo let it go on: /flow resume {workflow.name}",
            public=True,
        )

    def _until(self, asking: Asking) -> datetime | None:
        """Without an offset it is the asker's own time. Raises Rejected when it is past."""
        if self.until is None:
            return None
        until = self.until if self.until.tzinfo else self.until.replace(tzinfo=local(asking.at, asking.timezone).tzinfo)
        if until <= asking.at:
            raise Rejected(f"{spoken(until, asking.timezone)} is past already, so nothing was paused. Name a later time.")
        return until.astimezone(UTC)


def _when(until: datetime | None, asking: Asking) -> str:
    return f" until {spoken(until, asking.timezone)}" if until else ""
