"""How workflows did over a window: runs, success, mean duration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.ports import RunStats
from engine.workflow.durations import in_words

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
    """A line a workflow; the first line says of which time."""
    stats = await house.store.runs.stats(since=house.clock.now() - window)
    workflows = [await house.workflow(name)] if name else await house.store.workflows.list()
    if not workflows:
        return "There is no workflow yet."
    return "\n".join([f"The last {in_words(window)}", *(_line(workflow.name, stats.get(workflow.id)) for workflow in workflows)])


def _line(name: str, stats: RunStats | None) -> str:
    if stats is None or not stats.total:
        return f"“{name}”: no runs."
    over = stats.succeeded + stats.failed
    share = (
        f"{100 * stats.succeeded / over:.0f} % of {over} succeeded, {stats.mean_seconds:.1f} s on average" if over else "none is over yet"
    )
    return f"“{name}”: {stats.total} run{'s' if stats.total != 1 else ''}, {share}."
