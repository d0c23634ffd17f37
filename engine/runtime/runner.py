"""The runner: what the house can have runs do. Starting them, what people say to them, and going on after a crash exactly where they were.

runner ─▶ admission (whose turn) ─▶ driver ─▶ turn ─▶ ledger         subruns: parents and children
                                      ├─▶ guard ─▶ the services      alarm: who goes on by itself, and when
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from engine.errors import Conflict, Rejected, SignalboxError, Transient
from engine.events import Happening, PostingWanted
from engine.parties import SYSTEM, Actor, Address
from engine.ports import Answer, Call, Clock, Ledger, Store
from engine.runtime.admission import Admission, line_of, refuse_crowded, refuse_skipped
from engine.runtime.archive import Archive
from engine.runtime.driver import AT_ONCE, STOPPING, Driver
from engine.runtime.guard import Guard
from engine.runtime.live import Build, Live
from engine.runtime.putting import looking_call
from engine.runtime.readback import ReadBack
from engine.runtime.roads import roads_of
from engine.runtime.run_news import News
from engine.runtime.subruns import SubRuns
from engine.runtime.turn import Turn
from engine.runtime.turns import Alone, Turns
from engine.workflow import kernel, outcomes
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Json, Workflow, WorkflowState
from engine.workflow.inputs import read_inputs
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind, RunRecord, RunState, StepState

LONGEST_RUN_ID = 48  # so that the id of a doubt's card stays within 60 characters
PROBE = 1.0  # seconds between starts that are let through while storage is in trouble, to learn when it is over
PASSIVE = frozenset({RunState.WAITING, RunState.QUEUED})  # nothing of theirs is in flight, so they stay where they are


def home_of(workflow: Workflow) -> Address | None:
    """Where the workflow was made; the default for where the cards of its runs stand."""
    return Address.parse(workflow.where) if workflow.where else None


class JournalRunner:
    """Fulfils ``ports.Runner``. ``home`` says where the cards of a workflow's runs stand when nobody said otherwise.

    ``read_back``: writes whose answer was lost are looked for before a human is asked. ``ledger``: written to instead of the store's own. ``turns``: which runs this process may drive. Call ``recover`` once at start, ``stop``
    at the end. Every public call is durable when it returns.
    """

    def __init__(
        self,
        *,
        store: Store,
        guard: Guard,
        clock: Clock,
        catalogue: Catalogue,
        home: Callable[[Workflow], Address | None] = home_of,
        ledger: Ledger | None = None,
        turns: Turns | None = None,
        read_back: bool = False,
    ) -> None:
        self._store, self._guard, self._clock, self._home = store, guard, clock, home
        self._ledger = ledger or store.ledger
        self._archive = Archive(store, catalogue)
        roads = roads_of(guard.routes)
        turn = Turn(ledger=self._ledger, keys=store.keys, news=News(store.postings), clock=clock, router=roads.router)
        self._read_back = ReadBack(guard, clock) if read_back else None
        self._looking: set[asyncio.Task[None]] = set()
        self._driver = Driver(
            archive=self._archive, turn=turn, guard=guard, clock=clock, turns=turns or Alone(), roads=roads, read_back=self._read_back
        )
        if self._read_back is not None:
            self._driver.watch(self._looked_for_later)
        self._admission = Admission(store, self._archive, self._driver, clock)
        self._subruns = SubRuns(store, self._archive, self._driver, self)
        self._next_probe = clock.now()
        self._ledger.listen(self._driver.heard)

    # --- starting

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
        parent: str = "",
        alert: str = "",
    ) -> RunRecord | None:
        """None when a run of that id exists already. ``parent``: "<run id> <step>" of the step that starts it.

        Raises Rejected for bad inputs, a deleted workflow or an unusable id, Conflict when its concurrency says that it is skipped,
        Transient while storage takes nothing.
        """
        self._check_start(workflow, run_id)
        values = read_inputs(workflow.definition.trigger, inputs or {})
        queue = line_of(workflow, event or {}, values)
        run_id = run_id or self._clock.new_id("run")
        if self._driver.known(run_id):
            return None
        where = where or self._home(workflow)
        record = RunRecord(
            id=run_id, workflow=workflow.id, version=workflow.version, name=workflow.name, state=RunState.RUNNING, started_at=self._clock.now(),
            by=by, where=str(where) if where else "", parent=parent, alert=alert, queue=queue, rank=workflow.definition.options.priority.rank,
        )  # fmt: skip
        begin = partial(self._begin, workflow, record, event=event or {}, inputs=values, actor=actor.id if actor else "")
        # In a task of its own: an asker who goes away while it is written must not leave a stored run that nobody drives.
        return await asyncio.shield(self._driver.spawn(self._in_line(workflow, record, begin) if queue else begin(queued=False)))

    def _check_start(self, workflow: Workflow, run_id: str) -> None:
        if self._driver.stopping:
            raise Transient(STOPPING)
        if workflow.state is WorkflowState.DELETED:
            raise Rejected(f"“{workflow.name}” is deleted. Create it again to run it.")
        if run_id and (len(run_id) > LONGEST_RUN_ID or not run_id.startswith("run_")):
            raise Rejected(f"A run's id begins with run_ and has at most {LONGEST_RUN_ID} characters; “{run_id}” does not.")
        if trouble := self._ledger.trouble():
            self._let_one_through(trouble)

    def _let_one_through(self, trouble: str) -> None:
        """While storage is in trouble one start a second is tried: when it can be written, the trouble is over, and the ledger says so."""
        now = self._clock.now()
        if now < self._next_probe:
            raise Transient(f"Nothing new is started while nothing can be kept. {trouble}", PROBE)
        self._next_probe = now + timedelta(seconds=PROBE)

    async def _in_line(
        self, workflow: Workflow, record: RunRecord, begin: Callable[..., Coroutine[Any, Any, RunRecord | None]]
    ) -> RunRecord | None:
        rule = workflow.definition.options.concurrency
        assert rule is not None
        async with self._admission.line(record.queue) as line:
            if any(run.id == record.id for run in line) or await self._store.runs.get(record.id) is not None:
                return None
            refuse_skipped(workflow, rule, line)
            queued = len(line) >= rule.limit
            started = await begin(queued=queued)
        if queued:
            self._admission.settle_soon(record.queue)
        return started

    async def _begin(
        self, workflow: Workflow, record: RunRecord, *, event: Mapping[str, Json], inputs: Mapping[str, Json], actor: str, queued: bool
    ) -> RunRecord | None:
        where = Address.parse(record.where) if record.where else None
        run = kernel.begin(self._archive.outline(workflow), record)
        first = outcomes.started(run, record.started_at, event=event, inputs=inputs, actor=actor, queued=queued, alert=record.alert)
        live = Live(run, record, workflow, shown=where is not None)
        return await self._driver.begin(live, first, (PostingWanted(record.id, "run", where),) if where else ())

    # --- what people say to a run: each raises NotFound, or Conflict when the run is not (any more) where that can be said

    async def cancel(self, run_id: str, actor: Actor, *, compensate: bool = True) -> RunRecord:
        """At once; a call in flight is not torn off, its outcome is still written down."""
        return await self._driver.command(run_id, partial(outcomes.cancelled, by=actor.name, compensate=compensate))

    async def pause(self, run_id: str, actor: Actor) -> RunRecord:
        return await self._driver.command(run_id, partial(outcomes.paused, by=actor.name))

    async def resume(self, run_id: str, actor: Actor) -> RunRecord:
        return await self._driver.command(run_id, partial(outcomes.resumed, by=actor.name))

    async def retry(
        self,
        run_id: str,
        actor: Actor,
        *,
        inputs: Mapping[str, Json] | None = None,
        arguments: Mapping[str, Mapping[str, Json]] | None = None,
        skip: Sequence[str] = (),
    ) -> RunRecord:
        """Go on from the failed steps; answered steps are not asked again. Raises Conflict also where it would be one run too many."""
        live = await self._driver.awake(run_id)
        values = None if inputs is None else read_inputs(live.workflow.definition.trigger, inputs)
        build = partial(outcomes.retried, by=actor.name, actor=actor.id, inputs=values, arguments=arguments, skip=skip)
        return await self._go_on(live, build)

    async def skip(self, run_id: str, step: str, actor: Actor) -> RunRecord:
        live = await self._driver.awake(run_id)
        build = partial(outcomes.skipped, step=step, by=actor.name)
        return await self._go_on(live, build) if live.run.over else await self._driver.command(run_id, build)

    async def _go_on(self, live: Live, build: Build) -> RunRecord:
        """A run that was over takes a place again."""
        if not live.record.queue:
            return await self._driver.command(live.record.id, build)
        async with self._admission.line(live.record.queue) as line:
            refuse_crowded(live.workflow, line)
            return await self._driver.command(live.record.id, build)

    async def vote(self, run_id: str, step: str, *, approved: bool, actor: Actor, note: str = "") -> RunRecord:
        build = partial(outcomes.voted, step=step, approved=approved, actor=actor.id, by=actor.name, note=note)
        return await self._driver.command(run_id, build)

    async def decide(self, run_id: str, step: str, *, happened: bool, actor: Actor, output: Json = None) -> RunRecord:
        build = partial(outcomes.decided, step=step, happened=happened, output=output, by=actor.name)
        return await self._driver.command(run_id, build)

    async def answer(self, run_id: str, step: str, output: Json, actor: Actor) -> RunRecord:
        return await self._driver.command(run_id, partial(outcomes.late_answer, step=step, output=output, by=actor.name))

    async def look(self, run_id: str, step: str, actor: Actor) -> RunRecord:
        """Settle a doubt by reading back from the service. Raises Rejected where that cannot be done or says nothing."""
        live = await self._driver.awake(run_id)
        place = live.run.place(step)
        if live.run.progress(step).state is not StepState.IN_DOUBT:
            raise Conflict(f"Step “{step}” is not in doubt (any more), so there is nothing to look for.")
        found = await self._guard.look(looking_call(live, step), place.timeout, live.run.progress(step).secrets)
        if isinstance(found, SignalboxError):
            raise found
        output = found.output if isinstance(found, Answer) else None
        return await self.decide(run_id, step, happened=found is not None, actor=actor, output=output)

    def _looked_for_later(self, live: Live, before: Run, facts: Sequence[Fact]) -> None:
        """A step that came in doubt is looked for in the background, as its service comes back."""
        read_back = self._read_back
        for fact in facts:
            if fact.kind is FactKind.IN_DOUBT and read_back is not None and read_back.can(looking_call(live, fact.step)):
                actor = replace(SYSTEM, name="A look at the service")
                looking = asyncio.create_task(read_back.later(partial(self.look, live.record.id, fact.step, actor)))
                self._looking.add(looking)
                looking.add_done_callback(self._looking.discard)

    # --- what happens to a run

    async def happened(self, run_id: str, step: str, happening: Happening) -> bool:
        """Offer an event to a step that waits for one; whether it was the one."""
        event, taken = f"{happening.service}.{happening.event}", False

        def build(run: Run, now: datetime) -> tuple[Fact, ...]:
            nonlocal taken
            facts = outcomes.happened(run, now, step, event, happening.data)
            taken = bool(facts)
            return facts

        await self._driver.command(run_id, build)
        return taken

    def providers(self) -> Mapping[str, Callable[[Call], Awaitable[Json | Answer]]]:
        """What the ``signalbox`` connector does by having runs start runs."""
        return {"run_workflow": self._subruns.begin, "look_run_workflow": self._subruns.look}

    # --- from one life to the next

    async def drive(self, run_id: str) -> None:
        """Read a run afresh, judge asks without an answer as lost, go on; until it waits, is over, or may not be driven here any more."""
        await self._driver.drive(run_id)

    async def recover(self) -> int:
        """Take up what was under way: asks without an answer are repeated where that is safe, else put to a human. Gives how many are unfinished.

        Who only waits is not read back: the alarm knows when it goes on by itself, everything else comes to it.
        """
        unfinished = await self._store.runs.unfinished()
        for run in unfinished:
            if run.state in PASSIVE:
                self._driver.alarm.set(run.id, run.wake_at)
        going = deque(run.id for run in unfinished if run.state not in PASSIVE)

        async def take_up() -> None:
            while going:
                await self._driver.take_up(going.popleft())

        await asyncio.gather(*(take_up() for _ in range(min(AT_ONCE, len(going)))))
        await self._admission.settle_all(unfinished)
        await self._subruns.recover(unfinished)
        return len(unfinished)

    async def look_after(self) -> None:
        """What a process that died may have left between two runs: places that came free, ends that nobody was told of."""
        unfinished = await self._store.runs.unfinished()
        await self._admission.settle_all(unfinished)
        await self._subruns.recover(unfinished)

    async def stop(self, grace: float = 10.0) -> None:
        """Start nothing more, give calls in flight ``grace`` seconds to be answered and written down; the rest is taken up next time."""
        for looking in tuple(self._looking):
            looking.cancel()
        await self._driver.stop(grace)
