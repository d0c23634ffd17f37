"""What starts runs, in two processes' worth of dispatchers on one PostgreSQL: the last two events of a case at the same moment, one start."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from engine.events import Happening, WorkflowSaved
from engine.runtime.clock import SystemClock
from engine.runtime.dispatcher import Dispatcher
from engine.workflow.definition import Debounce, Trigger, TriggerType
from storage.sql import SqlStore
from tests.engine.runtime.noting import NotingRunner, waiting_for

pytestmark = pytest.mark.slow

CUSTOMERS = 40
BOTH = Trigger(type=TriggerType.CROSS_SERVICE, all=("crm.deal", "pay.paid"), correlate={"": "event.customer"})
QUIET = Trigger(type=TriggerType.EVENT_BASED, service="crm", event="deal", debounce=Debounce(0.5, "event.customer"))


class Process:
    """A store, a runner that notes and a dispatcher of its own."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.clock = store, SystemClock()
        self.runner = NotingRunner(store.ledger, self.clock)
        self.dispatcher = Dispatcher(
            ledger=store.ledger, inbox=store.inbox, workflows=store.workflows, runs=store.runs, alerts=store.alerts, samples=store.samples,
            waits=store.waits, gatherings=store.gatherings, runner=self.runner, clock=self.clock, shared=True,  # type: ignore[arg-type]
        )  # fmt: skip

    @classmethod
    async def open(cls, database: str) -> Process:
        process = cls(await SqlStore.open(database, secret_key="k" * 32, clock=SystemClock()))
        await process.dispatcher.start()
        return process

    async def close(self) -> None:
        await self.dispatcher.stop()
        await self.store.close()


def happening(service: str, event: str, customer: int, delivery: str) -> Happening:
    return Happening(delivery, service, event, SystemClock().now(), {"customer": customer})


async def test_two_processes_that_take_in_the_last_two_events_at_once_start_each_case_once(database: str) -> None:
    one, two = await Process.open(database), await Process.open(database)
    await one.store.ledger.record(WorkflowSaved(waiting_for(BOTH, at=SystemClock().now() - timedelta(minutes=1))))
    await known(two)
    deliveries = []
    for customer in range(CUSTOMERS):
        deal, paid = happening("crm", "deal", customer, f"d{customer}"), happening("pay", "paid", customer, f"p{customer}")
        deliveries += [(one, deal), (two, paid), (two, deal), (one, paid)]  # and each told to both
    await asyncio.gather(*(process.dispatcher.accept([told]) for process, told in deliveries))
    await asyncio.gather(one.dispatcher.idle(), two.dispatcher.idle())
    runs = await one.store.runs.list(limit=1_000)
    assert len(runs) == CUSTOMERS
    assert len(one.runner.started) + len(two.runner.started) == CUSTOMERS
    await asyncio.gather(one.close(), two.close())


async def test_quiet_that_two_processes_see_end_starts_one_run(database: str) -> None:
    one, two = await Process.open(database), await Process.open(database)
    await one.store.ledger.record(WorkflowSaved(waiting_for(QUIET, at=SystemClock().now() - timedelta(minutes=1))))
    await known(two)
    told = [happening("crm", "deal", number % CUSTOMERS, f"d{number}") for number in range(3 * CUSTOMERS)]
    await asyncio.gather(*((one, two)[number % 2].dispatcher.accept([each]) for number, each in enumerate(told)))
    await asyncio.gather(one.dispatcher.idle(), two.dispatcher.idle())
    await asyncio.sleep(0.7)
    await asyncio.gather(one.dispatcher.look(), two.dispatcher.look())
    assert len(await one.store.runs.list(limit=1_000)) == CUSTOMERS
    await asyncio.gather(one.close(), two.close())


async def known(process: Process) -> None:
    """The other process has been told of the workflow."""
    for _ in range(200):
        if process.dispatcher._known:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody told")
