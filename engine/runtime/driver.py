"""The driver: takes every run from fact to fact.

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
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from engine.errors import Conflict, Rejected, SignalboxError, Transient, Unanswered
from engine.events import Elsewhere, Event, PostingWanted
from engine.ports import Answer, Call, Clock
from engine.runtime.alarm import Alarm
from engine.runtime.archive import Archive
from engine.runtime.guard import Guard
from engine.runtime.live import Build, Live, Order, nothing
from engine.runtime.putting import call_of, facts_of, terms_of
from engine.runtime.readback import ReadBack
from engine.runtime.roads import NO_ROADS, Roads
from engine.runtime.turn import Turn
from engine.runtime.turns import Turns
from engine.workflow import kernel, outcomes
from engine.workflow.kernel import Ask, Plan
from engine.workflow.progress import Run
from engine.workflow.run import Fact, RunRecord

log = logging.getLogger(__name__)

Flight: TypeAlias = tuple[Ask, Call]  # a call that leaves, or has left
Watch: TypeAlias = Callable[[Live, Run, Sequence[Fact]], None]  # hears of a run, what it was before, and the facts since

KEEP = timedelta(seconds=30)  # a run that goes on sooner than this stays in memory
AT_ONCE = 32  # runs read back by the alarm at the same time
OUTRUN_AT_MOST = 8  # turns in a row that another process was faster in, before the askers are told
STOPPING = "Signalbox is stopping. Try again when it is back."
DELAYED = "It is taken and will be done as soon as storage works again: {trouble}"
PATIENCE = 10.0  # seconds an asker waits for storage that is in trouble


class Driver:
    """``watch`` hears of every turn once it is durable; it must neither block nor raise. ``read_back``: looks for writes whose answer was lost."""

    def __init__(
        self,
        *,
        archive: Archive,
        turn: Turn,
        guard: Guard,
        clock: Clock,
        turns: Turns,
        roads: Roads = NO_ROADS,
        read_back: ReadBack | None = None,
    ) -> None:
        self._archive, self._turn, self._guard, self._clock, self._turns = archive, turn, guard, clock, turns
        self.alarm = Alarm(clock, self._ring)
        self._roads, self._reading_back = roads, read_back
        self.live: dict[str, Live] = {}
        self.stopping = False
        self._watches: list[Watch] = []
        self._waking: dict[str, asyncio.Task[Live]] = {}
        self._flying: dict[str, set[str]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ringing = asyncio.Semaphore(AT_ONCE)

    def watch(self, watch: Watch) -> None:
        self._watches.append(watch)

    def known(self, run_id: str) -> bool:
        """Whether it is in memory, or about to be."""
        return run_id in self.live or run_id in self._waking

    # --- beginning, commands, wake-ups

    async def begin(self, live: Live, first: tuple[Fact, ...], news: Sequence[Event]) -> RunRecord | None:
        """Store a new run and set it going; None when there is one of that id. Raises what the ledger raises: then it was not started."""
        run_id = live.record.id
        self.live[run_id] = live
        live.busy = True
        try:
            before, drive = live.run, self._turns.may_drive(run_id)
            plan = await self._turn.first(live, first, news, drive=drive)
        except Conflict as error:
            self._drop(live, error)
            return None
        except BaseException:
            self._drop(live, Transient("The run could not be started just now. Try again."))
            raise
        for flight in self._carry_on(live, plan, before, (*first, *plan.facts)):
            self.spawn(self._fly(flight))
        live.busy = False
        self._poke(live)
        if not live.busy:
            self._park(live)
        if not drive:
            self._turns.pass_on(live.record, live.run.seq)
        return live.record

    async def command(self, run_id: str, build: Build) -> RunRecord:
        """What somebody asks of a run; durable on return. Raises NotFound, or what ``build`` raises."""
        if self.stopping:
            raise Transient(STOPPING)
        done: asyncio.Future[RunRecord] = asyncio.get_running_loop().create_future()
        live = await self.awake(run_id)
        live.inbox.append(Order(build, done))
        self._poke(live)
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await asyncio.shield(done)
            except TimeoutError:
                if trouble := self._turn.trouble():
                    raise Transient(DELAYED.format(trouble=trouble)) from None

    async def deliver(self, run_id: str, *orders: Order) -> None:
        """Orders for a run, in memory or not, however long storage is busy. Raises NotFound or Rejected when it cannot be read."""
        pause = 0.05
        while True:
            try:
                live = await self.awake(run_id)
                break
            except Transient as error:
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, 5.0)
        live.inbox.extend(orders)
        self._poke(live)

    async def drive(self, run_id: str) -> None:
        """Take up a run and go on; until it has left memory: it waits, is over, or may not be driven here any more."""
        while True:
            known = self.known(run_id)
            live = await self.awake(run_id)
            if self.live.get(run_id) is live:
                break  # else others had it read too, and it has left memory again before we were told
        if live.gone is None:
            live.gone = asyncio.get_running_loop().create_future()
        if known:  # somebody's order had it read, maybe long ago and without the right to judge
            live.stale = True
            live.inbox.append(self._judging(run_id))
        live.inbox.append(Order(nothing))
        self._poke(live)
        await asyncio.shield(live.gone)

    async def take_up(self, run_id: str) -> None:
        """Look whether a run goes on; one that cannot be read does not hold up the others."""
        try:
            await self.deliver(run_id, Order(nothing))
        except SignalboxError as error:
            log.error("Run %s cannot be taken up: %s", run_id, error)

    def _ring(self, run_id: str) -> None:
        """Its time has come; a run that has none any more takes no harm."""
        live = self.live.get(run_id)
        if live is None:
            self.spawn(self._rung(run_id))
            return
        live.inbox.append(Order(nothing))
        self._poke(live)

    async def _rung(self, run_id: str) -> None:
        async with self._ringing:  # ten thousand may have the same moment
            await self.take_up(run_id)

    async def awake(self, run_id: str) -> Live:
        """The run in memory, read back if need be. Raises NotFound, or Rejected when it cannot be read."""
        live = self.live.get(run_id)
        if live is not None:
            return live
        task = self._waking.get(run_id)
        if task is None:
            task = self._waking[run_id] = self.spawn(self._read_back(run_id))
            task.add_done_callback(lambda _: self._waking.pop(run_id, None))
        return await asyncio.shield(task)

    async def _read_back(self, run_id: str) -> Live:
        live = self.live[run_id] = await self._archive.read(run_id)
        if self._turns.may_drive(run_id):
            live.inbox.append(self._judging(run_id))
        return live

    def _judging(self, run_id: str) -> Order:
        """Behind the outcomes that have come in, before whatever comes next: that must see lost asks as lost."""
        return Order(partial(outcomes.lost, flying=frozenset(self._flying.get(run_id, ()))))

    # --- turns

    def _poke(self, live: Live) -> None:
        if live.inbox and not live.busy:
            live.busy = True
            self.spawn(self._drive(live))

    async def _drive(self, live: Live) -> None:
        """Turn after turn; a call that is all that follows is put from here, so that steps in sequence are one task."""
        driven: Live | None = live
        while driven is not None:
            flight = await self._stretch(driven)
            driven = None if flight is None else await self._land(flight)

    async def _stretch(self, live: Live) -> Flight | None:
        """Turns until nothing lies in the inbox. Gives the last one's call where it is the only one; the others are on their way."""
        flights: Sequence[Flight] = ()
        try:
            while live.inbox:
                for flight in flights:
                    self.spawn(self._fly(flight))
                flights = ()
                flights = await self._one_turn(live)
        finally:
            live.busy = False
        if len(flights) == 1:
            return flights[0]
        for flight in flights:
            self.spawn(self._fly(flight))
        self._park(live)
        return None

    async def _one_turn(self, live: Live) -> Sequence[Flight]:
        drive = not self.stopping and self._turns.may_drive(live.record.id)
        orders: list[Order] = []
        before = live.run
        try:
            if live.stale:
                await self._catch_up(live)
                before = live.run
            orders = self._turn.take(live)
            plan, facts = await self._turn.write(live, orders, drive=drive)
        except BaseException as error:
            if isinstance(error, Conflict) and live.outrun < OUTRUN_AT_MOST:
                self._take_back(live, orders)
                return ()
            if isinstance(error, Rejected) and not isinstance(error, Conflict):
                self._turn.sort_out(live, orders, error)
                return ()
            self._give_back(live, orders, error)
            raise
        live.outrun = 0
        flights = self._carry_on(live, plan, before, facts)
        for order in orders:
            order.settle(live.record)
        if not drive and not self.stopping:
            self._turns.pass_on(live.record, live.run.seq)
        return flights

    async def _catch_up(self, live: Live) -> None:
        """Read what others wrote, however long storage is busy: what lies in the inbox must not be lost over it."""
        pause = 0.05
        while live.stale:
            live.stale = False
            try:
                await self._archive.catch_up(live)
            except Transient as error:
                live.stale = True
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, 5.0)

    def _take_back(self, live: Live, orders: Sequence[Order]) -> None:
        """Another process wrote to this run in the very moment: its facts are read, and the orders are held against them.

        Who may drive the run does not expect asks of somebody else in it: one who was taken for dead has put them, and they count as lost.
        """
        log.info("Run %s was changed by another process, so it is read again.", live.record.id)
        live.outrun += 1
        live.stale = True
        live.inbox.extendleft(reversed(orders))
        if self._turns.may_drive(live.record.id):
            live.inbox.append(self._judging(live.record.id))

    def _give_back(self, live: Live, orders: Sequence[Order], error: BaseException) -> None:
        """The turn could not be written. Askers hear why; what services answered is held against the run as it is stored now."""
        told = error if isinstance(error, SignalboxError) else Transient("The run could not be changed just now. Try again.")
        everything = (*orders, *live.inbox)
        self._drop(live, told)
        for order in orders:
            order.refuse(told)
        if isinstance(error, Conflict):
            log.error("Run %s was changed by somebody else, so it is read again: %s", live.record.id, error)
            unheard = [order for order in everything if order.done is None]
            self.spawn(self.deliver(live.record.id, *unheard))

    def _carry_on(self, live: Live, plan: Plan, before: Run, facts: Sequence[Fact]) -> Sequence[Flight]:
        """The run as it is now stored; gives the calls that may leave."""
        live.run = plan.run
        flights = [(ask, call_of(live, ask)) for ask in plan.asks]
        if flights:
            self._flying.setdefault(live.record.id, set()).update(ask.step for ask in plan.asks)
        self.alarm.set(live.record.id, plan.wake_at)
        for watch in self._watches:
            watch(live, before, facts)
        return flights

    async def _fly(self, flight: Flight) -> None:
        live = await self._land(flight)
        if live is not None:
            await asyncio.sleep(0)  # what was asked side by side and is answered in the same turn of the loop shares one record
            await self._drive(live)

    async def _land(self, flight: Flight) -> Live | None:
        """One call, and its outcome into the inbox of its run. Gives the run, to be driven, where nobody drives it."""
        ask, call = flight
        outcome = await self._guard.perform(call, ask.timeout, terms_of(ask))
        if isinstance(outcome, Unanswered) and self._reading_back is not None:
            outcome = await self._looked_for(self._reading_back, ask, call, outcome)
        order = Order(partial(self._outcome, ask, outcome), ask=ask)
        live = self.live.get(call.run)
        if live is None:
            await self.deliver(call.run, order)
        else:
            live.inbox.append(order)
        steps = self._flying[call.run]
        steps.discard(ask.step)
        if not steps:
            del self._flying[call.run]
        if live is None or live.busy:
            return None
        live.busy = True
        return live

    async def _looked_for(self, read_back: ReadBack, ask: Ask, call: Call, outcome: Unanswered) -> Answer | SignalboxError:
        live = self.live.get(call.run)
        if live is None or live.run.outline.repeatable(ask.step, ask.action) or not read_back.can(call):
            return outcome
        asked_at = live.run.progress(ask.step).started_at
        return await read_back.settled(replace(call, asked_at=asked_at), outcome, ask.timeout, ask.secrets)

    def _outcome(self, ask: Ask, outcome: Answer | SignalboxError, run: Run, now: datetime) -> tuple[Fact, ...]:
        return facts_of(ask, outcome, run, now, self._clock.random, self._roads)

    # --- coming and going

    def _park(self, live: Live) -> None:
        """Out of memory, unless something is in flight or will be soon."""
        run_id = live.record.id
        if live.inbox or live.busy:
            return
        if self._turns.may_drive(run_id) and self.live.get(run_id) is live:
            if run_id in self._flying:
                return
            wake_at = None if live.run.over else kernel.wake_at(live.run)
            if wake_at is not None and wake_at - self._clock.now() <= KEEP:
                return
        self._leave(live)

    def _leave(self, live: Live) -> None:
        if self.live.get(live.record.id) is live:
            del self.live[live.record.id]
        if live.gone is not None and not live.gone.done():
            live.gone.set_result(None)

    def _drop(self, live: Live, error: SignalboxError) -> None:
        self._leave(live)
        live.refuse_all(error)

    async def stop(self, grace: float) -> None:
        """Plan nothing more, give calls in flight ``grace`` seconds to be answered and written down."""
        self.stopping = True
        await self.alarm.stop()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        while self._tasks and (left := deadline - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
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

    def heard(self, events: Sequence[Event]) -> None:
        """Somebody put up a card about a run: from now on its changes are news. Another process wrote to a run: it is looked at again."""
        for event in events:
            if isinstance(event, PostingWanted) and (live := self.live.get(event.subject)) is not None:
                live.shown = True
            elif isinstance(event, Elsewhere) and event.noun == "run":
                for live in self._meant(event.id):
                    live.stale = True
                    live.inbox.append(Order(nothing))
                    self._poke(live)

    def _meant(self, run_id: str) -> list[Live]:
        """Without an id any of them may have been changed."""
        if not run_id:
            return list(self.live.values())
        return [self.live[run_id]] if run_id in self.live else []
