"""A disk that fails: nothing more is accepted, that is said, nothing acknowledged is lost, and it goes on by itself when it can."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import Rejected, Transient
from engine.events import RunMoved, RunStarted
from storage.sql import SqlStore
from tests.storage.failing_disk import FULL, IOERR_FSYNC, IOERR_WRITE, FailingDisk, failing_disk
from tests.storage.values import KEY, StoppedClock, fact, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="faults are put between SQLite and Linux")


@pytest.fixture
def disk(database: Path) -> Iterator[FailingDisk]:
    database.parent.mkdir()
    with failing_disk(database.parent) as disk:
        yield disk


async def opened(path: Path) -> SqlStore:
    return await SqlStore.open(f"sqlite:///{path}", secret_key=KEY, clock=StoppedClock())


@pytest.fixture
async def on_disk(disk: FailingDisk, database: Path) -> AsyncIterator[SqlStore]:
    store = await opened(database)
    await store.ledger.record(RunStarted(run(), (fact(1),)))
    yield store
    disk.write = disk.sync = 0
    await store.close()


async def healthy(store: SqlStore) -> None:
    """Without anybody writing."""
    async with asyncio.timeout(30):
        while store.ledger.trouble():
            await asyncio.sleep(0.01)


async def seqs(store: SqlStore) -> list[int]:
    return [found.seq for found in await store.runs.facts("run_1")]


def sick(disk: FailingDisk, fault: str) -> None:
    disk.sync = IOERR_FSYNC if fault == "fsync" else 0
    disk.write = {"write": IOERR_WRITE, "full": FULL}.get(fault, 0)


@pytest.mark.parametrize(("fault", "said"), [("fsync", "IOERR_FSYNC"), ("write", "IOERR_WRITE"), ("full", "full")])
async def test_what_the_disk_does_not_take_is_not_accepted_and_when_it_takes_it_again_the_house_goes_on(
    on_disk: SqlStore, disk: FailingDisk, database: Path, tmp_path: Path, fault: str, said: str
) -> None:
    await on_disk.ledger.record(RunMoved("run_1", (fact(2),)))
    sick(disk, fault)
    for _ in range(3):
        with pytest.raises(Transient, match=said):
            await on_disk.ledger.record(RunMoved("run_1", (fact(3, data={"refused": True}),)))
        assert said in on_disk.ledger.trouble()
    assert await seqs(on_disk) == [1, 2]
    sick(disk, "")
    await healthy(on_disk)
    assert await seqs(on_disk) == [1, 2]
    await on_disk.ledger.record(RunMoved("run_1", (fact(3), fact(4))))
    assert [finding.level for finding in await on_disk.examine()] == ["ok"]
    # As after a power cut: what stands on the disk at this moment, without a word from the process.
    for name in database.parent.iterdir():
        shutil.copy(name, tmp_path / name.name)
    after_cut = await opened(tmp_path / database.name)
    assert await after_cut.runs.facts("run_1") == [fact(1), fact(2), fact(3), fact(4)]
    await after_cut.close()


async def test_after_a_failed_fsync_the_file_is_proven_before_anything_is_believed(on_disk: SqlStore, disk: FailingDisk) -> None:
    sick(disk, "fsync")
    with pytest.raises(Transient):
        await on_disk.ledger.record(RunMoved("run_1", (fact(2),)))
    with pytest.raises(Transient):
        await on_disk.ledger.record(RunMoved("run_1", (fact(2),)))
    before = disk.syncs
    sick(disk, "")
    await healthy(on_disk)
    assert disk.syncs >= before + 3  # the log, the file, and a commit of its own
    assert on_disk._writer._pen._doubted is False


async def test_a_file_that_turns_out_damaged_after_a_failed_write_stays_closed(
    on_disk: SqlStore, disk: FailingDisk, database: Path
) -> None:
    await on_disk.ledger.record(*(RunStarted(run(f"run_{n}"), (fact(1, data={"x": "y" * 500}),)) for n in range(2, 300)))
    await on_disk._writer.perform(lambda connection: None)
    sick(disk, "fsync")
    with pytest.raises(Transient):
        await on_disk.ledger.record(RunMoved("run_1", (fact(2),)))
    sick(disk, "")
    size = database.stat().st_size
    with database.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xa5" * 16_384)
        file.flush()
        os.fsync(file.fileno())
    async with asyncio.timeout(30):
        while "damaged" not in on_disk.ledger.trouble():
            await asyncio.sleep(0.01)
    with pytest.raises(Transient, match="damaged"):
        await on_disk.ledger.record(RunMoved("run_1", (fact(2),)))
    assert "put a backup in its place" in on_disk.ledger.trouble()


@pytest.mark.parametrize("fault", ["fsync", "write", "full"])
async def test_many_who_write_while_the_disk_comes_and_goes_lose_nothing_and_double_nothing(
    on_disk: SqlStore, disk: FailingDisk, fault: str
) -> None:
    acknowledged: dict[str, int] = {}

    async def drive(run_id: str) -> None:
        started, number = False, 1
        while number < 25:
            facts = (fact(number),)
            event = RunMoved(run_id, facts) if started else RunStarted(run(run_id), facts)
            try:
                await on_disk.ledger.record(event)
            except Transient:
                await asyncio.sleep(0.005)
                continue
            acknowledged[run_id], started = number, True
            number += 1

    async def shake() -> None:
        for n in range(8):
            await asyncio.sleep(0.01)
            sick(disk, fault if n % 2 == 0 else "")
        sick(disk, "")

    async with asyncio.timeout(50):
        await asyncio.gather(shake(), *(drive(f"r_{n}") for n in range(8)))
    for n in range(8):
        assert [found.seq for found in await on_disk.runs.facts(f"r_{n}")] == list(range(1, 25))
    assert [finding.level for finding in await on_disk.examine()] == ["ok"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


async def test_a_real_disk_that_is_full_and_is_tidied_up(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 900_000)
    store = await opened(small_disk / "signalbox.db")
    accepted = 0
    while not store.ledger.trouble():
        with suppress(Transient):
            await store.ledger.record(RunStarted(run(f"run_{accepted + 1}"), (fact(1, data={"x": "y" * 2_000}),)))
            accepted += 1
    assert "Free some space" in store.ledger.trouble()
    assert (await store.examine())[0].level == "problem"
    assert len(await store.runs.list(limit=5_000)) == accepted
    ballast.unlink()
    await healthy(store)
    await store.ledger.record(RunStarted(run("after"), (fact(1),)))
    assert len(await store.runs.list(limit=5_000)) == accepted + 1
    await store.close()


async def test_a_disk_that_is_read_only_from_the_start_is_said(small_disk: Path) -> None:
    await (await opened(small_disk / "signalbox.db")).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(Rejected, match="cannot be written"):
        await opened(small_disk / "signalbox.db")
