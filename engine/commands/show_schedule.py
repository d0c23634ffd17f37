"""What fires when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome, WorkflowsShown
from engine.commands.house import House
from engine.workflow.durations import in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSchedule(Command):
    NAME: ClassVar[str] = "show_schedule"
    HELP: ClassVar[str] = "Which workflows fire next, and when: with the days they rest, how late a fire may begin and when they end."
    EXAMPLE: ClassVar[str] = "/signalbox what is scheduled for today?"
    window: timedelta | None = None

    async def handle(self, house: House, asking: Asking) -> Outcome:
        rows = []
        for workflow in await house.store.workflows.list():
            due = house.due(workflow, asking.at)
            if due and (self.window is None or due <= asking.at + self.window):
                rows.append((workflow, None, due))
        rows.sort(key=lambda row: row[2])
        said = f"the next {in_words(self.window)}" if self.window else ""
        return Outcome(result=WorkflowsShown(rows=tuple(rows), filter=said, timezone=asking.timezone, schedule=True))
