"""How rows are written where the last write wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Delete, Table, and_, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite


@lru_cache(maxsize=200)
def putting(table: Table, dialect: str) -> Any:
    """An insert that can be told what to do where the row is there already; one statement, so two processes never trip over each other."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@lru_cache(maxsize=200)
def _putting_over(table: Table, dialect: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> Any:
    insert = putting(table, dialect)
    changed = {name: insert.excluded[name] for name in columns if name not in keys}
    return insert.on_conflict_do_update(index_elements=list(keys), set_=changed)


@lru_cache(maxsize=200)
def _removing(table: Table, keys: tuple[str, ...]) -> Delete:
    return delete(table).where(and_(*(table.c[name] == bindparam(f"old_{name}") for name in keys)))


def put_rows(connection: Connection, table: Table, keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, or replace those whose ``keys`` (a unique constraint) are there; all have the same columns."""
    if rows:
        connection.execute(_putting_over(table, connection.dialect.name, keys, tuple(rows[0])), rows)


def replace_rows(connection: Connection, table: Table, rows: Mapping[tuple[str, ...], Mapping[str, Any] | None]) -> None:
    """``rows`` by primary key; None removes. The mapping has kept the last write of each key already.

    They are taken in the order of their keys, so that two processes never wait for each other crosswise.
    """
    keys = tuple(column.name for column in table.primary_key.columns)
    gone = [
        {f"old_{name}": part for name, part in zip(keys, key, strict=True)} for key, row in sorted(rows.items(), key=_key) if row is None
    ]
    if gone:
        connection.execute(_removing(table, keys), gone)
    put_rows(connection, table, keys, [row for _, row in sorted(rows.items(), key=_key) if row is not None])


def _key(item: tuple[tuple[str, ...], object]) -> tuple[str, ...]:
    return item[0]
