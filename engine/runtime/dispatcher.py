"""The dispatcher: what happened outside (and inside) becomes runs of the workflows that wait for it, each happening once.

    hook ─▶ accept: Received is durable, only then is its sender answered ─▶ dispatch ─▶ Handled
                                                                               │ trigger matches? paused? chain too deep? condition?
    ledger (alerts, health, failed runs) ─▶ signalbox.* happening ─────────────┘ run_<workflow>_<hash of the delivery>

A run's id comes from the delivery and the workflow, so whatever is taken up again after a crash starts nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from engine.errors import Conflict, Rejected, SignalboxError, Transient
from engine.events import AlertSaved, Audited, Event, Handled, Happening, Received, RunMoved, RunStarted, ServiceStateSaved, WorkflowSaved
from engine.monitoring.alert import Alert, AlertState, ServiceState
from engine.parties import SYSTEM
from engine.ports import Alerts, Clock, Inbox, Ledger, Runner, Runs, Samples, Workflows
from engine.workflow.definition import Json, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.expression import Condition
from engine.workflow.order import start_condition
from engine.workflow.run import FactKind, RunRecord, RunState

log = logging.getLogger(__name__)

DEEPEST = 3  # a workflow started by a failed run, whose own run fails, starts another …: so many times, then no more
LOOK_BACK = timedelta(hours=1)  # news of the house itself that a crash may have cut off is offered again
PREFIX = "hook:"
PLAIN = {"healthy": "up", "degraded": "degraded", "unhealthy": "down", "offline": "down"}  # a status in the words people use
ANYTHING = "signalbox.anomaly_predicted"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one happening for one workflow, and why. ``run`` is empty when none was started."""

    workflow: str
    run: str
    reason: str


class Dispatcher:
    """``start`` once (it also takes up what a crash left), ``stop`` at the end."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        inbox: Inbox,
        workflows: Workflows,
        runs: Runs,
        alerts: Alerts,
        samples: Samples,
        runner: Runner,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._inbox = inbox
        self._workflows = workflows
        self._runs = runs
        self._alerts = alerts
        self._samples = samples
        self._runner = runner
        self._clock = clock
        self._known: dict[str, Workflow] = {}
        self._waiting_for: dict[str, set[str]] = defaultdict(set)
        self._statuses: dict[tuple[str, str], str] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._ledger.listen(self._heard)
        for workflow in await self._workflows.list():
            self._index(workflow)
        for key, payload in await self._inbox.unhandled():
            if key.startswith(PREFIX):
                self._spawn(self._handle(key, _read(payload)))
        await self._offer_again()

    async def stop(self) -> None:
        """What is under way is cut off; it is taken up at the next start."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Until everything accepted so far has been acted on."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def accept(self, happenings: Sequence[Happening]) -> int:
        """Durable on return, acted on soon after. Gives how many deliveries were new; a known one is taken for a repetition."""
        deliveries: dict[str, list[Happening]] = defaultdict(list)
        for happening in happenings:
            deliveries[f"{PREFIX}{happening.service}:{happening.id}"].append(happening)
        taken = await asyncio.gather(*(self._accept(key, together) for key, together in deliveries.items()))
        return sum(taken)

    async def _accept(self, key: str, happenings: list[Happening]) -> bool:
        try:
            await self._ledger.record(Received(key, self._clock.now(), {"happenings": [_write(one) for one in happenings]}))
        except Conflict:
            return False
        self._spawn(self._handle(key, happenings))
        return True

    async def _handle(self, key: str, happenings: Sequence[Happening]) -> None:
        for happening in happenings:
            await self.dispatch(happening)
        await self._ledger.record(Handled(key))

    async def dispatch(self, happening: Happening) -> tuple[Decision, ...]:
        """One decision per workflow that waits for such a happening. Waits for storage as long as it takes."""
        waiting = sorted(self._waiting_for.get(f"{happening.service}.{happening.event}", ()))
        flows = [self._known[workflow] for workflow in waiting]
        return tuple([await self._decide(flow, happening) for flow in flows])

    async def _decide(self, workflow: Workflow, happening: Happening) -> Decision:
        now = self._clock.now()
        reason = _why_not(workflow, happening, now)
        if reason:
            log.info("%s does not start for %s.%s: %s", workflow.name, happening.service, happening.event, reason)
            return Decision(workflow.id, "", reason)
        if _depth(happening.data) > DEEPEST:
            reason = (
                f"It would be run number {_depth(happening.data)} in a chain of failed runs that start each other; {DEEPEST} are allowed."
            )
            await self._audit(workflow, now, reason)
            return Decision(workflow.id, "", reason)
        return await self._begin(workflow, happening)

    async def _begin(self, workflow: Workflow, happening: Happening) -> Decision:
        name = f"{happening.service}.{happening.event}"
        run_id = run_id_of(workflow.id, happening)
        pause = 0.1
        while True:
            try:
                run = await self._runner.start(workflow, by=f"event:{name}", event=dict(happening.data), run_id=run_id)
            except Transient as error:
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, 10.0)
                continue
            except Rejected as error:
                await self._audit(workflow, self._clock.now(), str(error))
                return Decision(workflow.id, "", str(error))
            return Decision(workflow.id, run_id, f"{name} happened" if run else "this delivery has started it already")

    async def _audit(self, workflow: Workflow, now: datetime, reason: str) -> None:
        log.warning("%s was not started: %s", workflow.name, reason)
        await self._ledger.record(
            Audited(now, SYSTEM.id, SYSTEM.name, "start_run", workflow.id, outcome="refused", detail=reason),
        )

    # --- which workflow waits for what

    def _index(self, workflow: Workflow) -> None:
        if (before := self._known.pop(workflow.id, None)) is not None:
            for name in _awaited(before.definition.trigger):
                self._waiting_for[name].discard(before.id)
        if workflow.state is WorkflowState.DELETED:
            return
        self._known[workflow.id] = workflow
        for name in _awaited(workflow.definition.trigger):
            self._waiting_for[name].add(workflow.id)

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, WorkflowSaved):
                self._index(event.workflow)
            elif isinstance(event, AlertSaved):
                self._offer(_of_alert(event.alert))
            elif isinstance(event, ServiceStateSaved):
                self._offer(self._of_state(event.state))
            elif isinstance(event, (RunMoved, RunStarted)) and event.run is not None and event.run.state is RunState.FAILED:
                self._offer_failure(event.run)

    # --- news of the house itself

    def _offer(self, happening: Happening | None) -> None:
        if happening is not None and self._waiting_for.get(f"{happening.service}.{happening.event}"):
            self._spawn(self.dispatch(happening))

    def _offer_failure(self, record: RunRecord) -> None:
        if self._waiting_for.get("signalbox.run_failed"):
            self._spawn(self._tell_failure(record))

    async def _tell_failure(self, record: RunRecord) -> None:
        facts = await self._runs.facts(record.id)
        event = facts[0].data.get("event") if facts else {}
        depth = _depth(event) + 1 if isinstance(event, dict) else 1
        finished = sum(fact.kind is FactKind.FINISHED for fact in facts)
        step, _, error = record.error.partition(": ")
        data: dict[str, Json] = {
            "workflow": record.name,
            "run": record.id,
            "step": step,
            "error": error or record.error,
            "text": f"{record.name} failed: {record.error}",
            "depth": depth,
        }
        await self.dispatch(Happening(f"{record.id}:{finished}", "signalbox", "run_failed", record.finished_at or self._clock.now(), data))

    def _of_state(self, state: ServiceState) -> Happening | None:
        key = (state.service, state.account)
        before, self._statuses[key] = self._statuses.get(key, "unknown"), state.status
        if before == state.status or state.since is None:
            return None
        return _of_health(state, before)

    async def _offer_again(self) -> None:
        """News of the last hour that a crash may have cut off between its record and its runs; what was started is not started twice."""
        since = self._clock.now() - LOOK_BACK
        for record in await self._runs.list(since=since, outcome=RunState.FAILED.value, limit=500):
            self._offer_failure(record)
        for alert in await self._alerts.list(limit=500):
            if alert.updated_at >= since:
                self._offer(_of_alert(alert))
        for state in await self._samples.states():
            self._statuses[state.service, state.account] = state.status

    # --- tasks

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            known = isinstance(error, SignalboxError)
            log.error("A happening could not be acted on; it is taken up at the next start: %s", error, exc_info=None if known else error)


def run_id_of(workflow: str, happening: Happening) -> str:
    """``run_<workflow>_<16 hex digits>``: the same for every repetition of a delivery."""
    identity = "\n".join((happening.service, happening.account, happening.id, happening.event))
    return f"run_{workflow}_{sha256(identity.encode()).hexdigest()[:16]}"


def _awaited(trigger: Trigger) -> tuple[str, ...]:
    """The happenings that may start it, as ``service.event``."""
    if trigger.type is TriggerType.EVENT_BASED:
        return (f"{trigger.service}.{trigger.event}",)
    if trigger.type is TriggerType.CROSS_SERVICE:
        return trigger.any
    return (ANYTHING,) if trigger.type is TriggerType.AI_PREDICTED else ()


def _why_not(workflow: Workflow, happening: Happening, now: datetime) -> str:
    """The reason why this workflow does not start; empty when it does."""
    trigger = workflow.definition.trigger
    if workflow.state is WorkflowState.PAUSED and (workflow.paused_until is None or workflow.paused_until > now):
        return "it is paused"
    if happening.at < workflow.created_at:
        return "it was made after this happened"
    if trigger.type is TriggerType.AI_PREDICTED and not _predicted(trigger, happening.data):
        return "the prediction is about another service or metric"
    when = start_condition(workflow.definition)
    if not when:
        return ""
    about: dict[str, Json] = {"id": workflow.id, "name": workflow.name, "version": workflow.version}
    scope = {"event": dict(happening.data), "inputs": {}, "workflow": about}
    holds, reason = Condition.compile(when).explain(scope)
    return "" if holds else reason


def _predicted(trigger: Trigger, data: Mapping[str, Json]) -> bool:
    return trigger.service in ("", data.get("service")) and trigger.metric in ("", data.get("metric"))


def _depth(event: Json | Mapping[str, Json]) -> int:
    """How many failed runs led to this event, one after the other."""
    depth = event.get("depth") if isinstance(event, Mapping) else 0
    return depth if isinstance(depth, int) else 0


def _of_alert(alert: Alert) -> Happening | None:
    """A firing alert that just opened or reopened, or a resolved one; an acknowledgement is no news to workflows."""
    if alert.state is AlertState.ACKNOWLEDGED:
        return None
    over = alert.state is AlertState.RESOLVED
    at = (alert.resolved_at or alert.updated_at) if over else alert.opened_at
    data: dict[str, Json] = {
        "service": alert.service,
        "severity": alert.severity.value,
        "metric": alert.metric,
        "value": alert.value,
        "text": alert.message,
        "title": f"{alert.service}: {alert.rule.replace('_', ' ')}",
        "id": alert.id,
    }
    if over:
        data["by"] = alert.resolved_by
    # A change of a firing alert (its value, its severity) carries the same id, so it starts nothing a second time.
    return Happening(f"{alert.id}:{alert.reopened}", "signalbox", "alert_resolved" if over else "alert_opened", at, data)


def _of_health(state: ServiceState, before: str) -> Happening:
    at = state.since or state.last_at
    assert at is not None
    data: dict[str, Json] = {
        "service": state.service,
        "status": state.status,
        "state": PLAIN.get(state.status, "unknown"),
        "from_status": before,
        "text": f"{state.service} is {state.status}" + (f": {state.detail}" if state.detail else ""),
    }
    return Happening(f"{state.service}:{state.account}:{at.isoformat()}", "signalbox", "health_changed", at, data)


def _write(happening: Happening) -> dict[str, Json]:
    return {
        "id": happening.id,
        "service": happening.service,
        "event": happening.event,
        "at": happening.at.isoformat(),
        "data": dict(happening.data),
        "account": happening.account,
    }


def _read(payload: Mapping[str, Json]) -> list[Happening]:
    raw: Any = payload.get("happenings") or []
    return [
        Happening(one["id"], one["service"], one["event"], datetime.fromisoformat(one["at"]), one["data"], one["account"]) for one in raw
    ]
