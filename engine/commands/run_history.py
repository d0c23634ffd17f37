"""The last runs, of one workflow or of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, RunsShown
from engine.commands.house import House

OUTCOMES = {
    "success": "succeeded", "successful": "succeeded", "succeeded": "succeeded", "ok": "succeeded",
    "failure": "failed", "failed": "failed", "error": "failed",
    "cancelled": "cancelled", "canceled": "cancelled", "running": "running", "waiting": "waiting",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHistory(Command):
    NAME: ClassVar[str] = "run_history"
    SLASH: ClassVar[str] = "/flow history"
    HELP: ClassVar[str] = "The last runs and how they ended."
    EXAMPLE: ClassVar[str] = "/flow history release"
    workflow: str = ""
    window: timedelta | None = None
    outcome: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow) if self.workflow else None
        runs = await house.store.runs.list(
            workflow=workflow.id if workflow else "",
            since=asking.at - self.window if self.window else None,
            outcome=OUTCOMES.get(self.outcome.casefold(), ""),
            limit=20,
        )
        return Outcome(result=RunsShown(runs=tuple(runs), workflow=workflow.name if workflow else ""))
