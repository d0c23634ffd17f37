"""The runner: drives every run from fact to fact, and goes on after a crash exactly where it was.

    order (an outcome, a command, a wake-up) ─▶ inbox of its run ─▶ one turn: facts of all orders + plan
          ▲                                                              │ one record: durable
          └──────────── guard ◀── calls leave only now ◀─────────────────┘

A turn takes everything that lies in the inbox, so answers that arrive together are recorded together, and the ASKED of what comes next
rides in the same record: a sequential step costs one record, a fan-out of twenty two. Runs that wait for a human or a later time are
dropped from memory; an order or the alarm reads them back.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from engine.errors import Conflict, NotFound, Rejected, SignalboxError, Transient
from engine.events import Event, PostingWanted, RunMoved, RunStarted
from engine.parties import Actor, Address
from engine.ports import Answer, Call, Clock, Ledger, Runs, Workflows
from engine.resilience.retry import backoff
from engine.runtime.alarm import Alarm
from engine.runtime.guard import Guard
from engine.runtime.run_news import news_of
from engine.workflow import kernel, outcomes
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow, WorkflowState
from engine.workflow.fold import fold
from engine.workflow.inputs import read_inputs
from engine.workflow.kernel import Ask
from engine.workflow.outline import Outline, outline_of
from engine.workflow.progress import Run
from engine.workflow.run import Fact, RunRecord, RunState, StepState

log = logging.getLogger(__name__)

Build = Callable[[Run, datetime], tuple[Fact, ...]]

KEEP = timedelta(seconds=30)  # a run that goes on sooner than this stays in memory
OUTLINES = 256  # outlines kept
AT_ONCE = 32  # runs read back at the same time during recovery
LONGEST_RUN_ID = 48  # so that the id of a doubt's card stays within 60 characters


def home_of(workflow: Workflow) -> Address | None:
    """Where the workflow was made; the default for where the cards of its runs stand."""
    return Address.parse(workflow.where) if workflow.where else None


@dataclass(slots=True)
class _Order:
    """Something a run is to take in. ``build`` makes its facts from the run as it then is; ``done`` hears of the outcome.

    ``ask`` is set when it is the outcome of a call: that must not be lost even if it cannot be stored as it is.
    """

    build: Build
    done: asyncio.Future[RunRecord] | None = None
    ask: Ask | None = None

    def refuse(self, error: SignalboxError) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)

    def settle(self, record: RunRecord) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_result(record)


class _Live:
    """A run in memory. ``record`` is what is stored; ``shown``: cards about it may stand somewhere."""

    __slots__ = ("busy", "inbox", "record", "run", "shown", "singly", "workflow")

    def __init__(self, run: Run, record: RunRecord, workflow: Workflow, *, shown: bool) -> None:
        self.run = run
        self.record = record
        self.workflow = workflow
        self.shown = shown
        self.inbox: deque[_Order] = deque()
        self.busy = False
        self.singly = 0  # so many orders are to be taken one by one


class JournalRunner:
    """Fulfils ``ports.Runner``. ``home`` says where the cards of a workflow's runs stand when nobody said otherwise.

    Call ``recover`` once at start, ``stop`` at the end. Every public call is durable when it returns.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        runs: Runs,
        workflows: Workflows,
        guard: Guard,
        clock: Clock,
        catalogue: Catalogue,
        home: Callable[[Workflow], Address | None] = home_of,
    ) -> None:
        self._ledger = ledger
        self._runs = runs
        self._workflows = workflows
        self._guard = guard
        self._clock = clock
        self._catalogue = catalogue
        self._home = home
        self._alarm = Alarm(clock, self._ring)
        self._live: dict[str, _Live] = {}
        self._waking: dict[str, asyncio.Task[_Live]] = {}
        self._flying: dict[str, set[str]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._outlines: OrderedDict[tuple[str, int], Outline] = OrderedDict()
        self._stopping = False
        ledger.listen(self._heard)

    # --- what others ask of it

    async def start(
        self,
        workflow: Workflow,
        *,
        by: str,
        event: Mapping[str, Json] | None = None,
        inputs: Mapping[str, Json] | None = None,
        run_id: str = "",
        where: Address | None = None,
        actor: Actor | None = None,
    ) -> RunRecord | None:
        """None when a run of that id exists already. Raises Rejected for bad inputs, a deleted workflow or an unusable id."""
        self._check_start(workflow, run_id)
        values = read_inputs(workflow.definition.trigger, inputs or {})
        run_id = run_id or self._clock.new_id("run")
        if run_id in self._live or run_id in self._waking:
            return None
        where = where or self._home(workflow)
        record = RunRecord(
            id=run_id,
            workflow=workflow.id,
            version=workflow.version,
            name=workflow.name,
            state=RunState.RUNNING,
            started_at=self._clock.now(),
            by=by,
            where=str(where) if where else "",
        )
        run = kernel.begin(self._outline(workflow), record)
        first = outcomes.started(run, record.started_at, event=event or {}, inputs=values, actor=actor.id if actor else "")
        live = self._live[run_id] = _Live(run, record, workflow, shown=where is not None)
        live.busy = True
        # In a task of its own: an asker who goes away while it is written must not leave a stored run that nobody drives.
        return await asyncio.shield(self._spawn(self._start(live, first, where)))

    async def cancel(self, run_id: str, actor: Actor) -> RunRecord:
        """At once; a call in flight is not torn off, its outcome is still written down. Raises NotFound, or Conflict when it is over."""
        return await self._command(run_id, lambda run, now: outcomes.cancelled(run, now, actor.name))

    async def retry(self, run_id: str, actor: Actor) -> RunRecord:
        """Go on from the failed steps; answered steps are not asked again. Raises NotFound, or Conflict unless it failed."""
        return await self._command(run_id, lambda run, now: outcomes.retried(run, now, actor.name))

    async def decide(self, run_id: str, step: str, *, happened: bool, actor: Actor, output: Json = None) -> RunRecord:
        """Settle a step in doubt. Raises NotFound, or Conflict when it is not (or no longer) in doubt."""
        build = partial(outcomes.decided, step=step, happened=happened, output=output, by=actor.name)
        return await self._command(run_id, build)

    async def answer(self, run_id: str, step: str, output: Json, actor: Actor) -> RunRecord:
        """The late answer of a waiting step. Raises NotFound, or Conflict when nothing waits for it."""
        return await self._command(run_id, partial(outcomes.late_answer, step=step, output=output, by=actor.name))

    async def recover(self) -> int:
        """Take up every unfinished run: asks without an answer are repeated where that is safe, else put to a human. Gives how many."""
        waiting = deque(await self._runs.unfinished())
        found = len(waiting)

        async def take_up() -> None:
            while waiting:
                await self._recover(waiting.popleft())

        await asyncio.gather(*(take_up() for _ in range(min(AT_ONCE, found))))
        return found

    async def stop(self, grace: float = 10.0) -> None:
        """Start nothing more, give calls in flight ``grace`` seconds to be answered and written down; the rest is taken up next time."""
        self._stopping = True
        await self._alarm.stop()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        while self._tasks and (left := deadline - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- starting and reading back

    def _check_start(self, workflow: Workflow, run_id: str) -> None:
        if self._stopping:
            raise Transient("Signalbox is stopping. Try again when it is back.")
        if workflow.state is WorkflowState.DELETED:
            raise Rejected(f"“{workflow.name}” is deleted. Create it again to run it.")
        if run_id and (len(run_id) > LONGEST_RUN_ID or not run_id.startswith("run_")):
            raise Rejected(f"A run's id begins with run_ and has at most {LONGEST_RUN_ID} characters; “{run_id}” does not.")

    async def _start(self, live: _Live, first: tuple[Fact, ...], where: Address | None) -> RunRecord | None:
        try:
            plan = kernel.plan(fold(live.run, first), first[0].at)
            record = kernel.record_of(plan.run)
            news = (PostingWanted(record.id, "run", where),) if where else ()
            await self._ledger.record(RunStarted(record, (*first, *plan.facts)), *news)
        except Conflict as error:
            self._drop(live, error)
            return None
        except BaseException:
            self._drop(live, Transient("The run could not be started just now. Try again."))
            raise
        live.record = record
        self._carry_on(live, plan)
        live.busy = False
        self._poke(live)
        return record

    def _outline(self, workflow: Workflow) -> Outline:
        key = (workflow.id, workflow.version)
        known = self._outlines.get(key)
        if known is None or (known.definition is not workflow.definition and known.definition != workflow.definition):
            known = self._outlines[key] = outline_of(workflow.definition, self._catalogue)
            if len(self._outlines) > OUTLINES:
                self._outlines.popitem(last=False)
        return known

    async def _recover(self, run_id: str) -> None:
        try:
            self._poke(await self._awake(run_id))
        except SignalboxError as error:
            log.error("Run %s cannot be taken up: %s", run_id, error)

    async def _awake(self, run_id: str) -> _Live:
        """The run in memory, read back if need be. Raises NotFound, or Rejected when it cannot be read."""
        live = self._live.get(run_id)
        if live is not None:
            return live
        task = self._waking.get(run_id)
        if task is None:
            task = self._waking[run_id] = self._spawn(self._read_back(run_id))
            task.add_done_callback(lambda _: self._waking.pop(run_id, None))
        return await asyncio.shield(task)

    async def _read_back(self, run_id: str) -> _Live:
        record = await self._runs.get(run_id)
        if record is None:
            raise NotFound(f"There is no run {run_id}.")
        workflow = await self._workflows.at_version(record.workflow, record.version)
        if workflow is None:
            raise Rejected(f"Run {run_id} belongs to version {record.version} of {record.workflow}, which is not stored any more.")
        run = kernel.replay(self._outline(workflow), record, await self._runs.facts(run_id))
        live = self._live[run_id] = _Live(run, record, workflow, shown=True)
        # Put in first: whatever comes next must see lost asks as lost.
        live.inbox.append(_Order(partial(outcomes.lost, flying=frozenset(self._flying.get(run_id, ())))))
        return live

    # --- orders

    async def _command(self, run_id: str, build: Build) -> RunRecord:
        if self._stopping:
            raise Transient("Signalbox is stopping. Try again when it is back.")
        done: asyncio.Future[RunRecord] = asyncio.get_running_loop().create_future()
        live = await self._awake(run_id)
        live.inbox.append(_Order(build, done))
        self._poke(live)
        return await done

    def _ring(self, run_id: str) -> None:
        """Its time has come; a run that has none any more takes no harm."""
        live = self._live.get(run_id)
        if live is None:
            self._spawn(self._recover(run_id))
            return
        live.inbox.append(_Order(_nothing))
        self._poke(live)

    def _poke(self, live: _Live) -> None:
        if live.inbox and not live.busy:
            live.busy = True
            self._spawn(self._drive(live))

    async def _drive(self, live: _Live) -> None:
        try:
            while live.inbox:
                await self._turn(live)
        finally:
            live.busy = False
        self._park(live)

    async def _turn(self, live: _Live) -> None:
        now = self._clock.now()
        run, facts, orders = self._take(live, now)
        try:
            # A stopping house writes down what came in and plans nothing: an ask that is not written cannot be lost.
            plan = kernel.Plan(run=run) if self._stopping else kernel.plan(run, now)
            facts.extend(plan.facts)
            if facts:
                await self._write(live, plan.run, facts)
        except BaseException as error:
            if isinstance(error, Rejected) and not isinstance(error, Conflict):
                self._sort_out(live, orders, error)
                return
            self._give_back(live, orders, error)
            raise
        self._carry_on(live, plan)
        for order in orders:
            order.settle(live.record)

    def _sort_out(self, live: _Live, orders: Sequence[_Order], error: Rejected) -> None:
        """Storage will never take this. Several orders are tried one by one; an answer that cannot be kept fails its step, in words."""
        if len(orders) > 1:
            live.inbox.extendleft(reversed(orders))
            live.singly = len(orders)
            return
        log.error("Run %s: %s", live.record.id, error)
        for order in orders:
            order.refuse(error)
            if order.ask is not None:
                said = Rejected(f"It was answered, but the answer cannot be kept: {error}")
                live.inbox.appendleft(_Order(partial(self._outcome, order.ask, said)))

    def _give_back(self, live: _Live, orders: Sequence[_Order], error: BaseException) -> None:
        """The turn could not be written. Askers hear why; what services answered is held against the run as it is stored now."""
        told = error if isinstance(error, SignalboxError) else Transient("The run could not be changed just now. Try again.")
        everything = (*orders, *live.inbox)
        self._drop(live, told)
        for order in orders:
            order.refuse(told)
        if isinstance(error, Conflict):
            log.error("Run %s was changed by somebody else, so it is read again: %s", live.record.id, error)
            unheard = [order for order in everything if order.done is None]
            self._spawn(self._deliver(live.record.id, *unheard))

    def _take(self, live: _Live, now: datetime) -> tuple[Run, list[Fact], list[_Order]]:
        """Everything that lies in the inbox; an order that cannot follow is refused by itself."""
        run, facts, orders = live.run, list[Fact](), list[_Order]()
        while live.inbox and not (live.singly and orders):
            order = live.inbox.popleft()
            try:
                fresh = order.build(run, now)
                run = fold(run, fresh)
            except SignalboxError as error:
                order.refuse(error)
                continue
            facts.extend(fresh)
            orders.append(order)
        live.singly = max(0, live.singly - 1)
        return run, facts, orders

    async def _write(self, live: _Live, run: Run, facts: Sequence[Fact]) -> None:
        """Durable on return, however long storage is busy. Raises Conflict when somebody else wrote to this run."""
        record = kernel.record_of(run)
        moved = RunMoved(record.id, tuple(facts), record if record != live.record else None)
        news = news_of(live.run, run, facts, shown=live.shown)
        pause = 0.05
        while True:
            try:
                await self._ledger.record(moved, *news)
                break
            except Transient as error:
                log.warning("Run %s waits for storage: %s", record.id, error)
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, 5.0)
        live.record = record

    def _carry_on(self, live: _Live, plan: kernel.Plan) -> None:
        live.run = plan.run
        for ask in plan.asks:
            self._flying.setdefault(live.record.id, set()).add(ask.step)
            self._spawn(self._put(live.record.id, ask, _call(live, ask)))
        if plan.wake_at is not None:
            self._alarm.set(live.record.id, plan.wake_at)

    async def _put(self, run_id: str, ask: Ask, call: Call) -> None:
        """One call, and its outcome into the inbox of its run."""
        outcome = await self._guard.perform(call, ask.timeout)
        order = _Order(partial(self._outcome, ask, outcome), ask=ask)
        live = self._live.get(run_id)
        if live is None:
            await self._deliver(run_id, order)
        else:
            live.inbox.append(order)
            self._poke(live)
        steps = self._flying[run_id]
        steps.discard(ask.step)
        if not steps:
            del self._flying[run_id]

    async def _deliver(self, run_id: str, *orders: _Order) -> None:
        """Orders for a run that is not in memory, however long storage is busy. Raises NotFound or Rejected when it cannot be read."""
        pause = 0.05
        while True:
            try:
                live = await self._awake(run_id)
                break
            except Transient as error:
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, 5.0)
        live.inbox.extend(orders)
        self._poke(live)

    def _outcome(self, ask: Ask, outcome: Answer | SignalboxError, run: Run, now: datetime) -> tuple[Fact, ...]:
        before = run.progress(ask.step)
        if before.state is not StepState.ASKED or before.attempt != ask.attempt:
            return ()  # somebody answered it before the service did
        if isinstance(outcome, SignalboxError):
            return outcomes.failed(run, now, ask.step, outcome, self._backoff)
        if outcome.pending:
            return outcomes.taken(run, now, ask.step, sandbox=outcome.sandbox)
        return outcomes.answered(run, now, ask.step, outcome.output, sandbox=outcome.sandbox)

    def _backoff(self, tries: int, wanted: float | None) -> float:
        return backoff(tries, self._clock.random, wanted)

    # --- coming and going

    def _park(self, live: _Live) -> None:
        """Out of memory, unless something is in flight or will be soon."""
        run_id = live.record.id
        if live.inbox or run_id in self._flying:
            return
        wake_at = None if live.run.over else kernel.wake_at(live.run)
        if wake_at is None or wake_at - self._clock.now() > KEEP:
            self._live.pop(run_id, None)

    def _drop(self, live: _Live, error: SignalboxError) -> None:
        self._live.pop(live.record.id, None)
        while live.inbox:
            live.inbox.popleft().refuse(error)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[Any]) -> None:
        """Errors of the tree that were raised to an asker are his; anything else is a fault of ours."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            level = logging.INFO if isinstance(error, SignalboxError) else logging.ERROR
            log.log(level, "A task of a run ended with: %s", error, exc_info=error if level == logging.ERROR else None)

    def _heard(self, events: Sequence[Event]) -> None:
        """Somebody put up a card about a run: from now on its changes are news."""
        for event in events:
            if isinstance(event, PostingWanted) and (live := self._live.get(event.subject)) is not None:
                live.shown = True


def _nothing(run: Run, now: datetime) -> tuple[Fact, ...]:
    return ()


def _call(live: _Live, ask: Ask) -> Call:
    service, _, operation = ask.action.partition(".")
    definition = live.workflow.definition
    return Call(
        service=service,
        operation=operation,
        arguments=ask.arguments,
        key=ask.key,
        account=ask.account,
        run=live.record.id,
        step=ask.step,
        workflow=live.record.workflow,
        actor=live.run.actor,
        where=live.record.where,
        places=definition.places,
        home=definition.home,
    )
