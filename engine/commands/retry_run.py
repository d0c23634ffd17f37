"""Retry a failed run from its failed step; answered steps are not asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.show_run import found, shown
from engine.errors import NotFound
from engine.parties import Role
from engine.workflow.run import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRun(Command):
    NAME: ClassVar[str] = "retry_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Go on from the failed step; what was answered is not asked again."
    EXAMPLE: ClassVar[str] = "/signalbox retry the last run of release"
    BUTTON: ClassVar[str] = "run.retry"
    workflow: str = ""
    run: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> RetryRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await latest(house, self.run, self.workflow, "failed")
        run = await house.runner.retry(run.id, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id))
        return Outcome(result=await shown(house, run), public=True, run=run.id)


async def latest(house: House, run: str, workflow: str, outcome: str) -> RunRecord:
    """The run by id, or the newest one of the workflow with that outcome. Raises NotFound."""
    if run:
        return await found(house, run)
    chosen = await house.workflow(workflow) if workflow else None
    runs = await house.store.runs.list(workflow=chosen.id if chosen else "", outcome=outcome, limit=1)
    if not runs:
        raise NotFound(f"There is no {outcome} run" + (f" of “{chosen.name}”." if chosen else "."))
    return runs[0]
