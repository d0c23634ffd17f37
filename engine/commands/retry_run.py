"""Retry a failed run from its failed step; answered steps are not asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.running import meant
from engine.commands.show_run import followed
from engine.parties import Role
from engine.workflow.run import RunState


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
        run = await meant(house, asking, self, (RunState.FAILED,))
        if isinstance(run, Outcome):
            return run
        run = await house.runner.retry(run.id, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id))
        return await followed(house, asking, run)
