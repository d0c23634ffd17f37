"""Cursors: how far what happens elsewhere was read, and what was ordered there."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, delete, func, select, update

from engine.events import CursorMoved
from engine.ports import Cursor
from storage.columns import row_of
from storage.conflicts import outdated
from storage.latest import putting, replace_rows
from storage.reader import Reader
from storage.tables import cursors

cursor_row = row_of(CursorMoved)


class SqlCursors:
    """Fulfils ``ports.Cursors``."""

    EVENTS: ClassVar[tuple[type, ...]] = (CursorMoved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[CursorMoved]) -> None:
        for revised, stretch in groupby(events, lambda event: event.revision > 0):
            if revised:
                for event in stretch:
                    _move(connection, event)
            else:
                replace_rows(connection, cursors, {(event.name,): _row(event) for event in stretch})

    async def get(self, name: str) -> Cursor | None:
        found = await self._found(select(cursors).where(cursors.c.name == name))
        return found[0] if found else None

    async def under(self, prefix: str) -> list[Cursor]:
        return await self._found(select(cursors).where(func.substr(cursors.c.name, 1, len(prefix)) == prefix).order_by(cursors.c.name))

    async def _found(self, query: Select[*tuple[Any, ...]]) -> list[Cursor]:
        return [Cursor(**row._mapping) for row in await self._reader.rows(query)]


def _row(event: CursorMoved) -> dict[str, Any] | None:
    return None if event.state is None else cursor_row(event)


def _move(connection: Connection, event: CursorMoved) -> None:
    """One statement decides, so that of two processes one is refused. Raises Conflict."""
    here, row, before = cursors.c.name == event.name, _row(event), event.revision - 1
    if row is None:
        changed = connection.execute(delete(cursors).where(here, cursors.c.revision == before)).rowcount
        done = changed == 1 or (before == 0 and connection.execute(select(cursors.c.revision).where(here)).first() is None)
    elif before == 0:
        insert = putting(cursors, connection.dialect.name)
        first = insert.on_conflict_do_update(index_elements=["name"], set_=row, where=cursors.c.revision == 0)
        done = connection.execute(first, row, execution_options={"preserve_rowcount": True}).rowcount == 1
    else:
        done = connection.execute(update(cursors).where(here, cursors.c.revision == before).values(row)).rowcount == 1
    if not done:
        raise outdated("cursor", event.name, connection.execute(select(cursors.c.revision).where(here)).scalar() or 0)
