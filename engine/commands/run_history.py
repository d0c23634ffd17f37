"""The last runs, of one workflow or of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, RunsShown
from engine.commands.house import House
from engine.commands.speaking import starter
from engine.errors import Rejected
from engine.workflow.catalogue import listed
from engine.workflow.durations import in_words
from engine.workflow.run import RunState

SHOWN = 20
OUTCOMES = {
    "": "", "all": "", "any": "",
    "success": "succeeded", "successful": "succeeded", "succeeded": "succeeded", "ok": "succeeded",
    "failure": "failed", "failed": "failed", "error": "failed",
    "cancelled": "cancelled", "canceled": "cancelled", "running": "running", "waiting": "waiting",
    "queued": "queued", "in line": "queued", "paused": "paused", "held": "paused",
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
        outcome = self.outcome.strip().casefold()
        if outcome not in OUTCOMES:
            raise Rejected(f"“{self.outcome[:40]}” is no outcome of a run. Say {listed(RunState, 'or')}.")
        runs = await house.store.runs.list(
            workflow=workflow.id if workflow else "",
            since=asking.at - self.window if self.window else None,
            outcome=OUTCOMES[outcome],
            limit=SHOWN,
        )
        said = [OUTCOMES[outcome], f"of the last {in_words(self.window)}" if self.window else ""]
        return Outcome(
            result=RunsShown(
                runs=tuple(runs),
                workflow=workflow.name if workflow else "",
                filter=" ".join(filter(None, said)),
                starters={run.id: await starter(house, run) for run in runs},
                timezone=asking.timezone,
            )
        )
