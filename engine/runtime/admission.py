"""Whose turn it is to run: at most so many runs of a workflow, or for one value of its key, at a time.

    start ─▶ room? ─ yes ─▶ RUNNING
               └ no: skip ─▶ Conflict, nothing is stored
                     queue ─▶ QUEUED ── a place comes free ─▶ released, by rank, then age
                     replace ─▶ QUEUED, and the oldest is cancelled

Who is in line is read from what is stored, each time, one at a time for each line; so a crash between any two of these loses nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from engine.errors import Conflict, Rejected, SignalboxError, Transient
from engine.events import Event, WorkflowSaved
from engine.ports import Clock, Store
from engine.runtime.archive import Archive
from engine.runtime.driver import Driver
from engine.runtime.live import Build, Live
from engine.workflow import outcomes
from engine.workflow.definition import Concurrency, Json, WhenFull, Workflow, WorkflowState
from engine.workflow.expression import Expression, Missing
from engine.workflow.interventions import cancelled_facts
from engine.workflow.progress import Run
from engine.workflow.run import Fact, RunRecord, RunState

log = logging.getLogger(__name__)

LONGEST_VALUE = 80  # characters of a key's value; of a longer one the line's name has its hash
POLL = 0.05  # seconds between tries for a line that another process holds
LONGEST_PAUSE = 5.0
QUEUED_AT_MOST = 10_000  # runs of one workflow whose lines are looked at when it goes on after a pause


@dataclass(slots=True)
class _Gate:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Admission:
    def __init__(self, store: Store, archive: Archive, driver: Driver, clock: Clock) -> None:
        self._store, self._archive, self._driver, self._clock = store, archive, driver, clock
        self._gates: dict[str, _Gate] = {}
        self._wanted: set[str] = set()
        driver.watch(self._moved)
        store.ledger.listen(self._heard)

    @asynccontextmanager
    async def line(self, queue: str) -> AsyncIterator[list[RunRecord]]:
        """Everybody in line, by rank, then age; nobody else looks at this line or changes it meanwhile, in this process or another."""
        gate = self._gates.setdefault(queue, _Gate())
        gate.users += 1
        try:
            async with gate.lock:
                while not await self._store.leases.acquire(f"line:{queue}"):
                    await self._clock.sleep(POLL * (1 + self._clock.random()))
                try:
                    yield await self._store.runs.in_line(queue)
                finally:
                    await self._store.leases.release(f"line:{queue}")
        finally:
            gate.users -= 1
            if not gate.users:
                del self._gates[queue]

    # --- a place comes free

    def settle_soon(self, queue: str) -> None:
        """Let in whoever's turn has come, however long storage is busy."""
        if queue in self._wanted or self._driver.stopping:
            return
        self._wanted.add(queue)
        self._driver.spawn(self._until_settled(queue))

    async def settle_all(self, waiting: Sequence[RunRecord]) -> None:
        """After a restart: the lines of these runs."""
        for queue in dict.fromkeys(run.queue for run in waiting if run.state is RunState.QUEUED):
            self.settle_soon(queue)

    async def _until_settled(self, queue: str) -> None:
        pause = 0.05
        while not self._driver.stopping:
            self._wanted.discard(queue)  # before looking: what ends from here on is looked at again
            try:
                await self._settle(queue)
                return
            except Transient as error:
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _settle(self, queue: str) -> None:
        async with self.line(queue) as line:
            waiting = [run for run in line if run.state is RunState.QUEUED]
            if not waiting:
                return
            workflow = await self._store.workflows.get(waiting[0].workflow)
            if workflow is None or workflow.state is WorkflowState.DELETED:
                await self._turn_away(waiting)
                return
            rule = await self._rule(waiting)
            if rule.when_full is WhenFull.REPLACE:
                waiting = await self._replace(line, rule.limit)
            if workflow.state is WorkflowState.ACTIVE:
                room = rule.limit - sum(run.state is not RunState.QUEUED for run in line)
                for run in waiting[: max(0, room)]:
                    await self._say(run, outcomes.released)

    async def _rule(self, waiting: Sequence[RunRecord]) -> Concurrency:
        """That of the youngest who waits: a changed definition counts for the whole line, and older ones under it give way."""
        youngest = max(waiting, key=lambda run: (run.started_at, run.id))
        definition = (await self._archive.workflow_of(youngest)).definition
        return definition.options.concurrency or Concurrency(limit=len(waiting) + QUEUED_AT_MOST)

    async def _replace(self, line: Sequence[RunRecord], limit: int) -> list[RunRecord]:
        """Cancel the oldest until no more than ``limit`` are left; gives those who still wait. Who runs makes place only when it is over."""
        alive = sorted(line, key=lambda run: (run.started_at, run.id))
        staying = []
        surplus = len(alive) - limit
        for run in alive:
            if surplus > 0:
                surplus -= 1
                await self._cancel(run, "A newer run took its place.")
            else:
                staying.append(run)
        return [run for run in staying if run.state is RunState.QUEUED]

    async def _turn_away(self, waiting: Sequence[RunRecord]) -> None:
        for run in waiting:
            await self._cancel(run, "The workflow was deleted before its turn came.")

    async def _cancel(self, run: RunRecord, why: str) -> None:
        await self._say(run, lambda run, now: cancelled_facts(run, now, why))

    async def _say(self, run: RunRecord, build: Build) -> None:
        """Told twice, or told too late, it changes nothing."""
        try:
            await self._driver.command(run.id, build)
        except Rejected as error:
            log.info("Run %s in line: %s", run.id, error)

    # --- when to look

    def _moved(self, live: Live, before: Run, facts: Sequence[Fact]) -> None:
        if live.record.queue and live.run.over and not before.over:
            self.settle_soon(live.record.queue)

    def _heard(self, events: Sequence[Event]) -> None:
        """A workflow that goes on after a pause lets in who waited; a deleted one turns them away."""
        for event in events:
            if isinstance(event, WorkflowSaved) and event.workflow.state is not WorkflowState.PAUSED and not self._driver.stopping:
                self._driver.spawn(self._look_at(event.workflow.id))

    async def _look_at(self, workflow: str) -> None:
        try:
            await self.settle_all(await self._store.runs.list(workflow=workflow, outcome=RunState.QUEUED.value, limit=QUEUED_AT_MOST))
        except SignalboxError as error:
            log.warning("The lines of %s could not be looked at: %s", workflow, error)


def line_of(workflow: Workflow, event: Mapping[str, Json], inputs: Mapping[str, Json]) -> str:
    """The line a run stands in; "" when its workflow knows no limit. Raises Rejected when its key cannot be worked out."""
    rule = workflow.definition.options.concurrency
    if rule is None:
        return ""
    if not rule.key:
        return workflow.id
    value = Expression.compile(rule.key).evaluate({"event": event, "inputs": inputs})
    if isinstance(value, Missing):
        raise Rejected(f"“{workflow.name}” was not started: its concurrency key “{rule.key}” cannot be worked out: {value.reason}.")
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    if len(text) > LONGEST_VALUE:
        text = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return f"{workflow.id}:{text}"


def refuse_skipped(workflow: Workflow, rule: Concurrency, line: Sequence[RunRecord]) -> None:
    """Raises Conflict when there is no room and the workflow says that a run is then not started."""
    if rule.when_full is WhenFull.SKIP and len(line) >= rule.limit:
        running = "one run is" if rule.limit == 1 else f"{rule.limit} runs are"
        raise Conflict(f"“{workflow.name}” was not started: {running} under way ({line[0].id}), and a further one is skipped.")


def refuse_crowded(workflow: Workflow, line: Sequence[RunRecord]) -> None:
    """Raises Conflict when a failed run cannot go on without being one too many."""
    rule = workflow.definition.options.concurrency
    if rule is not None and sum(run.state is not RunState.QUEUED for run in line) >= rule.limit:
        raise Conflict(f"“{workflow.name}” has as many runs under way as it may ({rule.limit}). Retry this one when {line[0].id} is over.")
