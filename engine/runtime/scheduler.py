"""The scheduler: starts the runs of scheduled workflows when they are due, each fire once; ends pauses that run out.

APScheduler is only the alarm clock. What is due when stands in the store (``NextFireSet``), and a fire's run is called after workflow and
fire time, so neither a crash between the run and the next alarm, nor a second process, nor a clock that is set back fires twice.

    alarm or heartbeat ─▶ tick: everything due by now ─▶ on time (or late by less than GRACE): run
                                                       └▶ missed (house down, asleep, clock jumped): skip, or the latest one once
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.errors import Conflict, Rejected, SignalboxError
from engine.events import Audited, Event, NextFireSet, PostingsTouched, WorkflowSaved
from engine.parties import SYSTEM
from engine.ports import Clock, Ledger, Runner, Schedules, Workflows
from engine.workflow.calendar import next_fire
from engine.workflow.definition import Misfire, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.expression import Condition
from engine.workflow.order import start_condition

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=60)  # a fire later than this while the house was up was missed all the same
HEARTBEAT = 30.0  # seconds; the wall clock may jump while an alarm sleeps
UNSET = timedelta(hours=1)  # a crash between storing a workflow and setting its first fire is not older than this
SET_BACK = timedelta(seconds=60)  # a clock further back than this was set back
WINDOWS = tuple(timedelta(**span) for span in ({"minutes": 2}, {"hours": 2}, {"days": 2}, {"days": 32}, {"days": 367}))


class Scheduler:
    """``timezone``: the zone of the house, for triggers that name none. ``start`` once, after the runner's ``recover``."""

    def __init__(
        self, *, ledger: Ledger, workflows: Workflows, schedules: Schedules, runner: Runner, clock: Clock, timezone: str = "UTC"
    ) -> None:
        self._ledger = ledger
        self._workflows = workflows
        self._schedules = schedules
        self._runner = runner
        self._clock = clock
        self._zone = timezone
        self._due: dict[str, datetime] = {}
        self._resume_at: dict[str, datetime] = {}
        self._seen = clock.now()
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clockwork = AsyncIOScheduler(timezone=UTC)

    async def start(self) -> None:
        """Make up or skip what was due meanwhile, then wait for what comes."""
        self._ledger.listen(self._heard)
        async with self._turn:
            self._due.update(await self._schedules.all())
            listed = await self._workflows.list()
            for workflow in listed:
                await self._surely(workflow, max(workflow.updated_at, self._clock.now() - UNSET))
            for gone in self._due.keys() - {workflow.id for workflow in listed}:
                await self._set(gone, None)
        self._clockwork.start()
        self._clockwork.add_job(self.tick, "interval", seconds=HEARTBEAT, id="heartbeat", coalesce=True, max_instances=1)

    async def stop(self) -> None:
        if self._clockwork.running:
            self._clockwork.shutdown(wait=False)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def idle(self) -> None:
        """Until everything heard so far has been acted on."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def next_fires(self) -> dict[str, datetime]:
        return dict(self._due)

    async def tick(self) -> None:
        """Everything that is due by now. Called by the alarm clock; calling it more often changes nothing."""
        async with self._turn:
            now = self._clock.now()
            set_back = now < self._seen - SET_BACK
            self._seen = now
            ids = (
                {*self._due, *self._resume_at}
                if set_back
                else {id for id, at in (*self._due.items(), *self._resume_at.items()) if at <= now}
            )
            for workflow_id in sorted(ids):
                workflow = await self._workflows.get(workflow_id)
                if workflow is None:
                    await self._set(workflow_id, None)
                else:
                    await self._surely(workflow, now)

    async def _surely(self, workflow: Workflow, since: datetime) -> None:
        """One workflow's trouble must not hold up the others; it is tried again at the next heartbeat."""
        try:
            await self._arrange(workflow, since)
        except SignalboxError as error:
            log.error("The schedule of %s could not be kept: %s", workflow.name, error)

    async def _arrange(self, workflow: Workflow, since: datetime) -> None:
        """Fire what is due, then set when it is due next. ``since``: from when on fires count if none was set yet."""
        now = self._clock.now()
        workflow = await self._end_pause(workflow, now)
        trigger = workflow.definition.trigger
        if trigger.type is not TriggerType.SCHEDULED or workflow.state is not WorkflowState.ACTIVE:
            await self._set(workflow.id, None)
            return
        due = self._due.get(workflow.id) or next_fire(trigger, since, self._zone)
        if due is not None and due <= now:
            await self._fire_due(workflow, due, now)
        await self._set(workflow.id, next_fire(trigger, now, self._zone))

    async def _fire_due(self, workflow: Workflow, due: datetime, now: datetime) -> None:
        """``self._clockwork.running`` tells a late alarm from a fire that was due while the house was down."""
        trigger = workflow.definition.trigger
        latest = latest_fire(trigger, due, now, self._zone)
        if self._clockwork.running and now - latest <= GRACE:
            await self._fire(workflow, latest, now)
        elif trigger.misfire is Misfire.ONCE:
            log.info("%s was due at %s and is made up now", workflow.name, latest.isoformat())
            await self._fire(workflow, latest, now)
        else:
            log.info("%s was due at %s and is skipped, as it says", workflow.name, latest.isoformat())

    async def _fire(self, workflow: Workflow, at: datetime, now: datetime) -> None:
        event = {"scheduled_for": at.isoformat(), "fired_at": now.isoformat()}
        holds, reason = _condition(workflow, event)
        if not holds:
            log.info("%s does not start: %s", workflow.name, reason)
            return
        try:
            await self._runner.start(workflow, by="schedule", event=event, run_id=run_id_of(workflow.id, at))
        except Rejected as error:
            log.warning("%s was not started: %s", workflow.name, error)
            await self._ledger.record(
                Audited(now, SYSTEM.id, SYSTEM.name, "start_run", workflow.id, outcome="refused", detail=str(error))
            )  # fmt: skip

    async def _end_pause(self, workflow: Workflow, now: datetime) -> Workflow:
        """Resumed when its pause has run out; otherwise remembered until it does."""
        until = workflow.paused_until
        if workflow.state is not WorkflowState.PAUSED or until is None:
            self._resume_at.pop(workflow.id, None)
            return workflow
        if until > now:
            self._resume_at[workflow.id] = until
            self._wake(f"resume {workflow.id}", until)
            return workflow
        resumed = replace(workflow, state=WorkflowState.ACTIVE, paused_until=None, revision=workflow.revision + 1, updated_at=now)
        audit = Audited(now, SYSTEM.id, SYSTEM.name, "resume_workflow", workflow.id, detail="its pause was over")
        self._resume_at.pop(workflow.id, None)
        self._due.pop(workflow.id, None)
        try:
            await self._ledger.record(WorkflowSaved(resumed), audit, PostingsTouched(workflow.id))
        except Conflict:
            return await self._workflows.get(workflow.id) or workflow  # somebody changed it just now; that is heard of, too
        return resumed

    async def _set(self, workflow_id: str, at: datetime | None) -> None:
        if self._due.get(workflow_id) != at:
            await self._ledger.record(NextFireSet(workflow_id, at))
        if at is None:
            self._due.pop(workflow_id, None)
        else:
            self._due[workflow_id] = at
            self._wake(workflow_id, at)

    def _wake(self, name: str, at: datetime) -> None:
        self._clockwork.add_job(self.tick, "date", run_date=at, id=name, replace_existing=True, misfire_grace_time=None, max_instances=8)

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, WorkflowSaved):
                task = asyncio.get_running_loop().create_task(self._changed(event.workflow.id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _changed(self, workflow_id: str) -> None:
        """Another definition or state; what was due before it changed still fires."""
        async with self._turn:
            workflow = await self._workflows.get(workflow_id)
            if workflow is not None:
                await self._surely(workflow, self._clock.now())


def run_id_of(workflow: str, fire: datetime) -> str:
    """``run_<workflow>_<fire time in UTC>``."""
    return f"run_{workflow}_{fire.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def latest_fire(trigger: Trigger, due: datetime, now: datetime, zone: str) -> datetime:
    """The last fire at or before ``now``, given that ``due`` was one; looks back in growing windows, so a long absence costs little."""
    for window in WINDOWS:
        start = now - window
        if start <= due:
            break
        if (found := next_fire(trigger, start, zone)) is not None and found <= now:
            due = found
            break
    while (following := next_fire(trigger, due, zone)) is not None and following <= now:
        due = following
    return due


def _condition(workflow: Workflow, event: dict[str, str]) -> tuple[bool, str]:
    when = start_condition(workflow.definition)
    if not when:
        return True, ""
    about = {"id": workflow.id, "name": workflow.name, "version": workflow.version}
    return Condition.compile(when).explain({"event": event, "inputs": {}, "workflow": about})
