"""Restoring: everything is checked before anything is touched, then one rename puts the new state in the place of the old.

    read the list, unpack beside the database, compare the hash, read it through, know its schema
    ──▶ the old database takes in its log and keeps a second name ──▶ rename ──▶ done

A death at any moment leaves the old state or the new one, whole; at worst files called ``*.part`` beside it, which the next try removes.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import zipfile
import zlib
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Rejected, SignalboxError
from storage.backup import BLOCK, DATABASE, KEY, ON_A_SERVER, Manifest, fingerprint, hash_of, read_manifest, read_small, sync_folder
from storage.dialect import damage_in, file_of, looking_engine, read_url
from storage.failures import failure
from storage.lock import FileLock
from storage.migrations import recognise

BEFORE = ".before-restore"  # the second name of what was replaced


@dataclass(frozen=True, slots=True)
class Restored:
    """``kept``: where what was there before can still be found. ``key_fits``: whether this house's key opens the credentials inside."""

    manifest: Manifest
    file: Path
    kept: Path | None
    key_fits: bool


def restore_backup(url: str, source: Path, *, force: bool, key_file: Path, given_key: str) -> Restored:
    """Put the state of ``source`` in the place of the SQLite database at ``url``.

    ``key_file`` holds the key of this house (written where it is missing and the backup brings one), ``given_key`` is the one that is set.
    Raises Rejected, saying what to do, before anything was changed: where a Signalbox runs, a database is (without ``force``), the file is
    damaged, no backup, or of a newer Signalbox.
    """
    file = file_of(read_url(url))
    if file is None:
        raise Rejected(ON_A_SERVER)
    if not source.is_file():
        raise Rejected(f"{source} is no file. Name what “backup” has written.")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(file.with_name(file.name + ".lock"), file)
        try:
            return _restored(file, source, force, key_file, given_key)
        finally:
            lock.release()
    except OSError as error:
        raise Rejected(f"{error.filename or file} cannot be read or written ({error.strerror}). Nothing was changed.") from error
    except SignalboxError:
        raise
    except Exception as error:
        raise failure(error, str(source)) from error


def _restored(file: Path, source: Path, force: bool, key_file: Path, given_key: str) -> Restored:
    there = file.exists()
    if there and not force:
        raise Rejected(f"{file} exists already. Add --force to replace it; it is kept as {file.name}{BEFORE}.")
    part = file.with_name(file.name + ".part")
    _clear(part)
    try:
        with _opened(source) as pack:
            manifest = read_manifest(pack, source)
            brought = _brought(pack, source) if manifest.key_inside else ""
            key = given_key or _key_in(key_file)
            if brought and key and brought != key:
                raise Rejected(_two_keys(key_file, given_key))
            _unpack(pack, part, manifest, source)
        _check(part, source)
        if brought and not key:
            _write_key(key_file, brought)
        kept = _set_aside(file) if there else None
        os.replace(part, file)
        sync_folder(file.parent)
    finally:
        _clear(part)
    return Restored(manifest, file, kept, fingerprint(key or brought) == manifest.key if key or brought else False)


def _opened(source: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise Rejected(f"{source} is no backup of Signalbox, or is damaged. Take another one. Nothing was changed.") from error


def _brought(pack: zipfile.ZipFile, source: Path) -> str:
    try:
        key = read_small(pack, KEY).decode("ascii").strip()
    except (KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise Rejected(f"{source} is damaged. Take another backup. Nothing was changed.") from error
    return key


def _unpack(pack: zipfile.ZipFile, part: Path, manifest: Manifest, source: Path) -> None:
    if shutil.disk_usage(part.parent).free < manifest.size:
        raise Rejected(f"The disk of {part.parent} has too little space: {manifest.size:,} bytes are needed. Nothing was changed.")
    try:
        with pack.open(DATABASE) as content, open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            left = manifest.size
            while block := content.read(BLOCK):
                left -= len(block)
                if left < 0:  # it says it is smaller than it is: somebody made it so
                    break
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
    except (KeyError, zipfile.BadZipFile, EOFError, ValueError, zlib.error) as error:
        raise Rejected(f"{source} is damaged. Take another backup. Nothing was changed.") from error
    if left != 0 or hash_of(part) != manifest.sha256:
        raise Rejected(f"{source} is damaged: what is inside is not what was put in. Take another backup. Nothing was changed.")


def _check(part: Path, source: Path) -> None:
    with looking_engine(read_url(f"sqlite:///{part}")).connect() as connection:
        if damage := damage_in(connection):
            raise Rejected(f"The database in {source} is damaged ({damage}). Take another backup. Nothing was changed.")
        if recognise(connection, f"The database in {source}") is None:
            raise Rejected(f"The database in {source} is empty. Take another backup. Nothing was changed.")
    _clear_log(part)


def _set_aside(file: Path) -> Path:
    """The old state under a second name, all of it in its one file; what is too damaged for that goes as it is."""
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            connection.execute("PRAGMA journal_mode=DELETE")
        if busy:
            raise Rejected(f"Another program reads {file}. Close it, and try again. Nothing was changed.")
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise Rejected(f"Another program uses {file}. Close it, and try again. Nothing was changed.") from error
        for end in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(f"{file}{end}", f"{file}{BEFORE}{end}")
    else:
        _clear_log(file.with_name(file.name + BEFORE))
    kept = file.with_name(file.name + BEFORE)
    fresh = file.with_name(file.name + ".link.part")
    fresh.unlink(missing_ok=True)
    try:
        os.link(file, fresh)
    except OSError:  # a file system without hard links
        shutil.copyfile(file, fresh)
    os.replace(fresh, kept)
    return kept


def _clear(part: Path) -> None:
    part.unlink(missing_ok=True)
    _clear_log(part)


def _clear_log(file: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        Path(f"{file}{end}").unlink(missing_ok=True)


def _key_in(key_file: Path) -> str:
    try:
        return key_file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _write_key(key_file: Path, key: str) -> None:
    part = key_file.with_name(f"{key_file.name}.{os.getpid()}.part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(key)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, key_file)
    sync_folder(key_file.parent)


def _two_keys(key_file: Path, given_key: str) -> str:
    where = "SIGNALBOX_SECRET_KEY is set to" if given_key else f"{key_file} holds"
    return f"{where} another key than the backup brings. Take it away first, and the backup's own is put in its place. Nothing was changed."
