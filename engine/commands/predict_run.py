"""Will it work? The chance of the next run of a workflow, how long it takes and what speaks against it; of all workflows in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.advising import told
from engine.commands.alerting import OPEN
from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.errors import Rejected
from engine.prediction.learnt import Prospect
from engine.prediction.outlook import Outlook, outlook
from engine.workflow.definition import Workflow, WorkflowState

HISTORY = timedelta(days=90)
MOST_SHOWN = 40  # workflows in one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictRun(Command):
    """``at``: for when; what is known of services is of now, days and hours that go badly are those of ``at``. Without a workflow: all of them."""

    NAME: ClassVar[str] = "predict_run"
    SLASH: ClassVar[str] = "/predict"
    HELP: ClassVar[str] = "How likely the next run of a workflow succeeds, how long it takes, and on what that rests."
    EXAMPLE: ClassVar[str] = "/predict release"
    workflow: str = ""
    at: datetime | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        if not self.workflow:
            return done(await _all(house))
        workflow = await house.workflow(self.workflow)
        seen = await seen_of(house, workflow)
        if house.foresight is None:
            return done("\n".join((_by_rate(workflow, seen), seen.because, *seen.risks)))
        prospect = await house.foresight.prospect(workflow, self.at)
        further = [risk for risk in seen.risks if "open alert" in risk]
        return done("\n".join((f"The next run of “{workflow.name}”", *prospect.words, *further)))


def _by_rate(workflow: Workflow, seen: Outlook) -> str:
    rate = seen.rate
    if rate.enough:
        return f"“{workflow.name}” succeeds in {rate.estimate:.0%} of its runs ({rate.low:.0%} to {rate.high:.0%}, 95 % interval)."
    return f"Not enough is known of “{workflow.name}” to say."


async def _all(house: House) -> str:
    """The least certain to succeed first."""
    if house.foresight is None:
        raise Rejected("Say which workflow, for example: /predict release")
    flows = [flow for flow in await house.store.workflows.list() if flow.state is WorkflowState.ACTIVE]
    if not flows:
        return "There is no active workflow, so there is nothing to foretell."
    found = [(flow.name, await house.foresight.prospect(flow)) for flow in flows[:MOST_SHOWN]]
    found.sort(key=lambda one: (not one[1].chance.enough, one[1].chance.probability, one[0]))
    more = [f"And {len(flows) - MOST_SHOWN} more: /predict NAME"] if len(flows) > MOST_SHOWN else []
    return "\n".join(["The next runs", *(f"“{name}”: {_brief(prospect)}" for name, prospect in found), *more])


def _brief(prospect: Prospect) -> str:
    takes = f"; it takes {prospect.duration}" if prospect.duration else ""
    return f"{prospect.chance}{takes}."


async def seen_of(house: House, workflow: Workflow) -> Outlook:
    """From its finished runs of 90 days, the state of its services and their open alerts."""
    stats = await house.store.runs.stats(since=house.clock.now() - HISTORY)
    return outlook(
        workflow,
        stats.get(workflow.id),
        states=await house.store.samples.states(),
        alerts=await house.store.alerts.list(states=OPEN),
        recommendations=await told(house.store, workflow.id),
    )
