"""One turn of a run: what lies in its inbox becomes facts, the plan that follows from them is added, and all of it is one record."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from engine.errors import Conflict, Rejected, SignalboxError, Transient
from engine.events import Event, KeyClaimed, RunMoved, RunStarted
from engine.ports import Clock, Keys, Ledger
from engine.runtime.live import Live, Order
from engine.runtime.putting import facts_of
from engine.runtime.run_news import News
from engine.workflow import kernel
from engine.workflow.fold import fold
from engine.workflow.kernel import Plan
from engine.workflow.progress import Run
from engine.workflow.run import Fact

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0  # seconds between attempts to write while storage is in trouble


class Turn:
    def __init__(self, *, ledger: Ledger, keys: Keys, news: News, clock: Clock) -> None:
        self._ledger, self._keys, self._news, self._clock = ledger, keys, news, clock

    def trouble(self) -> str:
        return self._ledger.trouble()

    # --- the first

    async def first(self, live: Live, first: tuple[Fact, ...], news: Sequence[Event], *, drive: bool) -> Plan:
        """Store a run that begins. Raises Conflict when there is one of its id."""
        now = first[0].at
        run = fold(live.run, first)
        while True:
            plan = await self._plan(run, now) if drive else Plan(run=run, wake_at=kernel.wake_at(run))
            record = kernel.record_of(plan.run)
            beside = self._news.of(live.run, plan.run, (*first, *plan.facts), shown=False)
            try:
                await self._ledger.record(RunStarted(record, (*first, *plan.facts)), *news, *beside, *_claims(plan, now))
            except Conflict:
                if not await self._outrun(plan):
                    raise
                continue
            live.record = record
            return plan

    # --- all others

    def take(self, live: Live) -> list[Order]:
        """Everything that lies in the inbox, or one order where several did not go together."""
        count = 1 if live.singly else len(live.inbox)
        live.singly = max(0, live.singly - 1)
        return [live.inbox.popleft() for _ in range(count)]

    async def write(self, live: Live, orders: list[Order], *, drive: bool) -> tuple[Plan, list[Fact]]:
        """Durable on return, however long storage is busy. An order that cannot follow is refused by itself and leaves ``orders``.

        Without ``drive`` nothing is planned: what came in is written down, and an ask that is not written cannot be lost.
        Raises Conflict when somebody else wrote to this run, Rejected when storage will never take it.
        """
        while True:
            now = self._clock.now()
            run, facts = self._folded(live, orders, now)
            plan = await self._plan(run, now) if drive else Plan(run=run, wake_at=kernel.wake_at(run))
            facts.extend(plan.facts)
            if not facts:
                return plan, facts
            try:
                await self._record(live, plan, facts, now)
            except Conflict:
                if not await self._outrun(plan):
                    raise
                continue  # somebody claimed a key in this very moment: planned again, knowing that
            return plan, facts

    def _folded(self, live: Live, orders: list[Order], now: datetime) -> tuple[Run, list[Fact]]:
        run, facts = live.run, list[Fact]()
        for order in tuple(orders):
            try:
                fresh = order.build(run, now)
                run = fold(run, fresh)
            except SignalboxError as error:
                order.refuse(error)
                orders.remove(order)
                continue
            facts.extend(fresh)
        return run, facts

    async def _record(self, live: Live, plan: Plan, facts: Sequence[Fact], now: datetime) -> None:
        record = kernel.record_of(plan.run)
        moved = RunMoved(record.id, tuple(facts), record if record != live.record else None)
        beside = self._news.of(live.run, plan.run, facts, shown=live.shown)
        reminders = await self._news.reminders(plan.run, facts)
        pause = 0.05
        while True:
            try:
                await self._ledger.record(moved, *beside, *reminders, *_claims(plan, now))
                break
            except Transient as error:
                log.warning("Run %s waits for storage: %s", record.id, error)
                await self._clock.sleep(error.retry_after or pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        live.record = record

    # --- keys that are claimed

    async def _plan(self, run: Run, now: datetime) -> Plan:
        plan = kernel.plan(run, now)
        held = await self._held(plan)
        return kernel.plan(run, now, held) if held else plan

    async def _held(self, plan: Plan) -> Mapping[str, str]:
        """Claims of this plan that others hold → their run."""
        held: dict[str, str] = {}
        for ask in plan.asks:
            if ask.claim and (holder := await self._keys.holder(ask.claim)) and holder != (plan.run.origin.id, ask.step):
                held[ask.claim] = holder[0]
        return held

    async def _outrun(self, plan: Plan) -> bool:
        """Whether a conflict is one of keys: somebody claimed one between our look and our record."""
        return any(ask.claim for ask in plan.asks) and bool(await self._held(plan))

    # --- what storage will never take

    def sort_out(self, live: Live, orders: Sequence[Order], error: Rejected) -> None:
        """Several orders are tried one by one; an answer that cannot be kept fails its step, in words."""
        if len(orders) > 1:
            live.inbox.extendleft(reversed(orders))
            live.singly = len(orders)
            return
        log.error("Run %s: %s", live.record.id, error)
        for order in orders:
            order.refuse(error)
            if order.ask is not None:
                said = Rejected(f"It was answered, but the answer cannot be kept: {error}")
                live.inbox.appendleft(Order(partial(_refused, order, said)))


def _refused(order: Order, said: Rejected, run: Run, now: datetime) -> tuple[Fact, ...]:
    assert order.ask is not None
    return facts_of(order.ask, said, run, now, lambda: 0.0)


def _claims(plan: Plan, now: datetime) -> list[Event]:
    run = plan.run.origin.id
    return [KeyClaimed(ask.claim, run, ask.step, now) for ask in plan.asks if ask.claim]
