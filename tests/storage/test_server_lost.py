"""A server that goes away and comes back: what was acknowledged stands, nothing stands twice, and the house goes on by itself."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from engine.errors import Conflict, SignalboxError, Transient
from engine.events import PostingsTouched, RunMoved, RunStarted
from storage.sql import SqlStore
from tests.machines.postgres import Postgres
from tests.storage.values import KEY, StoppedClock, fact, run, wanted

CUT = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")


async def back(server: Postgres) -> None:
    """Started again; on a busy machine its recovery takes longer than its starter waits."""
    for last in range(10, 0, -1):
        try:
            await asyncio.to_thread(server.start)
            return
        except subprocess.SubprocessError:
            if last == 1:
                raise


@contextmanager
def answers_lost(after_commit: Callable[[Any], None]) -> Iterator[list[object]]:
    """The next commit of a writer reaches the server, whose answer never comes back: ``after_commit`` cuts the line first."""
    lost: list[object] = []

    def commit(connection: Any) -> None:
        if not lost and connection.get_isolation_level() != "AUTOCOMMIT" and marks(connection):
            lost.append(connection)
            after_commit(connection)

    def marks(connection: Any) -> bool:
        return bool(connection.info.get("written"))

    def note(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO facts"):
            connection.info["written"] = True

    event.listen(Engine, "commit", commit)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield lost
    finally:
        event.remove(Engine, "commit", commit)
        event.remove(Engine, "before_cursor_execute", note)


async def seqs(store: SqlStore, run_id: str = "run_1") -> list[int]:
    return [found.seq for found in await store.runs.facts(run_id)]


async def test_a_commit_whose_answer_was_lost_after_it_was_done_counts_as_done(shared: SqlStore) -> None:
    await shared.ledger.record(RunStarted(run(), (fact(1),)))

    def committed_then_cut(connection: Any) -> None:
        driver = connection.connection.driver_connection
        driver.execute("COMMIT")
        driver.close()

    with answers_lost(committed_then_cut) as lost:
        async with asyncio.timeout(60):
            await shared.ledger.record(RunMoved("run_1", (fact(2),)))
    assert len(lost) == 1
    assert await seqs(shared) == [1, 2]
    assert shared.ledger.trouble() == ""
    with pytest.raises(Conflict):
        await shared.ledger.record(RunMoved("run_1", (fact(2),)))


async def test_a_commit_that_never_arrived_is_written_again(shared: SqlStore) -> None:
    await shared.ledger.record(RunStarted(run(), (fact(1),)))
    with answers_lost(lambda connection: connection.connection.driver_connection.close()) as lost:
        async with asyncio.timeout(60):
            results = await asyncio.gather(
                shared.ledger.record(RunMoved("run_1", (fact(2),)), wanted()),
                shared.ledger.record(RunMoved("run_1", (fact(1),))),
                return_exceptions=True,
            )
    assert len(lost) == 1
    assert results[0] is None
    assert isinstance(results[1], Conflict)
    assert await seqs(shared) == [1, 2]
    assert (await shared.postings.of("run:run_1"))[0].wanted == 1


async def test_a_connection_that_was_cut_is_made_anew(shared: SqlStore, migrated: str) -> None:
    await shared.ledger.record(RunStarted(run(), (fact(1),)))
    await shared._reader.read(lambda connection: connection.execute(CUT).all())
    for number in range(2, 6):
        for _ in range(20):
            try:
                await shared.ledger.record(RunMoved("run_1", (fact(number),)))
                break
            except Transient:
                await asyncio.sleep(0.05)
    assert await seqs(shared) == [1, 2, 3, 4, 5]
    assert shared.ledger.trouble() == ""


@pytest.fixture
async def mortal(server: Postgres) -> AsyncIterator[SqlStore]:
    """A store on a server that the test may kill; it lives again afterwards."""
    store = await SqlStore.open(server.database(), secret_key=KEY, clock=StoppedClock())
    yield store
    await back(server)
    await store.close()


@pytest.mark.timeout(180)
async def test_a_server_that_is_killed_in_the_middle_loses_nothing_acknowledged_and_doubles_nothing(
    server: Postgres, mortal: SqlStore
) -> None:
    acknowledged: dict[str, int] = {}
    troubles: set[str] = set()
    stopping = asyncio.Event()

    async def drive(run_id: str) -> None:
        """As the runner does: what could not be recorded is recorded again until it is."""
        await mortal.ledger.record(RunStarted(run(run_id), (fact(1),)), wanted(f"run:{run_id}"))
        number = 2
        while not stopping.is_set():
            try:
                await mortal.ledger.record(RunMoved(run_id, (fact(number),)), PostingsTouched(f"run:{run_id}"))
            except Transient as error:
                troubles.add(str(error))
                await asyncio.sleep(0.02)
                continue
            acknowledged[run_id] = number
            number += 1

    drivers = [asyncio.create_task(drive(f"run_{n}")) for n in range(16)]
    for _ in range(2):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.kill)
        async with asyncio.timeout(60):
            while not mortal.ledger.trouble():
                await asyncio.sleep(0.01)
        troubles.add(mortal.ledger.trouble())
        before = dict(acknowledged)
        await back(server)
        async with asyncio.timeout(60):
            while any(acknowledged.get(f"run_{n}", 0) <= before.get(f"run_{n}", 0) for n in range(16)):
                await asyncio.sleep(0.01)
    stopping.set()
    await asyncio.gather(*drivers)
    assert mortal.ledger.trouble() == ""
    assert all("does not answer" in trouble for trouble in troubles)
    for n in range(16):
        assert await seqs(mortal, f"run_{n}") == list(range(1, acknowledged[f"run_{n}"] + 1))
        (posting,) = await mortal.postings.of(f"run:run_{n}")
        assert posting.wanted == acknowledged[f"run_{n}"]


@pytest.mark.slow
async def test_while_the_server_is_away_it_is_said_and_when_it_is_back_that_shows_without_anybody_writing(
    server: Postgres, mortal: SqlStore
) -> None:
    await mortal.ledger.record(RunStarted(run(), (fact(1),)))
    await asyncio.to_thread(server.kill)
    with pytest.raises(Transient, match="does not answer"):
        await mortal.ledger.record(RunMoved("run_1", (fact(2),)))
    assert "does not answer" in mortal.ledger.trouble()
    with pytest.raises(SignalboxError):
        await mortal.runs.get("run_1")
    assert (await mortal.examine())[0].level == "problem"
    await back(server)
    async with asyncio.timeout(60):
        while mortal.ledger.trouble():
            await asyncio.sleep(0.02)
    assert await mortal.runs.get("run_1") == run()


async def test_stopping_while_the_server_is_away_ends_and_says_what_is_not_known(server: Postgres) -> None:
    store = await SqlStore.open(server.database(), secret_key=KEY, clock=StoppedClock())
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    with answers_lost(lambda connection: (server.kill(), connection.connection.driver_connection.close())):  # type: ignore[func-returns-value]
        recording = asyncio.ensure_future(store.ledger.record(RunMoved("run_1", (fact(2),))))
        async with asyncio.timeout(60):
            while not store.ledger.trouble():
                await asyncio.sleep(0.01)
            await store.close()
    with pytest.raises(Transient, match="could say whether that was recorded"):
        await recording
    await back(server)
