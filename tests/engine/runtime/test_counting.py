"""Who asks whom, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Rejected, SignalboxError, Transient
from engine.graph.traffic import Traffic
from engine.ports import Answer, Call
from engine.runtime.counting import CountedActions
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock


class Service:
    """Answers, or raises what it is told to."""

    def __init__(self) -> None:
        self.raises: SignalboxError | None = None

    async def perform(self, call: Call) -> Answer:
        if self.raises is not None:
            raise self.raises
        return Answer({"ok": True})

    async def look(self, call: Call) -> Answer | None:
        return None

    def looks(self, service: str, operation: str) -> bool:
        return operation == "get"


def call(workflow: str = "wf_1", operation: str = "get") -> Call:
    return Call(service="trello", operation=operation, arguments={}, key="k", workflow=workflow)


async def rows(store: MemoryStore, clock: StandingClock) -> list[Traffic]:
    return await store.traffic.between(clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))


async def test_every_attempt_of_a_run_is_counted_and_only_failures_of_the_service_as_failed() -> None:
    clock, store, service = StandingClock(), MemoryStore(), Service()
    counted = CountedActions(service, store.ledger, clock)
    await counted.perform(call())
    for error in (Rejected("No such board."), Transient("It is down.")):
        service.raises = error
        with pytest.raises(type(error)):
            await counted.perform(call())
    await counted.write()
    [row] = await rows(store, clock)
    assert (row.source, row.target, row.operation, row.count, row.failed) == ("wf_1", "trello", "get", 3, 1)
    assert row.micros >= 0


async def test_what_no_workflow_asks_is_nobody_s_traffic() -> None:
    clock, store = StandingClock(), MemoryStore()
    counted = CountedActions(Service(), store.ledger, clock)
    await counted.perform(call(workflow=""))
    await counted.write()
    assert await rows(store, clock) == []


async def test_what_could_not_be_written_is_added_to_what_comes_next() -> None:
    clock, store = StandingClock(), MemoryStore()

    class Busy:
        busy = True

        async def record(self, *events: object) -> None:
            if self.busy:
                raise Transient("Storage is busy.")
            await store.ledger.record(*events)  # type: ignore[arg-type]

    ledger = Busy()
    counted = CountedActions(Service(), ledger, clock)  # type: ignore[arg-type]
    await counted.perform(call())
    await counted.write()
    await counted.perform(call())
    ledger.busy = False
    await counted.stop()
    assert [row.count for row in await rows(store, clock)] == [2]


def test_whether_a_call_can_be_looked_for_is_asked_of_the_service() -> None:
    counted = CountedActions(Service(), MemoryStore().ledger, StandingClock())
    assert (counted.looks("trello", "get"), counted.looks("trello", "move")) == (True, False)
