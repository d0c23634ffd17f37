"""Gatherings: what triggers have seen so far of each case, and when it is acted on or given up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, delete, func, select, update

from engine.events import GatheringSaved
from engine.ports import Gathering
from storage.columns import row_of
from storage.conflicts import outdated
from storage.latest import putting, replace_rows
from storage.reader import Reader
from storage.tables import gatherings

gathering_row = row_of(GatheringSaved)
EARLIEST_FIRST = select(gatherings).order_by(gatherings.c.due_at, gatherings.c.workflow, gatherings.c.key)


class SqlGatherings:
    """Fulfils ``ports.Gatherings``."""

    EVENTS: ClassVar[tuple[type, ...]] = (GatheringSaved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[GatheringSaved]) -> None:
        for revised, stretch in groupby(events, lambda event: event.revision > 0):
            if revised:
                for event in stretch:
                    _save_next(connection, event)
            else:
                replace_rows(connection, gatherings, {(event.workflow, event.key): _row(event) for event in stretch})

    async def get(self, workflow: str, key: str) -> Gathering | None:
        found = await self._found(select(gatherings).where(gatherings.c.workflow == workflow, gatherings.c.key == key))
        return found[0] if found else None

    async def due(self, now: datetime, *, limit: int = 500) -> list[Gathering]:
        return await self._found(EARLIEST_FIRST.where(gatherings.c.due_at <= now).limit(limit))

    async def next_due(self) -> datetime | None:
        row = await self._reader.row(select(func.min(gatherings.c.due_at)))
        return row[0] if row else None

    async def of(self, workflow: str, *, limit: int = 100) -> list[Gathering]:
        return await self._found(EARLIEST_FIRST.where(gatherings.c.workflow == workflow).limit(limit))

    async def count(self, workflow: str) -> int:
        row = await self._reader.row(select(func.count()).where(gatherings.c.workflow == workflow))
        return int(row[0]) if row else 0

    async def _found(self, query: Select[*tuple[Any, ...]]) -> list[Gathering]:
        return [Gathering(**row._mapping) for row in await self._reader.rows(query)]


def _row(event: GatheringSaved) -> dict[str, Any] | None:
    return None if event.state is None else gathering_row(event)


def _save_next(connection: Connection, event: GatheringSaved) -> None:
    """One statement decides, so that of two processes one is refused. Raises Conflict."""
    here = (gatherings.c.workflow == event.workflow, gatherings.c.key == event.key)
    row, before = _row(event), event.revision - 1
    if row is None:
        changed = connection.execute(delete(gatherings).where(*here, gatherings.c.revision == before)).rowcount
        done = changed == 1 or (before == 0 and connection.execute(select(gatherings.c.revision).where(*here)).first() is None)
    elif before == 0:
        insert = putting(gatherings, connection.dialect.name)
        first = insert.on_conflict_do_update(index_elements=["workflow", "key"], set_=row, where=gatherings.c.revision == 0)
        done = connection.execute(first, row, execution_options={"preserve_rowcount": True}).rowcount == 1
    else:
        done = connection.execute(update(gatherings).where(*here, gatherings.c.revision == before).values(row)).rowcount == 1
    if not done:
        stored = connection.execute(select(gatherings.c.revision).where(*here)).scalar()
        raise outdated("case", event.key, stored or 0)
