"""The two stores that every contract test runs over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy

import pytest

from engine.ports import Store
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.storage.values import KEY, StoppedClock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "data" / "signalbox.db"


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once, copied for every test."""
    path = tmp_path_factory.mktemp("empty") / "signalbox.db"

    async def make() -> None:
        await (await SqlStore.open(f"sqlite:///{path}", secret_key=KEY, clock=StoppedClock())).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def sql(database: Path, empty_database: Path) -> AsyncIterator[SqlStore]:
    database.parent.mkdir()
    copy(empty_database, database)
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    yield store
    await store.close()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Store:
    """The contract holds for both."""
    found: Store = MemoryStore() if request.param == "memory" else request.getfixturevalue("sql")
    return found
