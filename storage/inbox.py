"""The inbox: what came in from outside, once each, and whether it was handled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import ClassVar

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, insert, literal, select, update

from engine.events import Handled, Received
from engine.workflow.definition import Json
from storage.columns import JsonText
from storage.kept import DELIVERIES
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import inbox
from storage.writer import Writer

EMPTY: Mapping[str, Json] = {}


def _under(prefix: str) -> ColumnElement[bool]:
    return func.substr(inbox.c.key, 1, len(prefix)) == prefix


# That it came must be known until pruned. What a service sent can be tried again on a changed workflow till then; what people said is of no use.
HANDLE = (
    update(inbox)
    .where(inbox.c.key == bindparam("of"))
    .values(handled=True, payload=case((_under(DELIVERIES), inbox.c.payload), else_=literal(EMPTY, JsonText)))
)


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

    async def between(self, since: datetime, until: datetime, *, prefix: str, limit: int) -> list[tuple[datetime, Mapping[str, Json]]]:
        # ``handled`` is either, and named so that its index finds the stretch of time.
        there = (inbox.c.handled.in_((False, True)), inbox.c.at >= since, inbox.c.at < until, _under(prefix))
        newest = select(inbox.c.at, inbox.c.payload).where(*there).order_by(inbox.c.at.desc(), inbox.c.id.desc()).limit(limit)
        return [(at, payload) for at, payload in reversed(await self._reader.rows(newest))]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, inbox.c.id, inbox.c.handled.is_(True) & (inbox.c.at < before))


def _row(event: Received) -> dict[str, object]:
    return {"key": event.key, "at": event.at, "payload": event.payload, "handled": False}
