"""Is what was foretold true? How often runs succeeded of which so much was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from engine.commands.command import Asking, Command, Outcome
from engine.commands.drafting import done
from engine.commands.house import House
from engine.prediction.calibration import Calibration

WINDOW = timedelta(days=90)
MOST = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCalibration(Command):
    NAME: ClassVar[str] = "show_calibration"
    SLASH: ClassVar[str] = "/predict calibration"
    HELP: ClassVar[str] = "Whether what was foretold of runs came true: counted from what was on record as they began."
    EXAMPLE: ClassVar[str] = "/predict calibration"
    workflow: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        workflow = await house.workflow(self.workflow) if self.workflow else None
        found = await calibration(house, workflow.id if workflow else "")
        of = f" of “{workflow.name}”" if workflow else ""
        return done("\n".join((f"What was foretold of the runs{of} of 90 days, and what came", *found.words)))


async def calibration(house: House, workflow: str = "") -> Calibration:
    settled = await house.store.foretold.list(workflow=workflow, since=house.clock.now() - WINDOW, settled=True, limit=MOST)
    return Calibration.of(settled)
