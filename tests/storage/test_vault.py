"""Secrets: kept, given back, forgotten; in the database only encrypted."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Rejected
from engine.ports import Store
from storage.sql import SqlStore
from tests.storage.values import KEY, StoppedClock

CANARY = "xoxb-canary-0123456789"


async def test_a_secret_is_kept_replaced_and_forgotten(store: Store) -> None:
    assert await store.vault.get("slack") is None
    assert await store.vault.names() == []
    await store.vault.put("slack", {"token": CANARY, "note": "Zoë"})
    await store.vault.put("github", {})
    assert await store.vault.get("slack") == {"token": CANARY, "note": "Zoë"}
    await store.vault.put("slack", {"token": "new"})
    assert await store.vault.get("slack") == {"token": "new"}
    assert await store.vault.names() == ["github", "slack"]
    await store.vault.forget("slack")
    await store.vault.forget("slack")
    assert await store.vault.get("slack") is None
    assert await store.vault.names() == ["github"]


async def test_no_byte_of_a_secret_is_on_the_disk(sql: SqlStore, database: Path) -> None:
    await sql.vault.put("slack", {"token": CANARY})
    written = b"".join(path.read_bytes() for path in database.parent.iterdir())
    assert b"slack" in written
    assert CANARY.encode() not in written


async def test_another_key_is_said_and_a_new_secret_may_replace_the_lost_one(database: Path) -> None:
    first = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    await first.vault.put("slack", {"token": CANARY})
    await first.close()
    second = await SqlStore.open(f"sqlite:///{database}", secret_key="another key of good length", clock=StoppedClock())
    assert await second.vault.names() == ["slack"]
    with pytest.raises(Rejected, match="SIGNALBOX_SECRET_KEY") as refused:
        await second.vault.get("slack")
    assert CANARY not in str(refused.value)
    await second.vault.put("slack", {"token": "new"})
    assert await second.vault.get("slack") == {"token": "new"}
    await second.close()


async def test_a_key_may_be_bytes_or_text(database: Path) -> None:
    first = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY.encode(), clock=StoppedClock())
    await first.vault.put("slack", {"token": CANARY})
    await first.close()
    second = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    assert await second.vault.get("slack") == {"token": CANARY}
    await second.close()
