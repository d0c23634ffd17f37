"""Will it work? The chance of the next run of a workflow, with its interval, its evidence and what would improve it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.alerting import OPEN
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.prediction.outlook import Outlook, outlook
from engine.workflow.definition import Workflow

HISTORY = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictRun(Command):
    """``at`` is understood, and makes no difference yet: what is known is the past and the present."""

    NAME: ClassVar[str] = "predict_run"
    HELP: ClassVar[str] = "How likely the next run of a workflow succeeds, and on what that rests."
    EXAMPLE: ClassVar[str] = "/signalbox will release work?"
    workflow: str
    at: datetime | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow)
        seen = await seen_of(house, workflow)
        rate = seen.rate
        if rate.enough:
            head = f"“{workflow.name}” succeeds in {rate.estimate:.0%} of its runs ({rate.low:.0%} to {rate.high:.0%}, 95 % interval)."
        else:
            head = f"Not enough is known of “{workflow.name}” to say."
        return done("\n".join((head, seen.because, *seen.risks)))


async def seen_of(house: House, workflow: Workflow) -> Outlook:
    """From its finished runs of 90 days, the state of its services and their open alerts."""
    stats = await house.store.runs.stats(since=house.clock.now() - HISTORY)
    return outlook(
        workflow,
        stats.get(workflow.id),
        catalogue=house.catalogue,
        states=await house.store.samples.states(),
        alerts=await house.store.alerts.list(states=OPEN),
    )
