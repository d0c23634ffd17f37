"""A new secret key: everything that the old one encrypted or sealed is made anew in one transaction, and a death at any moment leaves one key that fits.

    new key into secret-key.next ──▶ one transaction: vault, audit's seal, the key's mark ──▶ secret-key.next becomes secret-key

The mark in the database says which key it has been encrypted with. So whoever comes after a death looks: it is that of secret-key.next, then
the transaction was done and only the name is missing; it is not, then nothing was.
"""

from __future__ import annotations

import hmac
import os
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, func, select, update

from engine.errors import Rejected, SignalboxError
from storage.audit import SEAL, reseal
from storage.backup import fingerprint, sync_folder
from storage.dialect import AUDIT, file_of, looking_engine, one_at_a_time, read_url, server_now, writing_engine
from storage.failures import failure
from storage.folder import KEY_FILE, NEXT_FILE, write_secret
from storage.latest import replace_rows
from storage.lock import FileLock
from storage.migrations import migrate, recognise
from storage.tables import house, leases, vault
from storage.vault import derive

MARK = "key"  # the row of the table house
WRONG_KEY = (
    "The stored credentials are encrypted with another secret key than this one. Set SIGNALBOX_SECRET_KEY to that key, or put it into "
    "secret-key in the data folder; after rotate-key it stands there already, and SIGNALBOX_SECRET_KEY must not name the former one."
)


def check_mark(connection: Connection, secret_key: str | bytes) -> None:
    """Raises Rejected for a key that is not the one of the last rotation."""
    mark = connection.execute(select(house.c.value).where(house.c.name == MARK)).scalar()
    if mark is not None and not hmac.compare_digest(mark, fingerprint(_text(secret_key))):
        raise Rejected(WRONG_KEY)


def settle_rotation(folder: Path, url: str) -> None:
    """Finish a rotation that died after its transaction; one that died before it left nothing to finish. Cheap where there was none."""
    waiting = folder / NEXT_FILE
    try:
        key = waiting.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return
    if len(key) >= 16 and _mark_of(url) == fingerprint(key):
        _rename(folder)


def rotate(folder: Path, url: str, *, old: str, new: str) -> int:
    """Encrypt everything with ``new``, which becomes the key in ``folder``; how many secrets that were.

    Raises Rejected while a Signalbox runs, or for what ``old`` does not open; then nothing was changed.
    """
    derive(new, "vault")
    parsed = read_url(url)
    file = file_of(parsed)
    if file is not None and not file.exists():
        raise Rejected(
            f"There is nothing to encrypt anew: {file} does not exist. Set SIGNALBOX_DATA to the folder of the Signalbox that is meant."
        )
    lock = FileLock(file.with_name(file.name + ".lock"), file) if file is not None else None
    try:
        write_secret(folder / NEXT_FILE, new)
        sync_folder(folder)
        count = _reencrypted(parsed, str(file or "the database"), old, new)
        _rename(folder)
        return count
    except OSError as error:
        raise Rejected(f"{error.filename or folder} cannot be written ({error.strerror}). The old key still holds.") from error
    finally:
        if lock is not None:
            lock.release()


def _reencrypted(parsed: Any, place: str, old: str, new: str) -> int:
    engine = writing_engine(parsed)
    try:
        with engine.connect() as connection:
            with connection.begin():
                recognise(connection, place)
                migrate(connection, place)
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("PRAGMA secure_delete=ON")  # what the old key opens does not stay behind in free pages
                _refuse_others(connection)
                check_mark(connection, old)
                one_at_a_time(connection, AUDIT)
                count = _vault_anew(connection, _fernet(old), _fernet(new))
                reseal(connection, derive(old, SEAL), derive(new, SEAL))
                replace_rows(connection, house, {(MARK,): {"name": MARK, "value": fingerprint(new)}})
            if connection.dialect.name == "sqlite":
                driver: Any = connection.connection.driver_connection
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # nor in the log
        return count
    except SignalboxError:
        raise
    except Exception as error:
        raise failure(error, place) from error
    finally:
        engine.dispose()


def _vault_anew(connection: Connection, old: Fernet, new: Fernet) -> int:
    rows = connection.execute(select(vault.c.name, vault.c.token)).all()
    for row in rows:
        token = row.token.encode()
        try:
            plain, at = old.decrypt(token), old.extract_timestamp(token)
        except InvalidToken as error:
            raise Rejected(
                f"“{row.name}” was stored with another key than the present one, so nothing was changed. Disconnect or forget it first, "
                "or set SIGNALBOX_SECRET_KEY to the key it was stored with."
            ) from error
        connection.execute(update(vault).where(vault.c.name == row.name).values(token=new.encrypt_at_time(plain, at).decode()))
    return len(rows)


def _refuse_others(connection: Connection) -> None:
    """A file has a lock; on a server the leases tell who is at work."""
    if connection.dialect.name != "postgresql":
        return
    held = connection.execute(select(func.count()).select_from(leases).where(leases.c.until > server_now())).scalar_one()
    if held:
        raise Rejected("A Signalbox is at work on this database. Stop every process first; within ten seconds after that it can be done.")


def _mark_of(url: str) -> str:
    parsed = read_url(url)
    file = file_of(parsed)
    if file is not None and not file.exists():
        return ""
    engine = looking_engine(parsed) if file is not None else writing_engine(parsed)
    try:
        with engine.connect() as connection:
            return str(connection.execute(select(house.c.value).where(house.c.name == MARK)).scalar() or "")
    except Exception as error:
        raise failure(error, str(file or "the database")) from error
    finally:
        engine.dispose()


def _rename(folder: Path) -> None:
    os.replace(folder / NEXT_FILE, folder / KEY_FILE)
    sync_folder(folder)


def _fernet(key: str) -> Fernet:
    return Fernet(urlsafe_b64encode(derive(key, "vault")))


def _text(secret_key: str | bytes) -> str:
    return secret_key if isinstance(secret_key, str) else secret_key.decode("utf-8", "replace")
