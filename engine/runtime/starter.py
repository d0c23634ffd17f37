"""The starter: what a trigger has decided becomes a run, once, or a reason why not.

A run's id follows from what started it (a fire, a delivery, a dedup value), so starting it again starts nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from engine.errors import Conflict, Rejected
from engine.events import Audited
from engine.parties import SYSTEM
from engine.ports import Clock, Ledger, Runner
from engine.runtime.patience import patiently
from engine.workflow.definition import Json, Workflow, WorkflowState
from engine.workflow.expression import Condition
from engine.workflow.order import start_condition

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one happening for one workflow, and why. ``run`` is empty when none was started."""

    workflow: str
    run: str
    reason: str


class Starter:
    def __init__(self, *, ledger: Ledger, runner: Runner, clock: Clock) -> None:
        self._ledger = ledger
        self._runner = runner
        self._clock = clock

    async def begin(self, workflow: Workflow, *, run_id: str, by: str, event: Mapping[str, Json], reason: str, alert: str = "") -> Decision:
        """Waits for storage as long as it takes; a refusal is audited."""
        return await patiently(self._clock, partial(self.once, workflow, run_id=run_id, by=by, event=event, reason=reason, alert=alert))

    async def once(self, workflow: Workflow, *, run_id: str, by: str, event: Mapping[str, Json], reason: str, alert: str = "") -> Decision:
        """As ``begin``; raises Transient when storage does not answer."""
        try:
            run = await self._runner.start(workflow, by=by, event=event, run_id=run_id, alert=alert)
        except Conflict as error:  # as many runs as may be are under way, and the workflow says to skip
            log.info("%s does not start: %s", workflow.name, error)
            return Decision(workflow.id, "", str(error))
        except Rejected as error:
            await self.refuse(workflow, str(error))
            return Decision(workflow.id, "", str(error))
        return Decision(workflow.id, run_id, reason if run else "it was started by this already")

    async def refuse(self, workflow: Workflow, reason: str) -> Decision:
        """Not started, for a reason that somebody should look at."""
        log.warning("%s was not started: %s", workflow.name, reason)
        row = Audited(self._clock.now(), SYSTEM.id, SYSTEM.name, "start_run", workflow.id, outcome="refused", detail=reason)
        await self._ledger.record(row)
        return Decision(workflow.id, "", reason)


def run_id_from(workflow: str, *parts: str) -> str:
    """``run_<workflow>_<16 hex digits>``: the same for the same parts."""
    digest = sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()
    return f"run_{workflow}_{digest[:16]}"


def asleep(workflow: Workflow, now: datetime) -> bool:
    """Whether it is paused; a pause that has run out counts as over, even before it is ended."""
    return workflow.state is WorkflowState.PAUSED and (workflow.paused_until is None or workflow.paused_until > now)


def condition(workflow: Workflow, event: Mapping[str, Json]) -> tuple[bool, str]:
    """Whether the workflow's own ``when``, so far as it is decided before a run begins, holds, and why not."""
    when = start_condition(workflow.definition)
    if not when:
        return True, ""
    about: dict[str, Json] = {"id": workflow.id, "name": workflow.name, "version": workflow.version}
    scope = {"event": dict(event), "inputs": {}, "workflow": about, "env": dict(workflow.definition.env)}
    return Condition.compile(when).explain(scope)
