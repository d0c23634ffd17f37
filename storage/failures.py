"""Which failure of a database means what: the house's word for each, and what to do about it.

belongs to a record     IntegrityError → Conflict; a value no column takes → Rejected
spoils everything       disk full, I/O error, locked, server gone → Transient, and the writer opens anew
needs a person          damaged, may not be written, not ours → Rejected
passing                 two transactions in each other's way → tried again by the writer, nobody hears of it
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import Conflict, Rejected, SignalboxError, Transient

AGAIN_SOON, AGAIN_LATER = 1.0, 30.0
UNFIT = (DataError, UnicodeError, OverflowError)  # a value no column takes: half a character, a number past 64 bits
IN_THE_WAY = ("40001", "40P01", "55P03")  # serialisation failure, deadlock, a lock not had in time


class Unusable(Rejected):
    """The database itself cannot be used until a person has done what the text says."""


def failure(err: Exception, place: str) -> Exception:
    """The house's word for what a database said; ``place`` names the database. A bug of our own is handed back as it is."""
    word = _word_for(err, place)
    if word is None:
        return err
    word.__cause__ = err
    return word


def spoils_all(error: Exception) -> bool:
    """Whether the failure lies with the database, so that trying the records one by one cannot help."""
    return isinstance(error, Transient | Unusable)


def passing(err: Exception) -> bool:
    """Whether the same transaction will do when it is simply tried again."""
    return sqlstate(err) in IN_THE_WAY


def lost(err: Exception) -> bool:
    """Whether a server did not answer, so that what became of a commit is not known; a refusal comes with a state of its own."""
    if not isinstance(err, DBAPIError) or isinstance(err.orig, sqlite3.Error):
        return False
    return err.connection_invalidated or sqlstate(err)[:2] in ("", "08", "57", "58")


def broke(err: Exception) -> bool:
    """Whether an SQLite file could not be read or written: from then on nothing is believed until it has been proven."""
    cause = err.orig if isinstance(err, DBAPIError) else err
    name = getattr(cause, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT"))


def sqlstate(err: Exception) -> str:
    """PostgreSQL's five letters; empty for anything else."""
    cause = err.orig if isinstance(err, DBAPIError) else err
    return getattr(cause, "sqlstate", None) or ""


def _word_for(err: Exception, place: str) -> SignalboxError | None:
    if isinstance(err, IntegrityError):
        return Conflict("That was recorded already, or belongs to something that does not exist; nothing was changed.")
    if isinstance(err, UNFIT):
        return Rejected(f"That cannot be stored: {_first_line(err)}.")
    cause = err.orig if isinstance(err, DBAPIError) else err
    if isinstance(cause, sqlite3.Error):
        return _sqlite_word(cause, place)
    if isinstance(err, DBAPIError | PoolTimeout):
        return _server_word(sqlstate(err), _first_line(cause), place)
    return None


def _sqlite_word(err: sqlite3.Error, place: str) -> SignalboxError:
    name = getattr(err, "sqlite_errorname", None) or ""
    if str(err).startswith(("no such table", "no such column")):
        return Unusable(f"{place} is damaged: {_first_line(err)}. Put a backup in its place, or move it away to start with an empty one.")
    match name.split("_")[1] if "_" in name else "":
        case "BUSY" | "LOCKED":
            return Transient(f"Another program holds {place} locked. Close it, and try again.", AGAIN_SOON)
        case "FULL":
            return Transient(f"The disk of {place} is full. Free some space, and try again.", AGAIN_LATER)
        case "IOERR":
            return Transient(f"The disk of {place} could not be written or read ({name}). Check the disk and its free space.", AGAIN_LATER)
        case "CORRUPT" | "NOTADB":
            return Unusable(
                f"{place} is damaged or is no Signalbox database. Put a backup in its place, or move it away to start with an empty one."
            )
        case "CANTOPEN" | "READONLY" | "PERM" | "AUTH":
            return Unusable(
                f"{place} cannot be written. Give Signalbox the right to write there, or set SIGNALBOX_DATA to a folder of its own."
            )
        case "TOOBIG":
            return Rejected("That is too large to be stored (more than a gigabyte).")
    return Rejected(f"That cannot be stored: {_first_line(err)}.")


def _server_word(state: str, said: str, place: str) -> SignalboxError:
    """``state`` is empty where no server was reached."""
    match state:
        case "42P01" | "42703":
            return Unusable(f"{place} is damaged: {said}. Put a backup in its place, or give Signalbox an empty database.")
        case "XX001" | "XX002":
            return Unusable(f"{place} is damaged: {said}. Put a backup in its place.")
        case "42501":
            return Unusable(f"{place} cannot be written: {said}. Give its user the right to create and change tables there.")
        case "25006":
            return Transient(
                f"{place} can only be read at present ({said}): a standby? Point SIGNALBOX_DATABASE_URL at the primary.", AGAIN_SOON
            )
        case "53100":
            return Transient(f"The disk of {place} is full. Free some space, and try again.", AGAIN_LATER)
        case "3D000" | "28P01" | "28000":
            return Transient(f"The database {place} does not let Signalbox in ({said}). Check SIGNALBOX_DATABASE_URL.", AGAIN_LATER)
    if state.startswith("54"):
        return Rejected(f"That cannot be stored: {said}. An id or a key may be about 2,000 characters long.")
    if state[:2] in ("", "08", "40", "53", "55", "57", "58"):
        return Transient(f"The database {place} does not answer ({said}). See that it runs, and try again.", AGAIN_SOON)
    return Rejected(f"That cannot be stored: {said}.")


def _first_line(err: BaseException | None) -> str:
    return next(iter(str(err).splitlines()), "") or type(err).__name__
