"""A database that cannot be used says why, and what to do; never a traceback."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from engine.errors import Rejected, SignalboxError, Transient
from engine.events import Audited, RunStarted
from storage.failures import failure
from storage.sql import SqlStore
from tests.storage.values import KEY, NOON, StoppedClock, fact, run


async def opened(path: Path | str, secret_key: str = KEY) -> SqlStore:
    return await SqlStore.open(f"sqlite:///{path}", secret_key=secret_key, clock=StoppedClock())


async def refusal(path: Path | str) -> str:
    with pytest.raises(Rejected) as refused:
        await opened(path)
    return str(refused.value)


async def test_the_folder_is_made_and_what_was_recorded_is_there_next_time(database: Path) -> None:
    store = await opened(database)
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    await store.close()
    store = await opened(database)
    assert await store.runs.facts("run_1") == [fact(1)]
    await store.close()
    await store.close()


async def test_a_second_signalbox_on_the_same_file_is_refused_by_the_pid_of_the_first(sql: SqlStore, database: Path) -> None:
    said = await refusal(database)
    assert f"process {os.getpid()}" in said
    assert "Stop it first" in said


async def test_a_living_process_keeps_its_file_and_a_dead_one_lets_go(database: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from storage.sql import SqlStore\n"
        "from tests.storage.values import KEY, StoppedClock\n"
        "async def hold():\n"
        "    await SqlStore.open(sys.argv[1], secret_key=KEY, clock=StoppedClock())\n"
        "    print('open', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(hold())\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, f"sqlite:///{database}"], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert f"process {holder.pid}" in await refusal(database)
        holder.kill()
    await (await opened(database)).close()


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but long enough to be read as one " * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
async def test_a_damaged_file_is_named_and_left_as_it_is(database: Path, content: bytes) -> None:
    database.parent.mkdir()
    database.write_bytes(content)
    said = await refusal(database)
    assert "damaged" in said
    assert "backup" in said
    assert database.read_bytes() == content


async def test_a_file_damaged_in_the_middle_is_found_when_examined(database: Path) -> None:
    store = await opened(database)
    await store.ledger.record(*(RunStarted(run(f"run_{n}"), (fact(1, data={"x": "y" * 500}),)) for n in range(200)))
    assert [finding.level for finding in await store.examine()] == ["ok"]
    await store.close()
    content = bytearray(database.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 8192] = b"\xa5" * 8192
    database.write_bytes(content)
    store = await opened(database)
    (finding,) = await store.examine()
    assert finding.level == "problem"
    assert "damaged" in finding.message
    await store.close()


async def test_a_database_of_a_newer_signalbox_is_not_touched(database: Path) -> None:
    await (await opened(database)).close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    said = await refusal(database)
    assert "newer Signalbox" in said
    assert "Update Signalbox" in said


async def test_a_database_of_something_else_is_not_touched(database: Path) -> None:
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE customers (id INTEGER)")
        connection.commit()
    assert "something else (customers)" in await refusal(database)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "SIGNALBOX_DATA" in await refusal(tmp_path / "file" / "below" / "signalbox.db")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whose rights can be taken away")
async def test_a_read_only_folder_is_named(database: Path) -> None:
    database.parent.mkdir()
    database.parent.chmod(0o500)
    assert "cannot be written" in await refusal(database)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("not a url", "no database URL"),
        ("sqlite://", "keeps nothing"),
        ("sqlite:///:memory:", "keeps nothing"),
        ("mysql://root@localhost/x", "not in mysql"),
        ("oracle+nothing://x", "oracle"),
    ],
)
async def test_a_url_that_cannot_be_meant_is_refused(url: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        await SqlStore.open(url, secret_key=KEY, clock=StoppedClock())


async def test_a_password_in_the_url_is_never_repeated() -> None:
    with pytest.raises(SignalboxError) as refused:
        await SqlStore.open("postgresql+psycopg://me:s3cret@127.0.0.1:1/none", secret_key=KEY, clock=StoppedClock())
    assert isinstance(refused.value, Transient)
    assert "s3cret" not in str(refused.value)


async def test_a_secret_key_that_hides_nothing_is_refused(database: Path) -> None:
    with pytest.raises(Rejected, match="too short"):
        await opened(database, "short")


@contextmanager
def pages_at_most(number: int) -> Iterator[None]:
    """Every SQLite connection opened inside meets a full disk at that many pages."""

    def shrink(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={number}")

    event.listen(Engine, "connect", shrink)
    try:
        yield
    finally:
        event.remove(Engine, "connect", shrink)


async def test_a_full_disk_is_said_and_nothing_half_is_stored(database: Path) -> None:
    await (await opened(database)).close()
    with pages_at_most(database.stat().st_size // 4096 + 8):
        store = await opened(database)
        await store.ledger.record(RunStarted(run("run_small"), ()))
        with pytest.raises(Transient, match=r"full\. Free some space") as said:
            await store.ledger.record(RunStarted(run("run_large"), tuple(fact(n, data={"x": "y" * 9000}) for n in range(1, 20))))
        assert said.value.retry_after
        assert store.ledger.trouble() == str(said.value)
        assert [found.id for found in await store.runs.list()] == ["run_small"]
        await store.ledger.record(RunStarted(run("run_after"), ()))
        assert store.ledger.trouble() == ""
        await store.close()


async def test_a_file_that_was_removed_is_found_when_examined(sql: SqlStore, database: Path) -> None:
    await sql.ledger.record(RunStarted(run(), ()))
    assert sql.ledger.trouble() == ""
    database.unlink()
    assert "has been removed" in sql.ledger.trouble()
    assert "has been removed" in (await sql.examine())[0].message
    database.write_bytes(b"")
    assert "has been removed or replaced" in sql.ledger.trouble()


async def test_a_file_that_cannot_be_written_any_more_is_found_when_examined(sql: SqlStore) -> None:
    assert [finding.level for finding in await sql.examine()] == ["ok"]
    await sql._writer.perform(lambda connection: connection.exec_driver_sql("PRAGMA query_only=ON"))
    (finding,) = await sql.examine()
    assert (finding.level, "cannot be written" in finding.message) == ("problem", True)


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files")
async def test_a_disk_that_refuses_to_write_is_said(database: Path) -> None:
    code = (
        "import asyncio, resource, sys\n"
        "from engine.errors import Transient\n"
        "from engine.events import Audited, RunStarted\n"
        "from storage.sql import SqlStore\n"
        "from tests.storage.values import KEY, NOON, StoppedClock, fact, run\n"
        "async def fill():\n"
        "    store = await SqlStore.open(sys.argv[1], secret_key=KEY, clock=StoppedClock())\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n"
        "    try:\n"
        "        for n in range(200):\n"
        "            await store.ledger.record(RunStarted(run(f'run_{n}'), (fact(1, data={'x': 'y' * 9000}),)))\n"
        "    except Transient as err:\n"
        "        print(err)\n"
        "asyncio.run(fill())\n"
    )
    done = subprocess.run([sys.executable, "-c", code, f"sqlite:///{database}"], capture_output=True, text=True, check=True, timeout=60)
    assert "Check the disk" in done.stdout
    await (await opened(database)).close()


async def test_a_file_locked_by_another_program_is_a_reason_to_wait(sql: SqlStore, database: Path) -> None:
    await sql._writer.perform(lambda connection: connection.exec_driver_sql("PRAGMA busy_timeout=20"))
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Transient, match="locked"):
            await sql.ledger.record(RunStarted(run(), ()))
        other.execute("ROLLBACK")
    await sql.ledger.record(RunStarted(run(), ()))


async def test_an_id_no_database_can_hold_is_refused_and_harms_nobody_else(sql: SqlStore) -> None:
    results = await asyncio.gather(
        sql.ledger.record(RunStarted(run("run_\ud800"), ())), sql.ledger.record(RunStarted(run("run_1"), ())), return_exceptions=True
    )
    assert isinstance(results[0], Rejected)
    assert "cannot be stored" in str(results[0])
    assert results[1] is None


async def test_half_a_character_in_a_text_costs_only_itself(sql: SqlStore) -> None:
    await sql.ledger.record(
        RunStarted(run(error="crash \ud83d in Zoë"), (fact(1, data={"error": "\ud83d"}),)),
        Audited(NOON, "slack:U1", "Zoë \ud83d", "run", "run_1", detail="\ud83d"),
    )
    (found,) = await sql.runs.list()
    assert found.error == "crash ? in Zoë"
    assert (await sql.runs.facts("run_1"))[0].data == {"error": "\ud83d"}
    assert await sql.audit.verify() == ""


def test_a_fault_of_our_own_is_not_dressed_up_as_one_of_the_database() -> None:
    bug = KeyError("oops")
    assert failure(bug, "here") is bug


async def test_a_copy_can_be_made_while_it_is_in_use(sql: SqlStore, tmp_path: Path) -> None:
    await sql.ledger.record(RunStarted(run(), (fact(1),)))
    await sql.backup(tmp_path / "copy.db")
    with pytest.raises(Rejected, match="exists already"):
        await sql.backup(tmp_path / "copy.db")
    copied = await opened(tmp_path / "copy.db")
    assert await copied.runs.facts("run_1") == [fact(1)]
    await copied.close()


async def test_recording_after_the_end_is_refused_in_words(database: Path) -> None:
    store = await opened(database)
    await store.close()
    with pytest.raises(Transient, match="stopping"):
        await store.ledger.record(RunStarted(run(), ()))


async def test_a_database_of_something_else_is_left_byte_for_byte(database: Path) -> None:
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('abc')")
        connection.execute("CREATE TABLE customers (id INTEGER)")
        connection.commit()
    before = database.read_bytes()
    assert "something else" in await refusal(database)
    assert database.read_bytes() == before


async def test_a_lost_table_is_damage_and_is_named(database: Path) -> None:
    await (await opened(database)).close()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DROP TABLE workflows")
        connection.commit()
    said = await refusal(database)
    assert "damaged" in said
    assert "workflows" in said
