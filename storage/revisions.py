"""How a versioned record is replaced: by its next revision or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from storage.conflicts import check_revision


def save_next(connection: Connection, table: Table, noun: str, row: Mapping[str, Any]) -> None:
    """``row`` carries ``id`` and ``revision``. Raises Conflict unless the revision is one more than the stored one (0 = none)."""
    stored = connection.execute(select(table.c.revision).where(table.c.id == row["id"])).scalar()
    check_revision(noun, row["id"], row["revision"], stored or 0)
    if stored is None:
        connection.execute(insert(table).values(row))
    else:
        connection.execute(update(table).where(table.c.id == row["id"]).values(row))
