"""How workflows did over a window: runs, success, mean duration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowAnalytics(Command):
    NAME: ClassVar[str] = "workflow_analytics"
    HELP: ClassVar[str] = "How often workflows ran, how many succeeded and how long they took."
    EXAMPLE: ClassVar[str] = "/signalbox how did our workflows do this week?"
    workflow: str = ""
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        return done(await analytics_text(house, self.workflow, self.window or WEEK))


async def analytics_text(house: House, name: str, window: timedelta) -> str:
    stats = await house.store.runs.stats(since=house.clock.now() - window)
    workflows = [await house.workflow(name)] if name else await house.store.workflows.list()
    lines = []
    for workflow in workflows:
        one = stats.get(workflow.id)
        if one is None or not one.total:
            lines.append(f"“{workflow.name}”: no runs.")
            continue
        over = one.succeeded + one.failed
        share = f"{100 * one.succeeded / over:.0f} % of {over} succeeded" if over else "none is over yet"
        lines.append(f"“{workflow.name}”: {one.total} runs, {share}, {one.mean_seconds:.1f} s on average.")
    return "\n".join(lines) or "There is no workflow yet."
