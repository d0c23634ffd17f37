"""Runs and facts, over both stores."""

from __future__ import annotations

import pytest

from engine.events import RunMoved, RunStarted
from engine.ports import RunStats, Store
from engine.workflow.run import FactKind, RunState
from tests.storage.values import HOSTILE, NOON, after, fact, run


async def test_a_run_comes_back_as_it_was_recorded(store: Store) -> None:
    whole = run(state=RunState.FAILED, finished_at=after(0.000001), sandbox=True, error=HOSTILE.replace("\ud800", "").replace("\0", ""))
    facts = (fact(1, FactKind.STARTED, step="", attempt=0, key="", data={"event": {"text": HOSTILE, "n": [1, 2.5, None]}}), fact(2))
    await store.ledger.record(RunStarted(whole, facts))
    assert await store.runs.get("run_1") == whole
    assert await store.runs.facts("run_1") == list(facts)


async def test_what_does_not_exist_is_none_or_empty(store: Store) -> None:
    assert await store.runs.get("run_1") is None
    assert await store.runs.facts("run_1") == []
    assert await store.runs.list() == []
    assert await store.runs.unfinished() == []
    assert await store.runs.stats(since=NOON) == {}


async def test_facts_come_in_their_own_order_whatever_order_they_were_recorded_in(store: Store) -> None:
    await store.ledger.record(RunStarted(run(), (fact(3), fact(1))), RunMoved("run_1", (fact(2),)))
    assert [f.seq for f in await store.runs.facts("run_1")] == [1, 2, 3]


async def test_a_moved_run_carries_its_newest_record(store: Store) -> None:
    over = run(state=RunState.SUCCEEDED, finished_at=after(9), where="")
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    await store.ledger.record(
        RunMoved("run_1", (fact(2),)), RunMoved("run_1", (fact(3),), run(state=RunState.WAITING)), RunMoved("run_1", (), over)
    )
    assert await store.runs.get("run_1") == over
    assert await store.runs.unfinished() == []


async def test_lists_are_newest_first_and_narrowed(store: Store) -> None:
    for n, (flow, state) in enumerate([("a", RunState.FAILED), ("b", RunState.RUNNING), ("a", RunState.WAITING), ("a", RunState.FAILED)]):
        await store.ledger.record(RunStarted(run(f"run_{n}", workflow=flow, state=state, started_at=after(n)), ()))

    async def ids(**narrow: object) -> list[str]:
        return [found.id for found in await store.runs.list(**narrow)]  # type: ignore[arg-type]

    assert await ids() == ["run_3", "run_2", "run_1", "run_0"]
    assert await ids(limit=2) == ["run_3", "run_2"]
    assert await ids(limit=0) == []
    assert await ids(workflow="a") == ["run_3", "run_2", "run_0"]
    assert await ids(outcome="failed") == ["run_3", "run_0"]
    assert await ids(outcome="no such word") == []
    assert await ids(since=after(2)) == ["run_3", "run_2"]
    assert await ids(workflow="a", outcome="failed", since=after(1)) == ["run_3"]
    assert [found.id for found in await store.runs.unfinished()] == ["run_1", "run_2"]


async def test_runs_of_one_moment_are_ordered_by_their_id(store: Store) -> None:
    for run_id in ("run_b", "run_c", "run_a"):
        await store.ledger.record(RunStarted(run(run_id), ()))
    assert [found.id for found in await store.runs.list()] == ["run_c", "run_b", "run_a"]


async def test_statistics_count_outcomes_and_the_mean_of_finished_runs(store: Store) -> None:
    rows = [
        run("run_1", workflow="a", state=RunState.SUCCEEDED, started_at=after(0), finished_at=after(1.5)),
        run("run_2", workflow="a", state=RunState.FAILED, started_at=after(0), finished_at=after(2.5)),
        run("run_3", workflow="a", state=RunState.RUNNING, started_at=after(0)),
        run("run_4", workflow="b", state=RunState.RUNNING, started_at=after(0)),
        run("run_5", workflow="a", state=RunState.SUCCEEDED, started_at=after(-10), finished_at=after(-1)),
    ]
    await store.ledger.record(*(RunStarted(row, ()) for row in rows))
    stats = await store.runs.stats(since=NOON)
    assert stats["a"] == RunStats(total=3, succeeded=1, failed=1, mean_seconds=pytest.approx(2.0))
    assert stats["b"] == RunStats(total=1, succeeded=0, failed=0, mean_seconds=0.0)


async def test_a_queued_paused_or_waiting_run_is_unfinished_and_says_when_it_goes_on(store: Store) -> None:
    states = (RunState.PAUSED, RunState.QUEUED, RunState.WAITING, RunState.SUCCEEDED, RunState.CANCELLED, RunState.FAILED)
    for n, state in enumerate(states):
        await store.ledger.record(RunStarted(run(f"run_{n}", state=state, started_at=after(-n), wake_at=after(n)), ()))
    assert [(found.id, found.state, found.wake_at) for found in await store.runs.unfinished()] == [
        ("run_2", RunState.WAITING, after(2)),
        ("run_1", RunState.QUEUED, after(1)),
        ("run_0", RunState.PAUSED, after(0)),
    ]


async def test_those_in_line_come_by_rank_then_by_age(store: Store) -> None:
    rows = [("late", 1, 9, "q"), ("first", 0, 8, "q"), ("early", 1, 2, "q"), ("other", 0, 1, "q:x"), ("none", 0, 0, "")]
    for name, rank, at, queue in rows:
        await store.ledger.record(RunStarted(run(name, rank=rank, started_at=after(at), queue=queue, state=RunState.QUEUED), ()))
    await store.ledger.record(RunStarted(run("over", rank=0, queue="q", state=RunState.FAILED), ()))
    assert [found.id for found in await store.runs.in_line("q")] == ["first", "early", "late"]
    assert [found.id for found in await store.runs.in_line("q:x")] == ["other"]
    assert await store.runs.in_line("") == []


async def test_children_are_those_of_one_run_whatever_the_step_and_no_other_run(store: Store) -> None:
    parents = {"b": "run_1 post[3]", "a": "run_1 sub", "c": "run_10 sub", "d": "run_1", "e": ""}
    for n, (name, parent) in enumerate(parents.items()):
        await store.ledger.record(RunStarted(run(name, parent=parent, started_at=after(n), alert="alr_1"), ()))
    assert [found.id for found in await store.runs.children("run_1")] == ["b", "a"]
    assert [found.alert for found in await store.runs.children("run_10")] == ["alr_1"]
    assert await store.runs.children("run_2") == []


async def test_a_run_is_adrift_while_it_runs_and_when_its_time_has_come(store: Store) -> None:
    for n, (state, wake) in enumerate(
        [
            (RunState.RUNNING, None),
            (RunState.WAITING, after(5)),
            (RunState.WAITING, after(6)),
            (RunState.WAITING, None),
            (RunState.FAILED, after(1)),
        ]
    ):
        await store.ledger.record(RunStarted(run(f"run_{n}", state=state, wake_at=wake, started_at=after(n)), ()))
    assert [found.id for found in await store.runs.adrift(after(5))] == ["run_0", "run_1"]
    assert [found.id for found in await store.runs.adrift(after(9), limit=2)] == ["run_0", "run_1"]
