"""The scheduler: starts the runs of scheduled workflows when they are due, each fire once; ends pauses that run out.

APScheduler is only the alarm clock. What is due when stands in the store (``NextFireSet``), and a fire's run is called after workflow and
fire time, so neither a crash between the run and the next alarm, nor a second process, nor a clock that is set back fires twice. What is on
time, missed, made up or dropped is worked out by ``engine.workflow.due``.

    alarm or beat ─▶ does this process hold the lease? ─ no ─▶ nothing; it asks again with the next beat
                       │ yes, just now ─▶ everything read from the store: whoever held it before is gone
                       └▶ tick: everything due by now begins
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.errors import Conflict, SignalboxError
from engine.events import Audited, Elsewhere, Event, NextFireSet, PostingsTouched, WorkflowSaved
from engine.parties import SYSTEM
from engine.ports import Clock, Leases, Ledger, Runner, Schedules, Workflows
from engine.runtime.clockwork import Clockwork
from engine.runtime.starter import Starter, condition
from engine.workflow.calendar import counted, next_fire
from engine.workflow.definition import Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.due import MOST_MADE_UP, Due, begins, due_now
from engine.workflow.recurrence import recurrence

log = logging.getLogger(__name__)

LEASE = "scheduler"
UNSET = timedelta(hours=1)  # a crash between storing a workflow and setting its first fire is not older than this
SET_BACK = timedelta(seconds=60)  # a clock further back than this was set back


class Scheduler:
    """``timezone``: the zone of the house, for triggers that name none. ``start`` once, after the runner's ``recover``.

    Of several processes the one that holds the lease acts. ``chores``: what that process is to look after beside, with every beat.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        workflows: Workflows,
        schedules: Schedules,
        runner: Runner,
        clock: Clock,
        timezone: str = "UTC",
        leases: Leases | None = None,
        clockwork: Clockwork | None = None,
        chores: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._ledger = ledger
        self._workflows = workflows
        self._schedules = schedules
        self._starter = Starter(ledger=ledger, runner=runner, clock=clock)
        self._clock = clock
        self._zone = timezone
        self._leases = leases
        self._clockwork = clockwork or Clockwork(clock)
        self._chores = chores
        self._due: dict[str, datetime] = {}
        self._resume_at: dict[str, datetime] = {}
        self._counted: dict[tuple[str, int], Trigger] = {}
        self._seen = clock.now()
        self._holds = False
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make up or drop what was due meanwhile, if no other process is at it, then wait for what comes."""
        self._ledger.listen(self._heard)
        async with self._turn:
            await self._hold(up=False)
        self._clockwork.on_beat(self._beat)
        self._clockwork.start()

    async def stop(self) -> None:
        await self._clockwork.stop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._holds and self._leases is not None:
            with contextlib.suppress(SignalboxError):  # then it runs out by itself
                await self._leases.release(LEASE)
        self._holds = False

    async def idle(self) -> None:
        """Until everything heard so far has been acted on."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def acts(self) -> bool:
        """Whether this process is the one that fires."""
        return self._holds

    def next_fires(self) -> dict[str, datetime]:
        return dict(self._due)

    async def tick(self) -> None:
        """Everything that is due by now. Called by alarms and beats; calling it more often changes nothing."""
        async with self._turn:
            if not await self._hold(up=True):
                return
            now = self._clock.now()
            set_back = now < self._seen - SET_BACK
            self._seen = now
            known = (*self._due.items(), *self._resume_at.items())
            for workflow_id in sorted({id for id, at in known if set_back or at <= now}):
                workflow = await self._workflows.get(workflow_id)
                if workflow is None:
                    await self._set(workflow_id, None)
                else:
                    await self._surely(workflow, now)

    async def _beat(self) -> None:
        await self.tick()
        for chore in self._chores if self._holds else ():
            await chore()

    # --- who acts

    async def _hold(self, *, up: bool) -> bool:
        """Whether this process holds the lease; one that has just come by it reads what there is to know. ``up``: the house was at work until now."""
        try:
            holds = self._leases is None or await self._leases.acquire(LEASE)
            if holds and not self._holds:
                await self._take_over(up=up)
        except Exception:
            self._holds = False  # it cannot tell, and so it does not act
            raise
        if self._holds and not holds:
            log.warning("Another process fires the schedules from now on.")
        self._holds = holds
        return holds

    async def _take_over(self, *, up: bool) -> None:
        self._due = dict(await self._schedules.all())
        self._resume_at.clear()
        listed = await self._workflows.list()
        for workflow in listed:
            await self._surely(workflow, max(workflow.updated_at, self._clock.now() - UNSET), up=up)
        for gone in self._due.keys() - {workflow.id for workflow in listed}:
            await self._set(gone, None)

    # --- one workflow

    async def _surely(self, workflow: Workflow, since: datetime, *, up: bool = True) -> None:
        """One workflow's trouble must not hold up the others; it is tried again with the next beat."""
        try:
            await self._arrange(workflow, since, up=up)
        except SignalboxError as error:
            log.error("The schedule of %s could not be kept: %s", workflow.name, error)

    async def _arrange(self, workflow: Workflow, since: datetime, *, up: bool) -> None:
        """Fire what is due, then set when it is due next. ``since``: from when on fires count if none was set yet."""
        now, paused_until = self._clock.now(), workflow.paused_until
        workflow = await self._end_pause(workflow, now)
        if workflow.definition.trigger.type is not TriggerType.SCHEDULED or workflow.state is not WorkflowState.ACTIVE:
            await self._set(workflow.id, None)
            return
        trigger = await self._trigger(workflow)
        first = self._due.get(workflow.id) or next_fire(trigger, paused_until or since, self._zone)
        due = due_now(trigger, workflow.id, first, now, self._zone, up=up) if first else Due((), None)
        await self._tell_missed(workflow, due, now)
        for fire in due.fires:
            await self._fire(workflow, fire, now)
        await self._set(workflow.id, due.next, begins(trigger, workflow.id, due.next) if due.next else None)

    async def _trigger(self, workflow: Workflow) -> Trigger:
        """“For the next ten days” is counted from when this version was made, whatever happened since."""
        trigger = workflow.definition.trigger
        if not trigger.rrule or recurrence(trigger.rrule).count is None:
            return trigger
        key = (workflow.id, workflow.version)
        if key not in self._counted:
            made = await self._workflows.at_version(*key)
            self._counted[key] = counted(trigger, made.updated_at if made else workflow.created_at, self._zone)
        return self._counted[key]

    async def _tell_missed(self, workflow: Workflow, due: Due, now: datetime) -> None:
        if not due.missed and not due.dropped:
            return
        made_up = f"{due.missed} missed fire{'s' if due.missed != 1 else ''} of {workflow.name} made up, {due.dropped} dropped"
        log.info("%s, as it says", made_up)
        if due.left_out:
            detail = f"More than {MOST_MADE_UP} fires were missed; the latest {MOST_MADE_UP} are made up."
            await self._ledger.record(Audited(now, SYSTEM.id, SYSTEM.name, "start_run", workflow.id, outcome="partly", detail=detail))

    async def _fire(self, workflow: Workflow, at: datetime, now: datetime) -> None:
        event = {"scheduled_for": at.isoformat(), "fired_at": now.isoformat()}
        holds, reason = condition(workflow, event)
        if not holds:
            log.info("%s does not start: %s", workflow.name, reason)
            return
        await self._starter.once(workflow, run_id=run_id_of(workflow.id, at), by="schedule", event=event, reason="it was due")

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

    async def _set(self, workflow_id: str, at: datetime | None, begin: datetime | None = None) -> None:
        """``begin``: when the fire ``at`` begins, jitter included."""
        if self._due.get(workflow_id) != at:
            await self._ledger.record(NextFireSet(workflow_id, at))
        if at is None:
            self._due.pop(workflow_id, None)
        else:
            self._due[workflow_id] = at
            self._wake(workflow_id, begin or at)

    def _wake(self, name: str, at: datetime) -> None:
        self._clockwork.set(name, at, self.tick)

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, WorkflowSaved):
                self._spawn(event.workflow.id)
            elif isinstance(event, Elsewhere) and event.noun == "workflow":
                self._spawn(event.id)

    def _spawn(self, workflow_id: str) -> None:
        task = asyncio.get_running_loop().create_task(self._changed(workflow_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _changed(self, workflow_id: str) -> None:
        """Another definition or state; what was due before it changed still fires. Who does not act reads everything when it comes to that."""
        async with self._turn:
            if not self._holds:
                return
            workflow = await self._workflows.get(workflow_id)
            if workflow is not None:
                await self._surely(workflow, self._clock.now())


def run_id_of(workflow: str, fire: datetime) -> str:
    """``run_<workflow>_<fire time in UTC>``."""
    return f"run_{workflow}_{fire.astimezone(UTC):%Y%m%dT%H%M%SZ}"
