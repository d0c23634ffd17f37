"""Waits: which steps wait for which event, written in the transaction that says so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import ClassVar

from sqlalchemy import Connection, bindparam, delete, select

from engine.events import WaitClosed, WaitOpened
from storage.columns import row_of
from storage.latest import put_rows
from storage.reader import Reader
from storage.tables import waits

wait_row = row_of(WaitOpened)
CLOSE = delete(waits).where(waits.c.run == bindparam("of_run"), waits.c.step == bindparam("of_step"))


class SqlWaits:
    """Fulfils ``ports.Waits``."""

    EVENTS: ClassVar[tuple[type, ...]] = (WaitOpened, WaitClosed)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[WaitOpened | WaitClosed]) -> None:
        """A wait that is opened again keeps its age."""
        for kind, stretch in groupby(events, type):
            if kind is WaitOpened:
                rows = {(event.run, event.step): wait_row(event) for event in stretch}
                put_rows(connection, waits, ("run", "step"), list(rows.values()))
            else:
                connection.execute(CLOSE, [{"of_run": event.run, "of_step": event.step} for event in stretch])

    async def events(self) -> frozenset[str]:
        return frozenset(event for (event,) in await self._reader.rows(select(waits.c.event).distinct()))

    async def for_event(self, event: str) -> list[tuple[str, str]]:
        query = select(waits.c.run, waits.c.step).where(waits.c.event == event).order_by(waits.c.id)
        return [(run, step) for run, step in await self._reader.rows(query)]
