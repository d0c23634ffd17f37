"""Schedules: when each workflow is due next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from engine.events import NextFireSet
from storage.latest import replace_rows
from storage.reader import Reader
from storage.tables import schedules


class SqlSchedules:
    """Fulfils ``ports.Schedules``."""

    EVENTS: ClassVar[tuple[type, ...]] = (NextFireSet,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[NextFireSet]) -> None:
        replace_rows(connection, schedules, {(event.workflow,): _row(event) for event in events})

    async def all(self) -> Mapping[str, datetime]:
        rows = await self._reader.rows(select(schedules.c.workflow, schedules.c.at).order_by(schedules.c.workflow))
        return {row.workflow: row.at for row in rows}


def _row(event: NextFireSet) -> dict[str, Any] | None:
    return None if event.at is None else {"workflow": event.workflow, "at": event.at}
