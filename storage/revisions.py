"""How a versioned record is replaced: by its next revision or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from storage.conflicts import check_revision, outdated


def save_next(connection: Connection, table: Table, noun: str, row: Mapping[str, Any]) -> None:
    """``row`` carries ``id`` and ``revision``. Raises Conflict unless the revision is one more than the stored one (0 = none)."""
    stored = connection.execute(select(table.c.revision).where(table.c.id == row["id"])).scalar()
    check_revision(noun, row["id"], row["revision"], stored or 0)
    if stored is None:
        connection.execute(insert(table).values(row))
    else:
        replace_at(connection, table, noun, row, stored)


def replace_at(connection: Connection, table: Table, noun: str, row: Mapping[str, Any], stored: int) -> None:
    """Replace the row if it still stands at revision ``stored``: another process may have been faster than our look at it."""
    there = (table.c.id == row["id"], table.c.revision == stored)
    if connection.execute(update(table).where(*there).values(row)).rowcount != 1:
        raise outdated(noun, row["id"], stored + 1)
