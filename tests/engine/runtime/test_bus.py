"""The bus: what is recorded is heard by who listens now, and a slow listener is told what it missed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from engine.events import WebMessageSaved, WorkflowSaved
from engine.runtime.bus import Bus
from storage.memory import MemoryStore
from tests.engine.runtime.world import NOON, Bench, ManualClock, definition, runner_over, settle, step, workflow


def message(id: str, only_for: str = "") -> WebMessageSaved:
    return WebMessageSaved(id=id, channel="ops", at=NOON, author="Ada", author_id="web:ada", text="secret", only_for=only_for)


async def test_a_listener_hears_what_is_recorded_from_then_on() -> None:
    store = MemoryStore()
    bus = Bus(store.ledger)
    await store.ledger.record(message("before"))
    async with aclosing(bus.subscribe()) as feed:  # type: ignore[type-var]
        runner = runner_over(store, Bench(), ManualClock())
        flow = workflow(definition(step("a")))
        await store.ledger.record(WorkflowSaved(flow))
        await runner.start(flow, by="web:ada", run_id="run_x")
        await settle()
        names = [await anext(feed) for _ in range(3)]
    assert names[0] == ("workflow", {"id": flow.id, "name": "Test", "state": "active", "version": 1, "revision": 1})
    assert [(name, data["id"], data.get("state")) for name, data in names[1:]] == [
        ("run", "run_x", "running"),
        ("run", "run_x", "succeeded"),
    ]


async def test_a_private_message_names_its_reader_and_never_its_words() -> None:
    store = MemoryStore()
    bus = Bus(store.ledger)
    async with aclosing(bus.subscribe()) as feed:  # type: ignore[type-var]
        await store.ledger.record(message("m1", only_for="web:ada"))
        assert await anext(feed) == ("message", {"id": "m1", "channel": "ops", "only_for": "web:ada"})


async def test_a_slow_listener_loses_the_oldest_and_is_told_how_many() -> None:
    store = MemoryStore()
    bus = Bus(store.ledger, backlog=3)
    async with aclosing(bus.subscribe()) as feed:  # type: ignore[type-var]
        for number in range(10):
            await store.ledger.record(message(f"m{number}"))
        assert await anext(feed) == ("lost", {"count": 7})
        assert [(await anext(feed))[1]["id"] for _ in range(3)] == ["m7", "m8", "m9"]


async def test_a_listener_that_went_away_costs_nothing() -> None:
    store = MemoryStore()
    bus = Bus(store.ledger)
    feed = bus.subscribe()
    waiting = asyncio.ensure_future(anext(feed))
    await settle()
    waiting.cancel()
    await settle()
    assert bus._listeners == set()
