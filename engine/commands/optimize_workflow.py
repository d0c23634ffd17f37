"""What would make a workflow better, each suggestion with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.commands.predict_run import seen_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizeWorkflow(Command):
    NAME: ClassVar[str] = "optimize_workflow"
    HELP: ClassVar[str] = "What would make a workflow more reliable or faster, each with the runs that show it."
    EXAMPLE: ClassVar[str] = "/signalbox how can we improve release?"
    workflow: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        seen = await seen_of(house, workflow)
        if not seen.recommendations:
            return done(f"There is nothing to suggest for “{workflow.name}”.\n{seen.because}")
        return done("\n".join((f"Suggestions for “{workflow.name}”: {seen.because}", *(f"• {words}" for words in seen.recommendations))))
