"""What was acknowledged is there afterwards, however the process ended."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from engine.errors import Transient
from engine.events import RunMoved, RunStarted
from engine.workflow.run import FactKind
from storage.sql import SqlStore
from tests.storage.values import KEY, StoppedClock, fact, run

WRITER = """
import asyncio, sys
from engine.events import PostingsTouched, RunMoved, RunStarted
from storage.sql import SqlStore
from tests.storage.values import KEY, StoppedClock, fact, run, wanted

async def drive(store, run_id):
    await store.ledger.record(RunStarted(run(run_id), (fact(1),)), wanted("run:" + run_id))
    print(run_id, 1, flush=True)
    for seq in range(2, 100_000):
        await store.ledger.record(RunMoved(run_id, (fact(seq),)), PostingsTouched("run:" + run_id))
        print(run_id, seq, flush=True)

async def main():
    store = await SqlStore.open(sys.argv[1], secret_key=KEY, clock=StoppedClock())
    await asyncio.gather(*(drive(store, f"run_{sys.argv[2]}_{n}") for n in range(16)))

asyncio.run(main())
"""


def killed_while_writing(database: Path, number: int, lines: int) -> dict[str, int]:
    """Run a writer until it has acknowledged ``lines`` records, kill it; the last number it acknowledged for each run."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, f"sqlite:///{database}", str(number)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(lines)]
        writer.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        said += writer.stdout.readlines()
    acknowledged = [line.split() for line in said if line.endswith("\n")]
    return {run_id: int(seq) for run_id, seq in acknowledged}


async def test_kill_minus_nine_loses_nothing_that_was_acknowledged_and_halves_nothing(database: Path) -> None:
    acknowledged: dict[str, int] = {}
    for number, lines in enumerate((40, 600)):
        acknowledged |= killed_while_writing(database, number, lines)
        store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
        for run_id, last in acknowledged.items():
            stored = [found.seq for found in await store.runs.facts(run_id)]
            assert stored == list(range(1, len(stored) + 1))
            assert len(stored) >= last
            (posting,) = await store.postings.of(f"run:{run_id}")
            assert posting.wanted == len(stored)
        assert [finding.level for finding in await store.examine()] == ["ok"]
        await store.close()
    assert len(acknowledged) == 32


async def test_closing_writes_what_still_waits(database: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    recorded = [asyncio.ensure_future(store.ledger.record(RunStarted(run(f"run_{n}"), ()))) for n in range(500)]
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*recorded) == [None] * 500
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    assert len(await store.runs.list(limit=1000)) == 500
    await store.close()


async def test_who_records_after_closing_began_is_told_so(database: Path) -> None:
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    closing = asyncio.ensure_future(store.close())
    await asyncio.sleep(0)
    with pytest.raises(Transient, match="stopping"):
        await store.ledger.record(RunStarted(run(), ()))
    await closing


async def test_a_recorder_that_gave_up_waiting_disturbs_nobody(sql: SqlStore) -> None:
    lost = asyncio.ensure_future(sql.ledger.record(RunStarted(run("run_1"), ())))
    kept = asyncio.ensure_future(sql.ledger.record(RunStarted(run("run_2"), ())))
    await asyncio.sleep(0)
    lost.cancel()
    await kept
    assert {found.id for found in await sql.runs.list()} >= {"run_2"}


async def test_many_runs_at_once_share_their_commits(sql: SqlStore) -> None:
    runs, steps = 32, 20
    commits: list[object] = []

    async def drive(run_id: str) -> None:
        await sql.ledger.record(RunStarted(run(run_id), (fact(1, FactKind.STARTED),)))
        for seq in range(2, steps + 2):
            await sql.ledger.record(RunMoved(run_id, (fact(seq),)))

    count = commits.append
    event.listen(Engine, "commit", count)
    try:
        await asyncio.gather(*(drive(f"run_{n}") for n in range(runs)))
    finally:
        event.remove(Engine, "commit", count)
    assert 0 < len(commits) < runs * (steps + 1) / 4
