"""A new secret key: everything is readable with it and nothing with the former one, and a death at any moment leaves one key that fits."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import Rejected
from engine.events import Audited
from storage.folder import write_secret
from storage.rotating import rotate, settle_rotation
from storage.sql import SqlStore
from tests.machines.postgres import Postgres
from tests.storage.values import KEY, NOON, StoppedClock

NEW = "another key, long enough for this"
ROOT = Path(__file__).parents[2]


def url(file: Path) -> str:
    return f"sqlite:///{file}"


async def opened(place: str, key: str) -> SqlStore:
    return await SqlStore.open(place, secret_key=key, clock=StoppedClock())


async def filled(place: str, key: str = KEY, most: int = 3) -> None:
    store = await opened(place, key)
    for number in range(most):
        await store.vault.put(f"account:forge:{number}", {"token": f"t{number}"})
    await store.ledger.record(Audited(NOON, "slack:U1", "Zoë", "connect_service", "account:forge:0"))
    await store.close()


async def read(place: str, key: str) -> tuple[dict[str, str], str]:
    store = await opened(place, key)
    try:
        kept = {name: dict(await store.vault.get(name) or {})["token"] for name in await store.vault.names()}
        return kept, await store.audit.verify()
    finally:
        await store.close()


ALL = {f"account:forge:{number}": f"t{number}" for number in range(3)}


async def test_everything_is_read_with_the_new_key_and_the_former_one_opens_nothing(database: Path) -> None:
    await filled(url(database))
    write_secret(database.parent / "secret-key", KEY)
    assert rotate(database.parent, url(database), old=KEY, new=NEW) == 3
    assert (database.parent / "secret-key").read_text() == NEW
    assert not (database.parent / "secret-key.next").exists()
    assert await read(url(database), NEW) == (ALL, "")
    with pytest.raises(Rejected, match="encrypted with another secret key than this one"):
        await opened(url(database), KEY)
    assert rotate(database.parent, url(database), old=NEW, new=KEY) == 3
    assert await read(url(database), KEY) == (ALL, "")


async def test_a_death_before_the_transaction_leaves_the_old_key_and_one_after_it_the_new(database: Path) -> None:
    folder = database.parent
    await filled(url(database))
    write_secret(folder / "secret-key", KEY)
    write_secret(folder / "secret-key.next", NEW)  # died right after this
    settle_rotation(folder, url(database))
    assert (folder / "secret-key").read_text() == KEY
    assert await read(url(database), KEY) == (ALL, "")
    rotate(folder, url(database), old=KEY, new=NEW)
    write_secret(folder / "secret-key", KEY)
    write_secret(folder / "secret-key.next", NEW)  # died before the name was given
    settle_rotation(folder, url(database))
    assert (folder / "secret-key").read_text() == NEW
    assert not (folder / "secret-key.next").exists()
    assert await read(url(database), NEW) == (ALL, "")


async def test_it_is_refused_while_a_signalbox_runs_and_with_a_key_that_opens_nothing(database: Path) -> None:
    await filled(url(database))
    store = await opened(url(database), KEY)
    with pytest.raises(Rejected, match=r"Another Signalbox .* uses"):
        rotate(database.parent, url(database), old=KEY, new=NEW)
    await store.close()
    with pytest.raises(Rejected, match="stored with another key than the present one, so nothing was changed"):
        rotate(database.parent, url(database), old="some other key altogether", new=NEW)
    assert await read(url(database), KEY) == (ALL, "")
    with pytest.raises(Rejected, match="does not exist"):
        rotate(database.parent, url(database.with_name("gone.db")), old=KEY, new=NEW)


async def test_what_was_tampered_with_in_the_audit_stays_visible(database: Path) -> None:
    await filled(url(database), key="the key before, also long")
    await filled(url(database), KEY, most=0)  # a seal that does not fit
    store = await opened(url(database), KEY)
    for name in await store.vault.names():
        await store.vault.forget(name)
    assert await store.audit.verify()
    await store.close()
    rotate(database.parent, url(database), old=KEY, new=NEW)
    assert (await read(url(database), NEW))[1]


async def test_on_a_server_it_waits_until_every_process_is_gone(server: Postgres, tmp_path: Path) -> None:
    place = server.database()  # of its own: its key is another one afterwards
    await filled(place)
    store = await opened(place, KEY)
    assert await store.leases.acquire("scheduler")
    with pytest.raises(Rejected, match="at work on this database"):
        await asyncio.to_thread(rotate, tmp_path, place, old=KEY, new=NEW)
    await store.close()
    assert await asyncio.to_thread(rotate, tmp_path, place, old=KEY, new=NEW) == 3
    assert await read(place, NEW) == (ALL, "")


@pytest.mark.slow
async def test_killed_at_any_moment_one_key_still_opens_everything(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    write_secret(data / "secret-key", KEY.replace(" ", "-"))
    place = url(data / "signalbox.db")
    await filled(place, KEY.replace(" ", "-"), most=400)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SIGNALBOX_")} | {"SIGNALBOX_DATA": str(data)}
    dice, finished, keys = random.Random(4), 0, set()
    for _ in range(12):
        process = subprocess.Popen([sys.executable, str(ROOT / "main.py"), "rotate-key"], env=environ, cwd=tmp_path, stderr=subprocess.PIPE)
        time.sleep(dice.uniform(0.9, 2.2))
        process.send_signal(signal.SIGKILL)
        finished += process.wait() == 0
        process.stderr.close() if process.stderr else None
        settle_rotation(data, place)
        key = (data / "secret-key").read_text()
        keys.add(key)
        kept, fault = await read(place, key)
        assert (len(kept), fault) == (400, "")
    assert len(keys) > 1, "it was never done"
    assert finished < 12, "it was never killed"
