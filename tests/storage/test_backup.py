"""A backup is whole and made while the house is at work; a restore leaves the old state or the new one, whenever it ends."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import Rejected, SignalboxError
from engine.events import Audited, PostingsTouched, RunMoved, RunStarted, WorkflowSaved
from engine.workflow.run import RunState
from storage.backup import Manifest, make_backup
from storage.restore import Restored, restore_backup
from storage.sql import SqlStore
from tests.journeys.serving import Ended, command, settle_in, within
from tests.machines.postgres import Postgres
from tests.storage.values import KEY, NOON, StoppedClock, fact, run, wanted, workflow

KEY_OF_ANOTHER = "a key that another house knows"
ROOT = Path(__file__).parents[2]


def url(file: Path) -> str:
    return f"sqlite:///{file}"


async def opened(file: Path, key: str = KEY) -> SqlStore:
    return await SqlStore.open(url(file), secret_key=key, clock=StoppedClock())


def backed_up(file: Path, target: Path, *, with_key: bool = False) -> Manifest:
    return make_backup(url(file), target, secret_key=KEY, with_key=with_key, version="1.2.3", now=NOON)


def restored(file: Path, source: Path, *, force: bool = False, given_key: str = "") -> Restored:
    return restore_backup(url(file), source, force=force, key_file=file.parent / "secret-key", given_key=given_key)


@pytest.fixture
async def pack(database: Path, tmp_path: Path) -> Path:
    """A backup of a house in which one run is half way."""
    store = await opened(database)
    await store.ledger.record(WorkflowSaved(workflow()), RunStarted(run(), (fact(1), fact(2))), wanted())
    await store.ledger.record(Audited(NOON, "slack:U1", "Zoë", "run", "run_1"))
    await store.vault.put("github", {"token": "t0"})
    target = tmp_path / "signalbox-backup.zip"
    await asyncio.to_thread(backed_up, database, target)
    await store.close()
    return target


async def test_what_was_backed_up_goes_on_elsewhere_where_it_was(pack: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "signalbox.db"
    done = await asyncio.to_thread(restored, elsewhere, pack, given_key=KEY)
    assert (done.kept, done.key_fits, done.manifest.made_at) == (None, True, NOON.isoformat())
    store = await opened(elsewhere)
    assert await store.runs.unfinished() == [run()]
    await store.ledger.record(RunMoved("run_1", (fact(3),), run(state=RunState.SUCCEEDED)), PostingsTouched("run:run_1"))
    assert await store.runs.facts("run_1") == [fact(1), fact(2), fact(3)]
    assert await store.vault.get("github") == {"token": "t0"}
    assert [finding.level for finding in await store.examine()] == ["ok"]
    await store.close()
    assert not list(elsewhere.parent.glob("*.part*"))


async def test_a_backup_made_while_many_write_is_of_one_moment(sql: SqlStore, database: Path, tmp_path: Path) -> None:
    done = asyncio.Event()

    async def drive(run_id: str) -> None:
        await sql.ledger.record(RunStarted(run(run_id), (fact(1),)), wanted(f"run:{run_id}"))
        number = 2
        while not done.is_set():
            await sql.ledger.record(RunMoved(run_id, (fact(number, data={"x": "y" * 300}),)), PostingsTouched(f"run:{run_id}"))
            number += 1

    drivers = [asyncio.create_task(drive(f"run_{n}")) for n in range(8)]
    acknowledged = []
    while not all([await sql.runs.facts(f"run_{n}") for n in range(8)]):
        await asyncio.sleep(0.01)
    for number in range(3):
        await asyncio.sleep(0.05)
        acknowledged.append([len(await sql.runs.facts(f"run_{n}")) for n in range(8)])
        await asyncio.to_thread(backed_up, database, tmp_path / f"{number}.zip")
    done.set()
    await asyncio.gather(*drivers)
    for number, least in enumerate(acknowledged):
        file = tmp_path / f"{number}" / "signalbox.db"
        await asyncio.to_thread(restored, file, tmp_path / f"{number}.zip", given_key=KEY)
        store = await opened(file)
        for n in range(8):
            found = [kept.seq for kept in await store.runs.facts(f"run_{n}")]
            assert found == list(range(1, len(found) + 1))
            assert len(found) >= least[n]
            assert (await store.postings.of(f"run:run_{n}"))[0].wanted == len(found)
        await store.close()


def test_the_key_is_inside_only_when_it_was_asked_for(pack: Path, database: Path, tmp_path: Path) -> None:
    assert KEY.encode() not in b"".join(zipfile.ZipFile(pack).read(name) for name in zipfile.ZipFile(pack).namelist())
    backed_up(database, tmp_path / "with.zip", with_key=True)
    file = tmp_path / "fresh" / "signalbox.db"
    assert restored(file, tmp_path / "with.zip").key_fits
    assert (file.parent / "secret-key").read_text() == KEY
    if os.name == "posix":
        assert (file.parent / "secret-key").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "with.zip").stat().st_mode & 0o777 == 0o600


def test_a_house_without_the_right_key_is_told_so(pack: Path, tmp_path: Path) -> None:
    assert not restored(tmp_path / "a" / "signalbox.db", pack).key_fits
    assert not restored(tmp_path / "b" / "signalbox.db", pack, given_key=KEY_OF_ANOTHER).key_fits


def test_of_two_different_keys_neither_is_lost(pack: Path, database: Path, tmp_path: Path) -> None:
    backed_up(database, tmp_path / "with.zip", with_key=True)
    file = tmp_path / "other" / "signalbox.db"
    file.parent.mkdir()
    (file.parent / "secret-key").write_text(KEY_OF_ANOTHER)
    with pytest.raises(Rejected, match=r"holds another key.*Nothing was changed"):
        restored(file, tmp_path / "with.zip")
    assert (file.parent / "secret-key").read_text() == KEY_OF_ANOTHER
    assert not file.exists()


async def test_a_database_that_is_there_is_replaced_only_by_force_and_kept_beside(pack: Path, database: Path) -> None:
    store = await opened(database)
    await store.ledger.record(RunStarted(run("later"), ()))
    await store.close()
    with pytest.raises(Rejected, match="Add --force"):
        restored(database, pack)
    done = await asyncio.to_thread(restored, database, pack, force=True, given_key=KEY)
    store = await opened(database)
    assert [found.id for found in await store.runs.list()] == ["run_1"]
    await store.close()
    assert done.kept is not None
    store = await opened(done.kept)
    assert {found.id for found in await store.runs.list()} == {"run_1", "later"}
    await store.close()


async def test_what_stands_only_in_the_log_of_the_old_database_is_kept_and_never_mixed_into_the_new(pack: Path, database: Path) -> None:
    """A house that was killed leaves a log beside its file."""
    code = (
        "import asyncio, os, sys\n"
        "from engine.events import RunStarted\n"
        "from storage.sql import SqlStore\n"
        "from tests.storage.values import KEY, StoppedClock, run\n"
        "async def die():\n"
        "    store = await SqlStore.open(sys.argv[1], secret_key=KEY, clock=StoppedClock())\n"
        "    for n in range(50):\n"
        "        await store.ledger.record(RunStarted(run(f'late_{n}'), ()))\n"
        "    os._exit(9)\n"
        "asyncio.run(die())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code, url(database)], check=False, cwd=ROOT)
    assert Path(f"{database}-wal").stat().st_size > 0
    done = await asyncio.to_thread(restored, database, pack, force=True, given_key=KEY)
    for file, count in ((database, 1), (done.kept, 51)):
        assert file is not None
        store = await opened(file)
        assert len(await store.runs.list(limit=100)) == count
        assert [finding.level for finding in await store.examine()] == ["ok"]
        await store.close()


async def test_a_damaged_database_is_replaced_too(pack: Path, database: Path) -> None:
    database.write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)
    done = await asyncio.to_thread(restored, database, pack, force=True, given_key=KEY)
    store = await opened(database)
    assert await store.runs.unfinished() == [run()]
    await store.close()
    assert done.kept is not None
    assert done.kept.read_bytes().endswith(b"\xff" * 9000)


async def test_nothing_is_restored_under_a_house_that_runs(pack: Path, database: Path) -> None:
    store = await opened(database)
    with pytest.raises(Rejected, match="Another Signalbox"):
        await asyncio.to_thread(restored, database, pack, force=True)
    await store.close()


def rewritten(pack: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(pack) as source:
        members = {name: source.read(name) for name in source.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w") as out:
        for name, content in members.items():
            out.writestr(name, content)
    return target


def manifest_with(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changes).encode()

    return change


def of_a_newer_schema(members: dict[str, bytes]) -> None:
    import hashlib
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.db"
        file.write_bytes(members["signalbox.db"])
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.commit()
        members["signalbox.db"] = file.read_bytes()
    manifest_with(sha256=hashlib.sha256(members["signalbox.db"]).hexdigest(), size=len(members["signalbox.db"]))(members)


BAD = {
    "a bit was turned": lambda m: m.update({"signalbox.db": m["signalbox.db"][:-1] + bytes([m["signalbox.db"][-1] ^ 1])}),
    "cut short": lambda m: m.update({"signalbox.db": m["signalbox.db"][:-4096]}),
    "longer than it says": lambda m: m.update({"signalbox.db": m["signalbox.db"] + b"x" * 4096}),
    "no database": lambda m: m.pop("signalbox.db"),
    "no list": lambda m: m.pop("manifest.json"),
    "a list that is none": lambda m: m.update({"manifest.json": b"[1, 2"}),
    "an endless list": lambda m: m.update({"manifest.json": b"x" * 100_000}),
    "of a later form": manifest_with(format=2, version="9.0"),
    "of a newer schema": of_a_newer_schema,
    "a key that is not there": manifest_with(key_inside=True),
    "not ours": lambda m: m.update({"manifest.json": b"{}"}),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
async def test_what_cannot_be_restored_changes_nothing(
    pack: Path, database: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None]
) -> None:
    before = database.read_bytes()
    with pytest.raises(Rejected, match=r"\.$"):
        await asyncio.to_thread(restored, database, rewritten(pack, tmp_path / "bad.zip", change), force=True)
    assert database.read_bytes() == before
    assert sorted(path.name for path in database.parent.iterdir()) == ["signalbox.db", "signalbox.db.lock"]


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Rejected, match="no backup of Signalbox"):
        restored(tmp_path / "data" / "signalbox.db", tmp_path / "x.zip")


def test_files_that_are_not_there_or_in_the_way_are_named(pack: Path, database: Path, tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="is no file"):
        restored(tmp_path / "new" / "signalbox.db", tmp_path / "gone.zip")
    with pytest.raises(Rejected, match="exists already"):
        backed_up(database, pack)
    with pytest.raises(Rejected, match="nothing to back up"):
        backed_up(tmp_path / "nowhere" / "signalbox.db", tmp_path / "x.zip")
    with pytest.raises(Rejected, match="cannot be written"):
        backed_up(database, tmp_path / "no such folder" / "x.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "signalbox-backup.zip"]


async def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(database: Path, tmp_path: Path) -> None:
    store = await opened(database)
    await store.ledger.record(*(RunStarted(run(f"run_{n}"), (fact(1, data={"x": "y" * 500}),)) for n in range(200)))
    await store.close()
    content = bytearray(database.read_bytes())
    middle = len(content) * 3 // 4
    content[middle : middle + 8192] = b"\xa5" * 8192
    database.write_bytes(content)
    with pytest.raises(SignalboxError, match="damaged"):
        await asyncio.to_thread(backed_up, database, tmp_path / "x.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


async def test_a_server_has_tools_of_its_own_for_that(server: Postgres, tmp_path: Path) -> None:
    for tried in (
        lambda: make_backup(server.database(), tmp_path / "x.zip", secret_key=KEY, with_key=False, version="1", now=NOON),
        lambda: restore_backup(server.database(), tmp_path / "x.zip", force=True, key_file=tmp_path / "k", given_key=""),
    ):
        with pytest.raises(Rejected, match="pg_dump"):
            tried()


KILLED = """
import os, shutil, sqlite3, sys
from pathlib import Path
from storage.restore import restore_backup
base, work, pack = (Path(argument) for argument in sys.argv[1:4])
WATCHED = ("os.", "open", "sqlite3.", "shutil.")

def restored(kill_at):
    seen = 0
    def watch(event, _arguments):
        nonlocal seen
        if event.startswith(WATCHED):
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), 9)
    sys.addaudithook(watch)
    restore_backup(f"sqlite:///{work / 'signalbox.db'}", pack, force=True, key_file=work / "secret-key", given_key="")
    os._exit(0)

# Once in this process's own child, so that everything is loaded that later children inherit.
for kill_at in range(0, 1000):
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(base, work)
    child = os.fork()
    if child == 0:
        restored(kill_at)
    _, status = os.waitpid(child, 0)
    with sqlite3.connect(work / "signalbox.db") as connection:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        runs = sorted(name for (name,) in connection.execute("SELECT id FROM runs"))
    connection.close()
    key = (work / "secret-key").read_text() if (work / "secret-key").exists() else ""
    print(kill_at, status, whole, ",".join(runs), key, flush=True)
    if kill_at and status == 0:
        break
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
async def test_killed_at_any_step_a_restore_leaves_the_old_state_or_the_new_one(pack: Path, database: Path, tmp_path: Path) -> None:
    store = await opened(database)
    await store.ledger.record(RunStarted(run("later"), ()))
    await store.close()
    base = tmp_path / "base"
    shutil.copytree(database.parent, base)
    said = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(base), str(tmp_path / "work"), str(pack)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    outcomes = [line.split(" ") for line in said.stdout.splitlines()]
    assert len(outcomes) > 20
    assert outcomes[0][1:4] == ["0", "ok", "run_1"]
    assert all(whole == "ok" for _, _, whole, *_ in outcomes)
    states = [runs for _, _, _, runs, *_ in outcomes[1:]]
    turned = states.index("run_1")
    assert set(states[:turned]) == {"later,run_1"}
    assert set(states[turned:]) == {"run_1"}


async def test_the_command_line_backs_up_while_a_house_runs_and_restores_elsewhere(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other" / "signalbox.db"

    async def signalbox(data: Path, *arguments: str) -> Ended:
        settle_in(monkeypatch, data)
        monkeypatch.chdir(tmp_path)
        return await asyncio.to_thread(within, capsys, *arguments)

    nothing = await signalbox(database.parent, "backup", "b.zip")
    assert (nothing.code, "nothing to back up" in nothing.err) == (1, True)
    key = KEY.replace(" ", "-")
    store = await opened(database, key)
    (database.parent / "secret-key").write_text(key)
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    made = await asyncio.to_thread(command, database.parent, "backup", str(tmp_path / "b.zip"))  # another process than the house's
    assert (made.code, "The secret key is not inside" in made.err) == (0, True), made.err
    refused = await signalbox(database.parent, "restore", "b.zip", "--force")
    assert (refused.code, "Another Signalbox" in refused.err) == (1, True)
    await store.close()
    done = await signalbox(other.parent, "restore", "b.zip")
    assert (done.code, "is not here" in done.err) == (0, True), done.err
    found = await opened(other, key)
    assert await found.runs.unfinished() == [run()]
    await found.close()
