"""How rows are replaced where the last write wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, insert


def replace_rows(connection: Connection, table: Table, rows: Mapping[tuple[str, ...], Mapping[str, Any] | None]) -> None:
    """``rows`` by primary key; None removes. The mapping has kept the last write of each key already."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    by_key = and_(*(table.c[name] == bindparam(f"old_{name}") for name in keys))
    connection.execute(delete(table).where(by_key), [{f"old_{n}": v for n, v in zip(keys, key, strict=True)} for key in rows])
    kept = [row for row in rows.values() if row is not None]
    if kept:
        connection.execute(insert(table), kept)
