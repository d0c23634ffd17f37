"""What the sandbox remembers: the things that were made there, and the answers that were given."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from engine.ports import Clock, Thing
from storage.columns import row_of
from storage.latest import put_rows
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import things
from storage.writer import Writer

KEPT = timedelta(days=30)
MOST = 2_000  # things of one service
KEY = ("service", "kind", "id")
THING = tuple(column for column in things.c if column.name != "number")
thing_row = row_of(Thing)


class SqlThings:
    """Fulfils ``ports.Things``."""

    def __init__(self, reader: Reader, writer: Writer, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock

    async def keep(self, *kept: Thing) -> None:
        rows = {(thing.service, thing.kind, thing.id): thing_row(thing) for thing in kept}
        ordered = [row for _, row in sorted(rows.items())]
        await self._writer.perform(lambda connection: put_rows(connection, things, KEY, ordered))

    async def get(self, service: str, kind: str, id: str) -> Thing | None:
        row = await self._reader.row(select(*THING).where(things.c.service == service, things.c.kind == kind, things.c.id == id))
        return Thing(**row._mapping) if row else None

    async def of(self, service: str) -> list[Thing]:
        query = select(*THING).where(things.c.service == service, things.c.kind != "").order_by(things.c.at.desc(), things.c.number.desc())
        return [Thing(**row._mapping) for row in await self._reader.rows(query.limit(MOST))]

    def since(self) -> datetime:
        return self._clock.now() - KEPT

    async def prune(self) -> int:
        gone = await prune(self._writer, things.c.number, things.c.at < self.since())
        return gone + await self._writer.perform(_too_many)


def _too_many(connection: Connection) -> int:
    """Of each service the oldest things beyond ``MOST``; answers go by their age alone."""
    counted = select(things.c.service).where(things.c.kind != "").group_by(things.c.service).having(func.count() > MOST)
    total = 0
    for (service,) in connection.execute(counted).all():
        newest = (
            select(things.c.number)
            .where(things.c.service == service, things.c.kind != "")
            .order_by(things.c.at.desc(), things.c.number.desc())
        )
        kept = newest.limit(MOST).subquery()
        old = delete(things).where(things.c.service == service, things.c.kind != "", things.c.number.not_in(select(kept.c.number)))
        total += connection.execute(old).rowcount
    return total
