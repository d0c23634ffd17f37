"""The two stores that every contract test runs over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.ports import Store
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.storage.values import KEY, StoppedClock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "signalbox.db"


@pytest.fixture
async def sql(database: Path) -> AsyncIterator[SqlStore]:
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    yield store
    await store.close()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Store:
    """The contract holds for both."""
    found: Store = MemoryStore() if request.param == "memory" else request.getfixturevalue("sql")
    return found
