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
from engine.runtime.run_news import News, reminds
from engine.workflow import kernel
from engine.workflow.fold import fold
from engine.workflow.kernel import Plan
from engine.workflow.progress import Run
from engine.workflow.run import Fact
from engine.workflow.wayfinding import Router, own_way

log = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0  # seconds between attempts to write while storage is in trouble


class Turn:
    """``router``: which of several services does a step."""

    def __init__(self, *, ledger: Ledger, keys: Keys, news: News, clock: Clock, router: Router = own_way) -> None:
        self._ledger, self._keys, self._news, self._clock, self._router = ledger, keys, news, clock, router

    def trouble(self) -> str:
        return self._ledger.trouble()

    # --- the first

    async def first(self, live: Live, first: tuple[Fact, ...], news: Sequence[Event], *, drive: bool) -> Plan:
        """Store a run that begins. Raises Conflict when there is one of its id."""
        now = first[0].at
        run = fold(live.run, first)
        held: Mapping[str, str] = {}
        while True:
            plan = kernel.plan(run, now, held, self._router) if drive else Plan(run=run, wake_at=kernel.wake_at(run))
            claims = _claims(plan, now)
            if claims and (held := await self._held(claims, held)):
                continue
            record, facts = kernel.record_of(plan.run), (*first, *plan.facts)
            beside = self._news.of(live.run, plan.run, facts, shown=False)
            try:
                await self._ledger.record(RunStarted(record, facts), *news, *beside, *claims)
            except Conflict:
                if not (held := await self._held(claims, held)):
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
        held: Mapping[str, str] = {}
        while True:
            now = self._clock.now()
            run, facts = self._folded(live, orders, now)
            plan = kernel.plan(run, now, held, self._router) if drive else Plan(run=run, wake_at=kernel.wake_at(run))
            claims = _claims(plan, now)
            if claims and (held := await self._held(claims, held)):
                continue
            facts.extend(plan.facts)
            if not facts:
                return plan, facts
            try:
                await self._record(live, plan, facts, claims)
            except Conflict:
                if not (held := await self._held(claims, held)):
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

    async def _record(self, live: Live, plan: Plan, facts: Sequence[Fact], claims: Sequence[Event]) -> None:
        record = kernel.record_of(plan.run)
        moved = RunMoved(record.id, tuple(facts), record if record is not live.record and record != live.record else None)
        beside = self._news.of(live.run, plan.run, facts, shown=live.shown)
        pause = 0.05
        while True:
            try:
                reminders = await self._news.reminders(plan.run, facts) if reminds(facts) else ()
                await self._ledger.record(moved, *beside, *reminders, *claims)
                break
            except Transient as error:
                log.warning("Run %s waits for storage: %s", record.id, error)
                pause = await self._breathe(error, pause)
        live.record = record

    async def _breathe(self, error: Transient, pause: float) -> float:
        """Wait for storage; gives how long to wait the next time."""
        await self._clock.sleep(error.retry_after or pause)
        return min(pause * 2, LONGEST_PAUSE)

    # --- keys that are claimed

    async def _held(self, claims: Sequence[KeyClaimed], known: Mapping[str, str]) -> Mapping[str, str]:
        """Claims that others hold → their run, those that are known included; empty when nobody new holds one."""
        fresh: dict[str, str] = {}
        for claim in claims:
            holder = await self._holder(claim.key)
            if holder is not None and holder != (claim.run, claim.step):
                fresh[claim.key] = holder[0]
        return {**known, **fresh} if fresh else {}

    async def _holder(self, key: str) -> tuple[str, str] | None:
        """However long storage is busy: what lies in the inbox must not be lost over a look."""
        pause = 0.05
        while True:
            try:
                return await self._keys.holder(key)
            except Transient as error:
                pause = await self._breathe(error, pause)

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


def _claims(plan: Plan, now: datetime) -> list[KeyClaimed]:
    return [KeyClaimed(ask.claim, plan.run.origin.id, ask.step, now) for ask in plan.asks if ask.claim]
