"""The inbox: what came in from outside, once each, and whether it was handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.events import Handled, Received
from engine.workflow.definition import Json
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import inbox
from storage.writer import Writer

# What was in it is of no use once it is handled; that it came must be known until pruned.
HANDLE = update(inbox).where(inbox.c.key == bindparam("of")).values(handled=True, payload={})


class SqlInbox:
    """Fulfils ``ports.Inbox``."""

    EVENTS: ClassVar[tuple[type, ...]] = (Received, Handled)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[Received | Handled]) -> None:
        for kind, stretch in groupby(events, type):
            if kind is Received:
                connection.execute(insert(inbox), [_row(event) for event in stretch if isinstance(event, Received)])
            else:
                connection.execute(HANDLE, [{"of": event.key} for event in stretch])

    async def unhandled(self) -> list[tuple[str, Mapping[str, Json]]]:
        query = select(inbox.c.key, inbox.c.payload).where(inbox.c.handled.is_(False)).order_by(inbox.c.id)
        return [(key, payload) for key, payload in await self._reader.rows(query)]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, inbox.c.id, inbox.c.handled.is_(True) & (inbox.c.at < before))


def _row(event: Received) -> dict[str, object]:
    return {"key": event.key, "at": event.at, "payload": event.payload, "handled": False}
