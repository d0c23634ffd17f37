"""What would make a workflow better, each recommendation with its evidence, its expected gain, and buttons to try and apply it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.commands.advising import card_id, refreshed, shown
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done, seen
from engine.commands.house import House
from engine.events import PostingWanted, Priority
from engine.prediction.advice.gain import FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizeWorkflow(Command):
    NAME: ClassVar[str] = "optimize_workflow"
    SLASH: ClassVar[str] = "/predict improve"
    HELP: ClassVar[str] = "What would make a workflow more reliable or faster, each with the runs that show it, to be tried and applied."
    EXAMPLE: ClassVar[str] = "/predict improve release"
    workflow: str

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        rows = await refreshed(house, workflow)
        result = await shown(house, workflow, rows)
        if not rows:
            return done(
                f"There is nothing to suggest for “{workflow.name}”.\n{result.because} From {FEWEST} finished runs of a version on it is looked for."
            )
        stands = await seen(house, asking, result.id)
        if not stands:
            await house.store.ledger.record(
                PostingWanted(subject=card_id(workflow.id), kind="advice", to=asking.where, priority=Priority.REPLY)
            )
        return Outcome(result=result, tracked=not stands, public=True)
