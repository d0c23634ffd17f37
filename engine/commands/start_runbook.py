"""Run a workflow for an alert: the run knows which one it belongs to, and the alert who started what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from engine.commands.alerting import meant, runbooks
from engine.commands.command import Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.run_workflow import start
from engine.errors import Invalid, Problem
from engine.parties import Role

_PAIR = re.compile(r"\s*([A-Za-z_]\w*)\s*=(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRunbook(Command):
    NAME: ClassVar[str] = "start_runbook"
    NEEDS: ClassVar[Role] = Role.OPERATOR
    HELP: ClassVar[str] = "Run a workflow for an alert; the run and the alert know of each other."
    EXAMPLE: ClassVar[str] = "/flow run failover for alr_01J9ZQ4M3W5T8Y1X2C3V4B5N6M"
    BUTTON: ClassVar[str] = "alr.runbook"
    workflow: str
    alert: str = ""
    service: str = ""
    severity: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def pressed(cls, card: str, arg: str, form: Mapping[str, str]) -> StartRunbook:
        return cls(alert=card, workflow=form.get("workflow", ""), inputs=_pairs(form.get("inputs", "")))

    async def handle(self, house: House, asking: Asking) -> Outcome:
        alert = await meant(house, self)
        if isinstance(alert, Outcome):
            return alert
        workflow = await house.workflow(self.workflow)
        if all(workflow.id != one.id for one in await runbooks(house)):
            raise Invalid("Nothing was started.", [Problem("it is paused, or something else than a person starts it", ("workflow",))])
        try:
            return await start(house, asking, workflow, self.inputs, alert=alert)
        except Invalid as error:
            if not asking.version:
                raise
            faults = "; ".join(str(problem) for problem in error.problems)  # the form has one place for all of them
            raise Invalid(str(error).partition("\n")[0], [Problem(faults, ("inputs",))]) from error


def _pairs(text: str) -> dict[str, str]:
    """``name=value`` on lines of their own. Raises Invalid at the field."""
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        pair = _PAIR.fullmatch(line)
        if pair is None:
            raise Invalid("Nothing was started.", [Problem(f"“{line.strip()[:60]}” is no name=value", ("inputs",))])
        found[pair[1]] = pair[2].strip()
    return found
