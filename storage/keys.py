"""Idempotency keys of steps: who claimed each first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Connection, select

from engine.events import KeyClaimed
from storage.columns import row_of
from storage.conflicts import claimed
from storage.latest import putting
from storage.reader import Reader
from storage.tables import claims

claim_row = row_of(KeyClaimed)


class SqlKeys:
    """Fulfils ``ports.Keys``."""

    EVENTS: ClassVar[tuple[type, ...]] = (KeyClaimed,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[KeyClaimed]) -> None:
        """One statement each, so that it is also right while another process claims the same key; the first claim's time stays."""
        insert = putting(claims, connection.dialect.name)
        same = (claims.c.run == insert.excluded.run) & (claims.c.step == insert.excluded.step)
        claim = insert.on_conflict_do_update(index_elements=["key"], set_={"step": claims.c.step}, where=same).execution_options(
            preserve_rowcount=True
        )
        for event in events:
            if connection.execute(claim, claim_row(event)).rowcount != 1:
                run, step = connection.execute(select(claims.c.run, claims.c.step).where(claims.c.key == event.key)).one()
                raise claimed(event.key, run, step)

    async def holder(self, key: str) -> tuple[str, str] | None:
        row = await self._reader.row(select(claims.c.run, claims.c.step).where(claims.c.key == key))
        return (row.run, row.step) if row else None
