"""Histories at hand are what a fresh reading would give, however they were read on."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.commands import histories
from engine.events import RollupsSaved
from engine.monitoring.rollup import Span, minutes, widened
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.slo.objective import Kind, Objective
from engine.runtime.histories import Histories
from storage.memory import MemoryStore
from tests.engine.clock import NOON

PROMISE = Objective(service="github", kind=Kind.LATENCY, goal=0.95, limit=0.8, window=timedelta(days=7))


async def measured(store: MemoryStore, since: datetime, hours: float, account: str = "default") -> None:
    """A check every four minutes; every seventh fails, every fifth is slow."""
    taken = [
        Sample(
            "github", account, since + timedelta(minutes=4 * n), Source.PROBE, Outcome.ERROR if n % 7 == 0 else Outcome.OK, 1.0 if n % 5 == 0 else 0.2
        )
        for n in range(int(hours * 15))
    ]  # fmt: skip
    rows = minutes(taken)
    await store.ledger.record(RollupsSaved((*rows, *widened(rows, Span.HOUR))))


async def test_what_is_read_on_is_what_is_read_anew() -> None:
    store = MemoryStore()
    at_hand = Histories(store)
    await measured(store, NOON - timedelta(days=6), 24 * 6)
    for hours in (0, 0.1, 1, 30, 30.05):
        now = NOON + timedelta(hours=hours)
        await measured(store, NOON, hours)
        assert await at_hand.of_objective(PROMISE, now) == tuple(
            period for period in await histories.of_objective(store, PROMISE, now) if period.at >= now - PROMISE.window
        )
    fresh = await Histories(store).recent("github", "default", now)
    assert await at_hand.recent("github", "default", now) == fresh


async def test_a_late_minute_is_taken_in_and_accounts_are_told_apart() -> None:
    store = MemoryStore()
    at_hand = Histories(store)
    await measured(store, NOON - timedelta(hours=2), 2)
    before = await at_hand.recent("github", "default", NOON)
    await measured(store, NOON - timedelta(minutes=8), 0.2, account="eu")
    assert await at_hand.recent("github", "default", NOON) == before
    together = await at_hand.recent("github", "", NOON)
    assert sum(period.count for period in together) == sum(period.count for period in before) + 2
    late = minutes([Sample("github", "default", NOON - timedelta(minutes=6, seconds=7), Source.PROBE, Outcome.OK, 0.1)])
    await store.ledger.record(RollupsSaved(tuple(late)))
    after = await at_hand.recent("github", "default", NOON)
    assert sum(period.count for period in after) == sum(period.count for period in before) + 1


async def test_what_nobody_asks_for_any_more_is_forgotten_and_read_again_when_somebody_does() -> None:
    store = MemoryStore()
    at_hand = Histories(store)
    await measured(store, NOON - timedelta(hours=2), 2)
    first = await at_hand.recent("github", "default", NOON)
    at_hand.forget()
    at_hand.forget()
    assert await at_hand.recent("github", "default", NOON) == first
