"""Folding: every sample is in exactly one minute, hour and day, whenever the process dies and however late a sample comes."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Transient
from engine.events import CursorMoved, Event, MeasurementsTaken, SamplesTaken
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import KEPT, Rollup, Span, minutes, total, widened
from engine.monitoring.sample import Outcome, Sample, Source
from engine.runtime import folding, housekeeping
from engine.runtime.folding import CURSOR, GRACE, PAGE, Folding
from engine.runtime.housekeeping import Housekeeping
from storage.memory import MemoryStore
from tests.engine.clock import NOON, StandingClock

AGES = timedelta(days=9_000)


def probe(at: datetime, latency: float = 0.1, service: str = "github", outcome: Outcome = Outcome.OK) -> Sample:
    return Sample(service, "default", at, Source.PROBE, outcome, latency)


async def rows(store: MemoryStore, span: Span) -> list[Rollup]:
    return await store.rollups.between(span, NOON - AGES, NOON + AGES)


async def later(clock: StandingClock, store: MemoryStore, **span: float) -> int:
    await clock.pass_(timedelta(**span).total_seconds())
    return await Folding(store, clock).fold()


async def test_a_minute_is_folded_when_it_is_over_and_late_ones_had_their_time() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken((probe(NOON), probe(NOON + timedelta(seconds=59)))))
    assert await later(clock, store, seconds=60 + GRACE.seconds - 1) == 0
    assert await later(clock, store, seconds=1) == 1
    (row,) = await rows(store, Span.MINUTE)
    assert (row.at, row.count) == (NOON, 2)


async def test_a_sample_that_comes_later_still_is_folded_in() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken((probe(NOON),)))
    await later(clock, store, minutes=2)
    await store.ledger.record(SamplesTaken((probe(NOON + timedelta(seconds=1)),)))
    await later(clock, store, minutes=2)
    assert [row.count for row in await rows(store, Span.MINUTE)] == [2]


async def test_what_is_large_is_merged_beside_the_loop_and_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    where: list[bool] = []

    def noted(*args: Any) -> list[Rollup]:
        where.append(threading.current_thread() is threading.main_thread())
        return widened(*args)

    monkeypatch.setattr(folding, "widened", noted)
    samples = SamplesTaken(tuple(probe(NOON + timedelta(minutes=n), service=f"s{k}") for n in range(60) for k in range(3)))
    found = []
    for large in (folding.LARGE, 10):
        monkeypatch.setattr(folding, "LARGE", large)
        clock, store = StandingClock(), MemoryStore()
        await store.ledger.record(samples)
        await later(clock, store, minutes=61)
        found.append(await rows(store, Span.HOUR))
    assert found[0] == found[1]
    assert where == [True, False]


async def test_hours_and_days_are_folded_when_they_are_over() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken(tuple(probe(NOON + timedelta(minutes=n)) for n in range(120))))
    await later(clock, store, minutes=90)
    assert [(row.at, row.count) for row in await rows(store, Span.HOUR)] == [(NOON, 60)]
    assert await rows(store, Span.DAY) == []
    await later(clock, store, days=1)
    assert [row.count for row in await rows(store, Span.HOUR)] == [60, 60]
    (day,) = await rows(store, Span.DAY)
    assert (day.at, day.count) == (NOON.replace(hour=0), 120)


async def test_after_a_long_sleep_it_catches_up_and_more_than_a_page_at_one_moment_loses_none() -> None:
    clock, store = StandingClock(), MemoryStore()
    crowd = tuple(probe(NOON + timedelta(hours=1), 0.1, f"s{n % 3}") for n in range(2 * PAGE + 7))
    await store.ledger.record(SamplesTaken((probe(NOON), *crowd, probe(NOON + timedelta(days=2)))))
    await later(clock, store, days=3)
    for span in Span:
        whole = total(await rows(store, span))
        assert whole is not None
        assert whole.count == len(crowd) + 2


class Dying:
    """A ledger whose process dies once, before or after it has written."""

    def __init__(self, store: MemoryStore, after: int, *, written: bool) -> None:
        self._ledger, self._left, self._written = store.ledger, after, written
        store.ledger = self  # type: ignore[assignment]

    async def record(self, *events: Event) -> None:
        self._left -= 1
        if self._left == 0 and self._written:
            await self._ledger.record(*events)
        if self._left == 0:
            raise Transient("The process died here.")
        await self._ledger.record(*events)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["github", "jira"])), min_size=1, max_size=30),
    st.lists(st.integers(1, 90), min_size=1, max_size=6),
    st.integers(1, 4),
    st.booleans(),
)
async def test_a_death_at_any_point_changes_nothing(said: list[tuple[int, str]], steps: list[int], dies: int, written: bool) -> None:
    clock, store = StandingClock(), MemoryStore()
    taken = tuple(probe(NOON + timedelta(minutes=at), 0.1 + at / 7, service) for at, service in said)
    await store.ledger.record(SamplesTaken(taken))
    alive = store.ledger
    Dying(store, dies, written=written)
    for step in [*steps, 60 * 24]:
        try:
            await later(clock, store, minutes=step)
        except Transient:
            store.ledger = alive
    await later(clock, store, minutes=1)
    assert await rows(store, Span.MINUTE) == minutes(taken)
    assert await rows(store, Span.HOUR) == widened(minutes(taken), Span.HOUR)
    assert await rows(store, Span.DAY) == widened(minutes(taken), Span.DAY)


async def test_a_clock_that_was_set_back_stops_nothing() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken((probe(NOON),)))
    await store.ledger.record(CursorMoved(CURSOR, {"until": (NOON + timedelta(days=400)).isoformat()}, NOON))
    assert await later(clock, store, minutes=3) == 1


async def test_a_cursor_that_cannot_be_read_has_everything_folded_anew(caplog: pytest.LogCaptureFixture) -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken((probe(NOON),)), CursorMoved(CURSOR, {"until": "soon"}, NOON))
    assert await later(clock, store, minutes=3) == 1
    assert "made anew" in caplog.text


async def test_what_was_pruned_in_part_does_not_shrink_what_was_folded_of_it() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken(tuple(probe(NOON + timedelta(seconds=n)) for n in range(60))))
    await later(clock, store, minutes=2)
    await clock.pass_(timedelta(days=7).total_seconds() - 90)
    await store.samples.prune(NOON + timedelta(seconds=30))
    await later(clock, store, minutes=2)
    assert [row.count for row in await rows(store, Span.MINUTE)] == [60]


async def test_without_samples_there_is_nothing_to_fold() -> None:
    assert await Folding(MemoryStore(), StandingClock()).fold() == 0


async def test_rollups_go_when_their_time_is_over_and_the_longer_ones_stay_longer() -> None:
    clock, store = StandingClock(), MemoryStore()
    await store.ledger.record(SamplesTaken((probe(NOON),)))
    await later(clock, store, days=2)
    left = []
    for kept in KEPT.values():
        await clock.pass_((NOON + kept + timedelta(days=2) - clock.now()).total_seconds())
        await Housekeeping(store, clock).tidy()
        left.append([len(await rows(store, span)) for span in Span])
    assert left == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]


async def test_of_too_many_measurements_the_oldest_go_before_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "MOST_MEASUREMENTS", 100)
    clock, store = StandingClock(), MemoryStore()
    flood = tuple(Measurement("a.b", NOON - timedelta(minutes=n), float(n)) for n in range(1_000))
    await store.ledger.record(MeasurementsTaken(flood))
    await Housekeeping(store, clock).tidy()
    assert 0 < await store.measurements.count() <= 100
    assert (await store.measurements.series("a.b", since=NOON, until=NOON + timedelta(days=1)))[0].value == 0
