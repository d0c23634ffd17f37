"""How old rows go: some thousand at a time, so that nobody who writes meanwhile waits long."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, delete, select

from storage.writer import Writer

AT_ONCE = 5_000


async def prune(writer: Writer, key: Column[Any], old: ColumnElement[bool]) -> int:
    """Delete the rows of ``key``'s table that are ``old``; returns how many went."""
    statement = delete(key.table).where(key.in_(select(key).where(old).limit(AT_ONCE)))

    def some(connection: Connection) -> int:
        return connection.execute(statement).rowcount

    total = gone = await writer.perform(some)
    while gone == AT_ONCE:
        gone = await writer.perform(some)
        total += gone
    return total
