"""The audit: rows that are only ever added, each sealed to the one before it.

A row's hash is SHA-256 over the hash of the row before and the row itself; the last one is sealed with a key that is
not in the database. So a changed, removed, inserted or reordered row shows, even to someone who recomputed every hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, ClassVar

from sqlalchemy import Connection, insert, select

from engine.events import Audited
from engine.ports import AuditRow
from storage.columns import row_of, to_json, whole
from storage.dialect import AUDIT, one_at_a_time
from storage.kept import EPOCH, MICROSECOND
from storage.latest import replace_rows
from storage.reader import Reader
from storage.tables import audit, house

audited_row = row_of(Audited)
ROW = tuple(column for column in audit.c if column.name != "hash")
SEAL = "audit"
READ_AT_ONCE = 2_000
BROKEN_SEAL = "The end of the audit does not fit its seal: rows were removed or remade there, or the secret key was changed."


class SqlAudit:
    """Fulfils ``ports.Audit``."""

    EVENTS: ClassVar[tuple[type, ...]] = (Audited,)

    def __init__(self, reader: Reader, key: bytes) -> None:
        self._reader = reader
        self._key = key

    def apply(self, connection: Connection, events: Sequence[Audited]) -> None:
        """A seal that does not fit the last row is left as it is: what was tampered with stays visible."""
        one_at_a_time(connection, AUDIT)
        number, link, seal = _end(connection)
        sealed = self._fits(number, link, seal)
        rows = []
        for event in events:
            number += 1
            row = {"id": number} | {name: whole(value) if isinstance(value, str) else value for name, value in audited_row(event).items()}
            link = _link(link, row)
            rows.append({**row, "hash": link})
        connection.execute(insert(audit), rows)
        if sealed:
            replace_rows(connection, house, {(SEAL,): {"name": SEAL, "value": self._seal(number, link)}})

    async def verify(self) -> str:
        return await self._reader.read(self._fault)

    async def list(self, *, subject: str = "", limit: int = 100) -> list[AuditRow]:
        query = select(*ROW).order_by(audit.c.id.desc()).limit(limit)
        if subject:
            query = query.where(audit.c.subject == subject)
        return [AuditRow(**row._mapping) for row in await self._reader.rows(query)]

    def _fault(self, connection: Connection) -> str:
        number, link = 0, ""
        for row in _rows(connection):
            content = dict(row._mapping)
            stored = content.pop("hash")
            if row.id != number + 1:
                return f"The audit has a gap: row {number + 1} is missing."
            number, link = row.id, _link(link, content)
            if link != stored:
                return f"Row {row.id} of the audit or the one before it was changed ({row.at:%Y-%m-%d %H:%M} UTC, {row.actor_name}: {row.verb})."
        return "" if self._fits(*_end(connection)) else BROKEN_SEAL

    def _fits(self, number: int, link: str, seal: str | None) -> bool:
        return _fits(self._key, number, link, seal)

    def _seal(self, number: int, link: str) -> str:
        return _seal(self._key, number, link)


def reseal(connection: Connection, old: bytes, new: bytes) -> None:
    """The same rows under another key. A seal that does not fit under the old one fits under no other: what was tampered with stays visible."""
    number, link, seal = _end(connection)
    if seal is not None and _fits(old, number, link, seal):
        replace_rows(connection, house, {(SEAL,): {"name": SEAL, "value": _seal(new, number, link)}})


def _fits(key: bytes, number: int, link: str, seal: str | None) -> bool:
    if seal is None:
        return number == 0
    return hmac.compare_digest(seal, _seal(key, number, link))


def _seal(key: bytes, number: int, link: str) -> str:
    return hmac.new(key, f"{number}:{link}".encode(), sha256).hexdigest()


def _end(connection: Connection) -> tuple[int, str, str | None]:
    """Number and hash of the last row, and the seal, as of one moment."""
    seal = select(house.c.value).where(house.c.name == SEAL).scalar_subquery()
    row = connection.execute(select(audit.c.id, audit.c.hash, seal).order_by(audit.c.id.desc()).limit(1)).first()
    if row is None:
        return 0, "", connection.execute(select(seal)).scalar()
    return row[0], row[1], row[2]


def _rows(connection: Connection) -> Iterator[Any]:
    """All of them in order, some at a time: the memory needed does not grow with the audit."""
    number = 0
    while rows := connection.execute(select(audit).where(audit.c.id > number).order_by(audit.c.id).limit(READ_AT_ONCE)).all():
        yield from rows
        number = rows[-1].id


def _link(before: str, row: dict[str, Any]) -> str:
    content = {**row, "at": (row["at"] - EPOCH) // MICROSECOND}
    return sha256((before + to_json(sorted(content.items()))).encode()).hexdigest()
