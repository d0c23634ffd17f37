"""Cancel a run that is not over."""

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
class CancelRun(Command):
    NAME: ClassVar[str] = "cancel_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Stop a run; steps that were not asked yet are not asked any more."
    EXAMPLE: ClassVar[str] = "/signalbox cancel the run of release"
    BUTTON: ClassVar[str] = "run.cancel"
    workflow: str = ""
    run: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> CancelRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, (RunState.RUNNING, RunState.WAITING))
        if isinstance(run, Outcome):
            return run
        run = await house.runner.cancel(run.id, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id))
        return await followed(house, asking, run)
