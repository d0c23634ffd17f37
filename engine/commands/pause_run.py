"""Hold a run: nothing new is asked until somebody lets it go on."""

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
class PauseRun(Command):
    NAME: ClassVar[str] = "pause_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow pause-run"
    HELP: ClassVar[str] = "Hold a run: answers are still taken, nothing new is asked until it is resumed."
    EXAMPLE: ClassVar[str] = "/flow pause-run release"
    BUTTON: ClassVar[str] = "run.pause"
    workflow: str = ""
    run: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> PauseRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, (RunState.QUEUED, RunState.RUNNING, RunState.WAITING))
        if isinstance(run, Outcome):
            return run
        run = await house.runner.pause(run.id, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id))
        return await followed(house, asking, run)
