"""What differs between databases, all of it: how they are opened, kept whole and copied, and which failure means what."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from engine.errors import Conflict, Rejected, SignalboxError, Transient

READERS = 4
BUSY_MILLISECONDS = 5_000

# WAL and FULL: a commit is on the disk when it returns, and readers never wait for the writer.
COMMON_PRAGMAS = (f"busy_timeout={BUSY_MILLISECONDS}", "foreign_keys=ON")
WRITER_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000", "journal_size_limit=67108864")
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
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise Rejected("An SQLite database in memory keeps nothing. Name a file: sqlite:///data/signalbox.db.")
    return url


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def writing_engine(url: URL) -> Engine:
    if file_of(url) is None:
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool)
    _set_up(engine, (*COMMON_PRAGMAS, *WRITER_PRAGMAS))
    event.listen(engine, "begin", _begin_immediate)
    return engine


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
        url, isolation_level="AUTOCOMMIT", pool_size=READERS, max_overflow=0, pool_pre_ping=file_of(url) is None, pool_reset_on_return=None
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


# --- failures ------------------------------------------------------------------------------------------------------------

AGAIN_SOON, AGAIN_LATER = 1.0, 30.0
UNFIT = (DataError, UnicodeError, OverflowError)  # a value no column takes: half a character, a number past 64 bits


def failure(err: Exception, place: str) -> Exception:
    """The house's word for what a database said; ``place`` names the database. A bug of our own is handed back as it is."""
    word = _word_for(err, place)
    if word is None:
        return err
    word.__cause__ = err
    return word


def _word_for(err: Exception, place: str) -> SignalboxError | None:
    if isinstance(err, IntegrityError):
        return Conflict("That was recorded already, or belongs to something that does not exist; nothing was changed.")
    if isinstance(err, UNFIT):
        return Rejected(f"That cannot be stored: {_first_line(err)}.")
    cause = err.orig if isinstance(err, DBAPIError) else err
    if isinstance(cause, sqlite3.Error):
        return _sqlite_word(cause, place)
    if isinstance(err, DBAPIError | PoolTimeout):
        return Transient(f"The database {place} does not answer ({_first_line(cause)}). See that it runs, and try again.", AGAIN_SOON)
    return None


def spoils_all(error: Exception) -> bool:
    """Whether the failure lies with the database, so that trying the records one by one cannot help."""
    return isinstance(error, Transient)


def _sqlite_word(err: sqlite3.Error, place: str) -> SignalboxError:
    name = getattr(err, "sqlite_errorname", None) or ""
    if str(err).startswith(("no such table", "no such column")):
        return Rejected(f"{place} is damaged: {_first_line(err)}. Put a backup in its place, or move it away to start with an empty one.")
    match name.split("_")[1] if "_" in name else "":
        case "BUSY" | "LOCKED":
            return Transient(f"Another program holds {place} locked. Close it, and try again.", AGAIN_SOON)
        case "FULL":
            return Transient(f"The disk of {place} is full. Free some space, and try again.", AGAIN_LATER)
        case "IOERR":
            return Transient(f"The disk of {place} could not be written or read ({name}). Check the disk and its free space.", AGAIN_LATER)
        case "CORRUPT" | "NOTADB":
            return Rejected(
                f"{place} is damaged or is no Signalbox database. Put a backup in its place, or move it away to start with an empty one."
            )
        case "CANTOPEN" | "READONLY" | "PERM" | "AUTH":
            return Rejected(
                f"{place} cannot be written. Give Signalbox the right to write there, or set SIGNALBOX_DATA to a folder of its own."
            )
        case "TOOBIG":
            return Rejected("That is too large to be stored (more than a gigabyte).")
    return Rejected(f"That cannot be stored: {_first_line(err)}.")


def _first_line(err: BaseException | None) -> str:
    return next(iter(str(err).splitlines()), "") or type(err).__name__
