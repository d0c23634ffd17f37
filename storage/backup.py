"""A backup: the whole state in one file, made while the house is at work.

signalbox-backup.zip
├── manifest.json   what it is, which schema, how large and with which hash, and whether the key is inside
├── signalbox.db    a consistent copy, read through before it is packed
└── secret-key      only when it was asked for: without it nobody reads the credentials that are in the database
"""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.errors import Rejected, SignalboxError
from storage.dialect import copy_to, file_of, looking_engine, read_url
from storage.failures import failure
from storage.migrations import recognise
from storage.vault import derive

FORMAT = 1
MANIFEST, DATABASE, KEY = "manifest.json", "signalbox.db", "secret-key"
BLOCK = 1 << 20
LARGEST_NOTE = 1 << 16  # bytes

ON_A_SERVER = (
    "The memory of this Signalbox is in PostgreSQL, which has the tools for that. To back it up while it is at work:\n"
    "  pg_dump --format=custom --file=signalbox.dump DATABASE\n"
    "and to restore it, into an empty database while no Signalbox runs:\n"
    "  pg_restore --clean --if-exists --single-transaction --dbname=DATABASE signalbox.dump\n"
    "Keep the secret key (SIGNALBOX_SECRET_KEY, or secret-key in the data folder) beside it: the credentials in the database need it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``key``: a fingerprint by which a key can be known, not the key; ``sha256`` and ``size`` are those of the database."""

    format: int
    version: str
    schema: str
    made_at: str
    size: int
    sha256: str
    key: str
    key_inside: bool


def fingerprint(secret_key: str) -> str:
    return sha256(derive(secret_key, "fingerprint")).hexdigest()[:16]


def make_backup(url: str, target: Path, *, secret_key: str, with_key: bool, version: str, now: datetime) -> Manifest:
    """Write ``target``, whole or not at all. Raises Rejected or Transient, saying what to do; nothing is changed where it is read."""
    parsed = read_url(url)
    file = file_of(parsed)
    if file is None:
        raise Rejected(ON_A_SERVER)
    if not file.exists():
        raise Rejected(
            f"There is nothing to back up: {file} does not exist. Set SIGNALBOX_DATA to the folder of the Signalbox that is meant."
        )
    if not secret_key:
        raise Rejected(
            f"There is no secret key beside {file}, so no Signalbox has worked there. Set SIGNALBOX_DATA to the folder that is meant."
        )
    if os.path.lexists(target):
        raise Rejected(f"{target} exists already. Name a new file for the backup.")
    copy, part = (target.with_name(f"{target.name}.{os.getpid()}.{end}") for end in ("db", "part"))
    try:
        with looking_engine(parsed).connect() as connection:
            schema = recognise(connection, str(file)) or ""
            copy_to(connection, copy)
        _settled(copy)
        manifest = Manifest(
            format=FORMAT, version=version, schema=schema, made_at=now.isoformat(), size=copy.stat().st_size, sha256=hash_of(copy),
            key=fingerprint(secret_key), key_inside=with_key,
        )  # fmt: skip
        _pack(part, manifest, copy, secret_key if with_key else "")
        _name(part, target)
    except OSError as error:
        raise Rejected(
            f"{target} cannot be written ({error.strerror}). Name a file in a folder that can be, with space for the whole database."
        ) from error
    except SignalboxError:
        raise
    except Exception as error:
        raise failure(error, str(file)) from error
    finally:
        for leftover in (copy, part):
            leftover.unlink(missing_ok=True)
    return manifest


def _settled(copy: Path) -> None:
    """One file without a log beside it, and nothing in it damaged."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise Rejected(f"The database is damaged ({damage}), so no backup was made of it. Put an earlier one in its place.")


def _pack(part: Path, manifest: Manifest, copy: Path, secret_key: str) -> None:
    with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as pack:
            pack.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2))
            pack.write(copy, DATABASE)
            if secret_key:
                pack.writestr(KEY, secret_key)
        out.flush()
        os.fsync(out.fileno())


def _name(part: Path, target: Path) -> None:
    """Under its own name at once; what somebody else put there meanwhile stays."""
    try:
        os.link(part, target)
    except FileExistsError as error:
        raise Rejected(f"{target} exists already. Name a new file for the backup.") from error
    except OSError:  # a file system without hard links
        part.rename(target)
    sync_folder(target.parent)


def hash_of(file: Path) -> str:
    found = sha256()
    with file.open("rb") as content:
        while block := content.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def sync_folder(folder: Path) -> None:
    """A name is on the disk when its folder is."""
    with suppress(OSError):  # not every system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_manifest(pack: zipfile.ZipFile, place: Path) -> Manifest:
    """Raises Rejected for what is no backup of ours, or of a later form."""
    try:
        raw: Any = json.loads(read_small(pack, MANIFEST))
        manifest = Manifest(**{name: raw[name] for name in Manifest.__dataclass_fields__})
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
        raise Rejected(f"{place} is no backup of Signalbox, or its list of contents is damaged. Take another one.") from error
    if manifest.format != FORMAT:
        raise Rejected(f"{place} was made by a newer Signalbox ({manifest.version}). Update this one first.")
    return manifest


def read_small(pack: zipfile.ZipFile, name: str) -> bytes:
    """A member that is never large; raises ValueError for one that is, and KeyError for one that is not there."""
    if pack.getinfo(name).file_size > LARGEST_NOTE:
        raise ValueError(f"{name} is too large")
    return pack.read(name)
