"""The foreteller: hears of runs as they begin and end, says beforehand how they will fare, and learns from what came of it.

    RunStarted ─▶ began ─▶ RunForetold, on record before anybody knows        RunMoved: steps ─▶ heard · the end ─▶ ended ─▶ ForetoldSettled

It works beside the runs, never in their way: what it says comes a moment after the start, and where storage is busy, not at all.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from engine.errors import Rejected, SignalboxError
from engine.events import DetectorSaved, Elsewhere, Event, ForetoldSettled, RunForetold, RunMoved, RunStarted
from engine.monitoring.alert import AlertState
from engine.ports import Clock, Store
from engine.prediction.learnt import Learnt, Prospect
from engine.prediction.next_likely import Moment, NextLikely
from engine.prediction.risk import PastRun
from engine.prediction.success.circumstances import ServiceNow
from engine.workflow.calendar import zone_named
from engine.workflow.definition import Definition, Workflow, WorkflowState
from engine.workflow.outline import split
from engine.workflow.run import Fact, FactKind, RunRecord, RunState

log = logging.getLogger(__name__)

STREAM: Final = "learnt:runs:"
HOUSE: Final = "learnt:runs"
NEXT: Final = "learnt:next"
SITTING: Final = timedelta(hours=4)  # after which what somebody ran before is no context any more
NOBODY: Final = frozenset({"event", "run", "signalbox", "schedule", ""})  # what starts runs without a person's choice
EVERY: Final = 0.5  # seconds
SAVED: Final = timedelta(minutes=10)
HISTORY: Final = timedelta(days=90)
MOST: Final = 5_000  # past runs that are learnt from at a first start
NOW: Final = timedelta(seconds=5)  # so long how services do is taken as known
PAST: Final = 300  # runs of one workflow that risks are looked for in
MOST_OPEN: Final = 20_000  # runs under way that are followed; of older ones nothing is learnt
WAITING: Final = 50_000  # news that may wait; beyond, the oldest are not learnt from
OPEN: Final = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
OVER: Final = {RunState.SUCCEEDED: True, RunState.FAILED: False}


@dataclass(slots=True)
class _Open:
    """A run under way. ``asked``: step → (service, operation, when it was asked first)."""

    workflow: str
    started_at: datetime
    definition: Definition
    actions: dict[str, str]
    asked: dict[str, tuple[str, str, datetime]]


class Foreteller:
    """Part of the house that one process of all has running; ``prospect`` answers in any."""

    def __init__(self, store: Store, clock: Clock, *, timezone: str = "UTC") -> None:
        self._store, self._clock = store, clock
        self._zone: tzinfo = zone_named(timezone)
        self._learnt, self._next = Learnt(), NextLikely()
        self._last: dict[str, tuple[datetime, str]] = {}  # person → when they ran which workflow last
        self._news: deque[Event] = deque(maxlen=WAITING)
        self._open: dict[str, _Open] = {}
        self._changed: set[str] = set()
        self._saved: datetime | None = None
        self._services: tuple[datetime, tuple[ServiceNow, ...]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = False
        self._reading = asyncio.Lock()  # whoever asks meanwhile waits until what was learnt is there
        store.ledger.listen(self._heard)

    # --- what people ask

    async def prospect(self, workflow: Workflow, at: datetime | None = None) -> Prospect:
        """Of the next run of a workflow, as things are now. Nothing is remembered of having been asked."""
        await self._remember()
        records = await self._store.runs.list(workflow=workflow.id, limit=PAST)
        runs = [PastRun(record.started_at, OVER[record.state]) for record in reversed(records) if record.state in OVER]
        services = await self._now()
        return self._learnt.foresee(
            workflow.id, workflow.definition, at or self._clock.now(), services=services, runs=runs, zone=self._zone
        )

    async def likely(self, actor: str, where: str, at: datetime, zone: str = "") -> tuple[Workflow, str] | None:
        """The workflow this person is likely to run next, and why; None where nothing is likely enough. A suggestion, never an act."""
        await self._remember()
        flows = {flow.id: flow for flow in await self._store.workflows.list() if flow.state is WorkflowState.ACTIVE}
        moment = self._moment(actor, where, at, zone)
        found = self._next.suggest(moment, list(flows))
        if found is None or found.workflow not in flows:
            return None
        return flows[found.workflow], found.because(moment, {id: flow.name for id, flow in flows.items()})

    def _moment(self, actor: str, where: str, at: datetime, zone: str = "") -> Moment:
        local = at.astimezone(zone_named(zone) if zone else self._zone)
        before = self._last.get(actor)
        last = before[1] if before is not None and at - before[0] <= SITTING else ""
        return Moment(actor=actor, channel=where, hour=local.hour, weekday=local.weekday(), last=last)

    # --- its life

    async def start(self) -> None:
        self._ready = False  # another process may have learnt more since this one asked last
        await self._remember()
        await self._take_up()
        self._task = asyncio.create_task(self._for_ever(), name="foretelling")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            await self._work()
            await self._save()

    async def _for_ever(self) -> None:
        while True:
            try:
                await self._work()
                if self._saved is None or self._clock.now() - self._saved >= SAVED:
                    await self._save()
            except Exception:
                log.exception("foretelling failed")
            await self._clock.sleep(EVERY)

    async def _remember(self) -> None:
        """What was learnt before, and what came since; from the runs that are kept where nothing was."""
        async with self._reading:
            if not self._ready:
                self._ready = await self._read()

    async def _read(self) -> bool:
        """Whether storage answered."""
        self._learnt, self._next = Learnt(), NextLikely()
        try:
            house = await self._store.detectors.get(HOUSE)
            states = {one.stream.removeprefix(STREAM): one.state for one in await self._store.detectors.under(STREAM)} if house else {}
            if house is not None:
                self._learnt = Learnt.restore(house.state, states)
            known = await self._store.detectors.get(NEXT)
            if known is not None:
                self._next = NextLikely.restore(known.state)
            await self._catch_up(house.at if house else None)
        except Rejected as error:
            log.warning("%s", error)
            self._learnt, self._next = Learnt(), NextLikely()
            await self._catch_up(None)
        except SignalboxError as error:
            log.warning("what was learnt of runs cannot be read just now: %s", error)
            return False
        return True

    async def _take_up(self) -> None:
        """Runs that were foretold before the start and are still under way: their end is waited for."""
        try:
            for record in await self._store.runs.unfinished():
                if record.id not in self._open and await self._store.foretold.get(record.id) is not None:
                    await self._followed(record)
        except SignalboxError as error:
            log.warning("runs under way are not followed: %s", error)

    async def _catch_up(self, since: datetime | None) -> None:
        """Runs that ended after ``since``, in the order in which that became known."""
        now = self._clock.now()
        records = await self._store.runs.list(since=now - HISTORY, limit=MOST)
        happened: list[tuple[datetime, bool, RunRecord]] = []
        for record in records:
            if record.state in OVER and record.finished_at is not None and await self._missed(record, record.finished_at, since):
                happened.append((record.finished_at, True, record))
                if since is None or record.started_at >= since:
                    happened.append((record.started_at, False, record))
        flows = {flow.id: flow.definition for flow in await self._store.workflows.list(deleted=True)}
        for at, over, record in sorted(happened, key=lambda one: (one[0], one[1])):
            if over:
                self._learnt.ended(record.id, record.workflow, OVER[record.state], _length(record))
            elif record.workflow in flows:
                self._chosen(record)
                self._learnt.began(record.id, record.workflow, flows[record.workflow], at)
        self._saved = now

    async def _missed(self, record: RunRecord, finished_at: datetime, since: datetime | None) -> bool:
        """Whether nothing was learnt of it yet. What ended in the very moment of the saving is in it only if it was settled."""
        if since is None or finished_at != since:
            return since is None or finished_at > since
        foretold = await self._store.foretold.get(record.id)
        return foretold is None or foretold.succeeded is None

    async def _save(self) -> None:
        """The house and those workflows of which something was learnt, all of one moment."""
        now = self._clock.now()
        if self._changed:
            events: list[Event] = [DetectorSaved(HOUSE, self._learnt.house_state(), now), DetectorSaved(NEXT, self._next.state(), now)]
            events += [DetectorSaved(STREAM + id, self._learnt.state(id), now) for id in sorted(self._changed)]
            try:
                await self._store.ledger.record(*events)
            except SignalboxError as error:
                log.warning("what was learnt of runs could not be saved: %s", error)
                return
            self._changed.clear()
        self._saved = now

    # --- what it hears

    def _heard(self, events: Sequence[Event]) -> None:
        if self._task is not None:
            self._news.extend(event for event in events if isinstance(event, (RunStarted, RunMoved)) or _elsewhere(event))

    async def _work(self) -> None:
        said: list[Event] = []
        while self._news:
            event = self._news.popleft()
            if len(self._news) % 50 == 0:
                await asyncio.sleep(0)  # a long line of news holds nobody up
            try:
                said += await self._take(event)
            except SignalboxError as error:
                log.warning("a run is not learnt from: %s", error)
        if said:
            try:
                await self._store.ledger.record(*said)
            except SignalboxError as error:
                log.warning("what was foretold could not be written down: %s", error)

    async def _take(self, event: Event) -> list[Event]:
        if isinstance(event, RunStarted):
            return [*await self._began(event.run), *self._facts(event.run.id, event.facts, event.run)]
        if isinstance(event, RunMoved):
            return self._facts(event.run_id, event.facts, event.run)
        assert isinstance(event, Elsewhere)
        record = await self._store.runs.get(event.id) if event.id else None
        if record is None:
            return []
        if record.state in OVER or record.state is RunState.CANCELLED:
            return self._ended(record)
        return await self._began(record) if record.id not in self._open else []

    async def _began(self, record: RunRecord) -> list[Event]:
        definition = await self._followed(record)
        if definition is None:
            return []
        self._chosen(record)
        foretold = self._learnt.began(record.id, record.workflow, definition, record.started_at, services=await self._now())
        self._changed.add(record.workflow)
        return [RunForetold(foretold)]

    async def _followed(self, record: RunRecord) -> Definition | None:
        workflow = await self._store.workflows.at_version(record.workflow, record.version)
        if workflow is None:
            return None
        actions = {step.id: step.action for step in workflow.definition.every_step if step.action}
        self._open[record.id] = _Open(record.workflow, record.started_at, workflow.definition, actions, {})
        if len(self._open) > MOST_OPEN:
            del self._open[next(iter(self._open))]
        return workflow.definition

    def _chosen(self, record: RunRecord) -> None:
        """What a person chose to run, where and when."""
        if record.by.partition(":")[0] not in NOBODY and not record.parent:
            self._next.ran(self._moment(record.by, record.where, record.started_at), record.workflow)
            self._last[record.by] = (record.started_at, record.workflow)

    def _facts(self, run_id: str, facts: Sequence[Fact], record: RunRecord | None) -> list[Event]:
        under_way = self._open.get(run_id)
        if under_way is not None:
            for fact in facts:
                self._step(under_way, fact)
        return self._ended(record) if record is not None and (record.state in OVER or record.state is RunState.CANCELLED) else []

    def _step(self, run: _Open, fact: Fact) -> None:
        if fact.kind is FactKind.ASKED:
            service, _, operation = str(fact.data.get("action") or run.actions.get(split(fact.step)[0], "")).partition(".")
            if service:
                run.asked[fact.step] = (service, operation, run.asked.get(fact.step, ("", "", fact.at))[2])
            return
        over = fact.kind is FactKind.ANSWERED or (fact.kind is FactKind.REFUSED and not fact.data.get("retry_at"))
        if over and (asked := run.asked.pop(fact.step, None)) is not None:
            service, operation, at = asked
            self._learnt.heard(service, operation, fact.kind is FactKind.ANSWERED, fact.at, (fact.at - at).total_seconds())

    def _ended(self, record: RunRecord) -> list[Event]:
        if self._open.pop(record.id, None) is None:
            return []
        self._changed.add(record.workflow)
        if record.state not in OVER:
            self._learnt.forgotten(record.id, record.workflow)
            return []
        succeeded = OVER[record.state]
        self._learnt.ended(record.id, record.workflow, succeeded, _length(record))
        return [ForetoldSettled(record.id, succeeded, record.finished_at or self._clock.now())]

    # --- how services do

    async def _now(self) -> tuple[ServiceNow, ...]:
        now = self._clock.now()
        if self._services is None or now - self._services[0] >= NOW:
            alerts: dict[str, int] = {}
            for alert in await self._store.alerts.list(states=OPEN, limit=500):
                alerts[alert.service] = alerts.get(alert.service, 0) + 1
            found = tuple(
                ServiceNow(service=one.service, status=one.status, alerts=alerts.get(one.service, 0))
                for one in await self._store.samples.states()
            )
            self._services = (now, found)
        return self._services[1]


def _length(record: RunRecord) -> float | None:
    return (record.finished_at - record.started_at).total_seconds() if record.finished_at else None


def _elsewhere(event: Event) -> bool:
    return isinstance(event, Elsewhere) and event.noun == "run"
