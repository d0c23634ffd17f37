"""What real calls met: gathered within bounds, and written down whatever happens to one look."""

from __future__ import annotations

import pytest

from engine.errors import Transient
from engine.events import Event
from engine.monitoring.sample import Outcome, Sample, Source
from engine.runtime.calls import MOST, Calls, Noting
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock
from tests.engine.runtime.test_monitor import World


def sample(number: int) -> Sample:
    return Sample("github", "", NOON, Source.CALL, Outcome.OK, 0.1, operation=f"op{number}")


def test_where_nobody_takes_them_only_the_newest_are_kept() -> None:
    calls = Calls(World(StandingClock()))
    for number in range(MOST + 10):
        calls.taken(sample(number))
    taken = calls.drain()
    assert (len(taken), taken[-1].operation, calls.drain()) == (MOST, f"op{MOST + 9}", [])


async def test_neither_a_busy_store_nor_a_fault_of_ours_ends_the_noting(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, store = StandingClock(), MemoryStore()
    calls = Calls(World(clock))
    noting = Noting(calls, store.ledger, clock, lambda: False)
    record, troubles = store.ledger.record, [Transient("Storage is busy."), ZeroDivisionError()]

    async def troubled(*events: Event) -> None:
        if troubles:
            raise troubles.pop(0)
        await record(*events)

    monkeypatch.setattr(store.ledger, "record", troubled)
    await noting.start()
    for number in range(3):
        calls.taken(sample(number))
        await clock.pass_(1)
    kept = await store.samples.between(NOON, clock.now())
    assert kept[-1].operation == "op2"
    await noting.stop()
