"""Let a run that is held go on."""

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
class ResumeRun(Command):
    NAME: ClassVar[str] = "resume_run"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    SLASH: ClassVar[str] = "/flow resume-run"
    HELP: ClassVar[str] = "Let a paused run go on where it was."
    EXAMPLE: ClassVar[str] = "/flow resume-run release"
    BUTTON: ClassVar[str] = "run.resume"
    workflow: str = ""
    run: str = ""

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> ResumeRun:
        return cls(run=card)

    async def handle(self, house: House, asking: Asking) -> Outcome:
        run = await meant(house, asking, self, (RunState.PAUSED,))
        if isinstance(run, Outcome):
            return run
        run = await house.runner.resume(run.id, asking.actor)
        await house.store.ledger.record(house.audit(asking, self.NAME, run.id))
        return await followed(house, asking, run)
