"""What differs between a file and a server around a commit, see ``storage.pen.Seal``."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from engine.errors import Transient
from storage.dialect import damage_in, server_now
from storage.failures import AGAIN_SOON, Unusable
from storage.latest import put_rows, putting
from storage.tables import house, leases

PROOF = "proof"


class FileSeal:
    """SQLite answers every commit, so nothing is ever open.

    When an fsync fails, SQLite calls the transaction rolled back, but its frames, the commit among them, stand in the log: whoever opens
    the file next takes it for done. Only the connection that failed knows better, so it is kept until it has committed something else in
    their place. What was acknowledged before had an fsync of its own, yet the kernel may call pages clean that never reached the disk; so
    the log is written into the file anew and emptied, the kernel told to forget what it holds of the file, and all of it read from the
    disk. Only a death of the process in between leaves open which it was, and then nobody is left who was told otherwise.
    """

    def __init__(self, file: Path, place: str) -> None:
        self._file = file
        self._place = place
        self._count = 0

    def prepare(self, connection: Connection) -> None:
        return

    def sign(self, connection: Connection) -> None:
        return

    def signed(self, connection: Connection) -> bool:
        return False

    def try_out(self, connection: Connection) -> None:
        self._count += 1
        put_rows(connection, house, ("name",), [{"name": PROOF, "value": str(self._count)}])

    def prove(self, connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        if raw.in_transaction:
            raw.rollback()
        with connection.begin():
            self.try_out(connection)
        (busy, *_) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Transient(f"{self._place} is being read; it is proven as soon as nobody reads it.", AGAIN_SOON)
        _forget_pages(self._file)

    def inspect(self, connection: Connection) -> None:
        with connection.begin():
            if damage := damage_in(connection):
                raise Unusable(f"{self._place} is damaged: {damage}. Stop Signalbox and put a backup in its place.")


def _forget_pages(file: Path) -> None:
    with suppress(OSError, AttributeError):  # not every system can
        handle = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)


class ServerSeal:
    """A row of this process counts its transactions. Whether one stands can then be asked of whatever server answers, after a crash or a
    failover too; a transaction that is still being decided holds the row until it is.
    """

    def __init__(self, holder: str) -> None:
        self._name = f"writer {holder}"
        self._holder = holder
        self._count = 0

    def prepare(self, connection: Connection) -> None:
        with connection.begin():
            row = {"name": self._name, "holder": self._holder, "term": 0, "until": connection.scalar(select(server_now()))}
            connection.execute(putting(leases, connection.dialect.name).on_conflict_do_nothing(), row)

    def sign(self, connection: Connection) -> None:
        self._count += 1
        connection.execute(update(leases).where(leases.c.name == self._name).values(term=self._count, until=server_now()))

    def signed(self, connection: Connection) -> bool:
        stands = connection.scalar(select(leases.c.term).where(leases.c.name == self._name).with_for_update())
        return stands == self._count

    def try_out(self, connection: Connection) -> None:
        return  # signing it is enough

    def prove(self, connection: Connection) -> None:
        return  # the server does that itself

    def inspect(self, connection: Connection) -> None:
        return
