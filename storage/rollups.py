"""Rollups of samples, one row for each account, source and span of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete, select, tuple_
from sqlalchemy.engine import Connection

from engine.events import RollupsSaved
from engine.monitoring.rollup import Rollup, Span
from storage.columns import row_of
from storage.latest import put_rows
from storage.pruning import AT_ONCE
from storage.reader import Query, Reader
from storage.tables import rollups
from storage.writer import Writer

rollup_row = row_of(Rollup)
KEY = tuple(rollups.primary_key.columns)
NAMES = tuple(column.name for column in KEY)
OLDEST_FIRST = (rollups.c.at, rollups.c.service, rollups.c.account, rollups.c.source)


class SqlRollups:
    """Fulfils ``ports.Rollups``."""

    EVENTS: ClassVar[tuple[type, ...]] = (RollupsSaved,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[RollupsSaved]) -> None:
        newest = {rollup.key: rollup for event in events for rollup in event.rollups}
        put_rows(connection, rollups, NAMES, [rollup_row(newest[key]) for key in sorted(newest)])

    async def series(
        self, service: str, span: Span, *, since: datetime, until: datetime, account: str | None = None, limit: int = 200_000
    ) -> list[Rollup]:
        query = select(rollups).where(rollups.c.service == service, rollups.c.span == span, rollups.c.at >= since, rollups.c.at < until)
        if account is not None:
            query = query.where(rollups.c.account == account)
        return await self._found(query.order_by(*OLDEST_FIRST).limit(limit))

    async def between(self, span: Span, since: datetime, until: datetime, *, limit: int = 200_000) -> list[Rollup]:
        query = select(rollups).where(rollups.c.span == span, rollups.c.at >= since, rollups.c.at < until)
        return await self._found(query.order_by(*OLDEST_FIRST).limit(limit))

    async def prune(self, span: Span, before: datetime) -> int:
        some = select(*KEY).where(rollups.c.span == span, rollups.c.at < before).limit(AT_ONCE)
        statement = delete(rollups).where(tuple_(*KEY).in_(some))
        total = gone = await self._writer.perform(lambda connection: connection.execute(statement).rowcount)
        while gone == AT_ONCE:
            gone = await self._writer.perform(lambda connection: connection.execute(statement).rowcount)
            total += gone
        return total

    async def _found(self, query: Query) -> list[Rollup]:
        return [Rollup(**row._mapping) for row in await self._reader.rows(query)]
