"""Housekeeping: old rows go, what is still needed stays."""

from __future__ import annotations

from datetime import timedelta

from engine.events import DialogueSaved, Handled, Received, SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.runtime.housekeeping import Housekeeping
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock


async def test_old_samples_and_handled_messages_are_forgotten_and_unhandled_ones_are_not() -> None:
    clock, store = StandingClock(), MemoryStore()
    old = NOON - timedelta(days=15)
    samples = tuple(Sample("github", "default", at, Source.PROBE, Outcome.OK, 0.1) for at in (old, NOON))
    await store.ledger.record(
        SamplesTaken(samples), Received("handled", old, {}), Received("open", old, {"text": "hello"}), Handled("handled")
    )
    await store.ledger.record(
        DialogueSaved("over", {}, NOON - timedelta(hours=13)), DialogueSaved("open", {"id": "ask_1"}, NOON + timedelta(hours=1))
    )
    assert await Housekeeping(store, clock).tidy() == 3
    assert await store.dialogues.get("open", NOON) == {"id": "ask_1"}
    assert len(await store.samples.recent("github", since=old)) == 1
    assert [key for key, _ in await store.inbox.unhandled()] == ["open"]
