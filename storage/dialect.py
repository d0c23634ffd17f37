"""What differs between databases: how they are opened, kept whole and copied. What their failures mean is in ``storage.failures``."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, create_engine, event, func, literal_column, make_url, select, type_coerce
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from engine.errors import Rejected
from storage.columns import Instant

READERS = 4
ERRANDS = 2
MIGRATION, AUDIT = 0x5369_676E_616C_0001, 0x5369_676E_616C_0002  # numbers of advisory locks: "Signal" and a count
WRITER_SETTINGS = "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
BUSY_MILLISECONDS = 5_000

# WAL and FULL: a commit is on the disk when it returns, and readers never wait for the writer.
COMMON_PRAGMAS = (f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON")
# auto_vacuum must be said before the first page is written; to a file that has tables already it is told again by a VACUUM.
WRITER_PRAGMAS = (
    "auto_vacuum=INCREMENTAL",
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=4000",
    "journal_size_limit=67108864",
)
READER_PRAGMAS = ("query_only=ON",)


def read_url(text: str) -> URL:
    """Raises Rejected for what is no URL, no database we speak, or one that keeps nothing."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError) as err:
        raise Rejected(
            f"“{text}” is no database URL. Write sqlite:///path/to/signalbox.db or postgresql+psycopg://user@host/name."
        ) from err
    if backend not in ("sqlite", "postgresql"):
        raise Rejected(f"Signalbox keeps its memory in SQLite or PostgreSQL, not in {backend}. Set SIGNALBOX_DATABASE_URL to one of them.")
    if backend == "postgresql":
        return _with_driver(url)
    if url.database in (None, "", ":memory:"):
        raise Rejected("An SQLite database in memory keeps nothing. Name a file: sqlite:///data/signalbox.db.")
    return url


def _with_driver(url: URL) -> URL:
    if find_spec("psycopg") is None:
        raise Rejected("PostgreSQL needs one more package. Install it with: make install-postgres")
    return url.set(drivername="postgresql+psycopg")


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def writing_engine(url: URL) -> Engine:
    if file_of(url) is None:
        return create_engine(url, poolclass=NullPool, pool_reset_on_return=None, connect_args=_server_arguments(url, WRITER_SETTINGS))
    engine = create_engine(url, poolclass=NullPool)
    _set_up(engine, (*COMMON_PRAGMAS, *WRITER_PRAGMAS))
    event.listen(engine, "begin", _begin_immediate)
    return engine


def errand_engine(url: URL) -> Engine:
    """Short transactions of a server beside those of the writer."""
    return create_engine(
        url,
        pool_size=ERRANDS,
        max_overflow=0,
        pool_pre_ping=True,
        pool_reset_on_return=None,
        connect_args=_server_arguments(url, WRITER_SETTINGS),
    )


def _server_arguments(url: URL, settings: str = "") -> dict[str, str | int]:
    """What the URL does not say itself; a server that went away without a word is noticed within half a minute."""
    usual: dict[str, str | int] = {
        "application_name": "signalbox",
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }
    if settings and "options" not in url.query:
        usual["options"] = settings
    return {name: value for name, value in usual.items() if name not in url.query}


def server_now() -> ColumnElement[datetime]:
    """PostgreSQL's clock as it is at this moment, in the type of our instants."""
    return type_coerce(literal_column("(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"), Instant)


def one_at_a_time(connection: Connection, what: int) -> None:
    """Until the end of the transaction no other process does the same with this database; a file has a lock of its own."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(what)))


def looking_engine(url: URL) -> Engine:
    """One look at an SQLite file that changes nothing in it."""
    engine = create_engine(url, poolclass=NullPool)
    _set_up(engine, (*COMMON_PRAGMAS, *READER_PRAGMAS))
    return engine


def prove_writable(connection: Connection) -> None:
    """SQLite opens a file that it may not write for reading, and says so only at the first change: make one that changes nothing."""
    if connection.dialect.name == "sqlite":
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        connection.exec_driver_sql(f"PRAGMA user_version={version}")


def reading_engine(url: URL) -> Engine:
    """Every statement sees all that was committed before it; nothing can be written."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        pool_size=READERS,
        max_overflow=0,
        pool_pre_ping=file_of(url) is None,
        pool_reset_on_return=None,
        connect_args=_server_arguments(url) if file_of(url) is None else {},
    )
    if file_of(url) is not None:
        _set_up(engine, (*COMMON_PRAGMAS, *READER_PRAGMAS))
    return engine


def _set_up(engine: Engine, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own begins too late for savepoints
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def copy_to(connection: Connection, target: Path) -> None:
    """A consistent copy of a living SQLite database; raises Rejected for another kind or where a file is already."""
    if connection.dialect.name != "sqlite":
        raise Rejected("A PostgreSQL database is copied with pg_dump.")
    if target.exists():
        raise Rejected(f"{target} exists already. Name a new file for the copy.")
    source = connection.connection.driver_connection
    unfinished = target.with_name(target.name + ".part")
    with closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)  # type: ignore[union-attr]
    unfinished.rename(target)


def damage_in(connection: Connection) -> str:
    """Empty, or the first damage found in an SQLite file; reads all of it."""
    if connection.dialect.name != "sqlite":
        return ""
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    return "" if found == "ok" else found


# --- space ---------------------------------------------------------------------------------------------------------------

INCREMENTAL = 2
PAGES_AT_ONCE = 500
PAGES_SPARED = 256  # free pages that are left for what comes next


def make_shrinkable(url: URL) -> None:
    """Once in the life of an SQLite file that was made before: rewrite it so that freed space can be given back. Left for
    another time where the disk is too full for it."""
    file = file_of(url)
    if file is None or not file.exists():
        return
    with writing_engine(url).connect() as connection:
        raw: Any = connection.connection.driver_connection
        if raw.execute("PRAGMA auto_vacuum").fetchone()[0] != INCREMENTAL and shutil.disk_usage(file.parent).free > 3 * file.stat().st_size:
            raw.execute(f"PRAGMA auto_vacuum={INCREMENTAL}")
            raw.execute("VACUUM")


def give_back(connection: Connection) -> int:
    """Some free pages of an SQLite file go back to the disk at the next checkpoint; how many bytes. PostgreSQL minds its space itself."""
    if connection.dialect.name != "sqlite":
        return 0
    raw: Any = connection.connection.driver_connection
    free, size = raw.execute("PRAGMA freelist_count").fetchone()[0], raw.execute("PRAGMA page_size").fetchone()[0]
    pages: int = max(0, min(free - PAGES_SPARED, PAGES_AT_ONCE))
    if pages:
        raw.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()
    return pages * int(size)
