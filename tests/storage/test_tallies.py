"""Runs and asks counted for analytics, over both stores."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.events import RunStarted, TrafficCounted
from engine.graph.traffic import Traffic
from engine.ports import Store
from engine.prediction.analytics.tally import DIGITS, AskTally, RunTally, Took, rounded, slice_of
from engine.workflow.run import RunState
from tests.storage.values import NOON, after, run

EDGES = sorted({micros for limit in (1, *DIGITS) for micros in (limit - 1, limit, limit + 1, 9 * limit + 9)} | {-5, 123_456, 999_999_999})


async def test_runs_are_counted_by_workflow_and_slice_with_those_of_the_sandbox_apart(store: Store) -> None:
    rows = [
        run("run_1", workflow="a", state=RunState.SUCCEEDED, started_at=after(0), finished_at=after(3)),
        run("run_2", workflow="a", state=RunState.SUCCEEDED, started_at=after(1), finished_at=after(4), sandbox=True),
        run("run_3", workflow="a", state=RunState.FAILED, started_at=after(2), finished_at=after(12.5)),
        run("run_4", workflow="a", state=RunState.FAILED, started_at=after(9.999999), finished_at=after(10), sandbox=True),
        run("run_5", workflow="b", state=RunState.CANCELLED, started_at=after(5), finished_at=after(6)),
        run("run_6", workflow="b", state=RunState.WAITING, started_at=after(5)),
        run("run_7", workflow="b", started_at=after(10)),  # after the time
        run("run_8", workflow="b", started_at=after(-1)),  # before it
    ]
    await store.ledger.record(*(RunStarted(row, ()) for row in rows))
    found = await store.runs.tallies(NOON, after(10), slices=2)
    nothing = {"succeeded": 0, "failed": 0, "cancelled": 0, "live": 0, "live_failed": 0, "live_failed_micros": 0}
    assert found.tallies == (
        RunTally(workflow="a", slice=0, total=3, succeeded=2, failed=1, cancelled=0, live=1, live_failed=1, live_failed_micros=10_500_000),
        RunTally(**{**nothing, "workflow": "a", "slice": 1, "total": 1, "failed": 1}),
        RunTally(**{**nothing, "workflow": "b", "slice": 1, "total": 2, "cancelled": 1}),
    )
    assert found.took == (Took("a", 3_000_000, 2),)
    assert {row.workflow for row in (await store.runs.tallies(NOON, after(10), workflow="b")).tallies} == {"b"}
    assert await store.runs.earliest() == after(-1)


async def test_durations_of_any_size_are_rounded_alike(store: Store) -> None:
    moments = [(f"run_{n}", NOON + timedelta(microseconds=micros)) for n, micros in enumerate(EDGES)]
    rows = [run(id, workflow="a", state=RunState.SUCCEEDED, started_at=NOON, finished_at=end) for id, end in moments]
    await store.ledger.record(*(RunStarted(row, ()) for row in rows))
    found = await store.runs.tallies(NOON, after(1))
    assert [(took.micros, took.count) for took in found.took] == sorted(
        {value: sum(rounded(one) == value for one in EDGES) for value in map(rounded, EDGES)}.items()
    )


async def test_asks_are_summed_by_who_asked_whom(store: Store) -> None:
    rows = [
        Traffic(after(0), "a", "jira", "create_issue", 4, 1, 400),
        Traffic(after(0), "a", "jira", "get_issue", 2, 0, 100),
        Traffic(after(6), "a", "jira", "get_issue", 1, 1, 50),
        Traffic(after(10), "a", "jira", "get_issue", 9, 9, 9),
    ]
    await store.ledger.record(TrafficCounted(tuple(rows)))
    assert await store.traffic.tallies(NOON, after(10), slices=2) == [
        AskTally(source="a", target="jira", slice=0, count=6, failed=1, micros=500),
        AskTally(source="a", target="jira", slice=1, count=1, failed=1, micros=50),
    ]
    assert await store.traffic.tallies(after(20), after(30)) == []
    assert await store.traffic.earliest() == NOON


async def test_an_empty_store_counts_nothing(store: Store) -> None:
    assert (await store.runs.tallies(NOON, after(10))).tallies == ()
    assert await store.runs.earliest() is None
    assert await store.traffic.earliest() is None


@given(st.integers(0, 10**15))
def test_a_rounded_duration_is_within_two_percent_and_never_more(micros: int) -> None:
    assert rounded(micros) <= micros
    assert micros - rounded(micros) <= micros / 50


@pytest.mark.parametrize("slices", [1, 7, 400])
def test_slices_are_numbered_from_the_first_to_the_last_moment(slices: int) -> None:
    until = after(1000)
    assert slice_of(NOON, NOON, until, slices) == 0
    assert slice_of(until - timedelta(microseconds=1), NOON, until, slices) == slices - 1
