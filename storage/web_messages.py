"""Messages of the local web chat; a message keeps its place when it is edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, or_, select

from engine.events import WebMessageSaved
from storage.columns import row_of
from storage.latest import putting
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import web_messages
from storage.writer import Writer

message_row = row_of(WebMessageSaved)
MESSAGE = tuple(column for column in web_messages.c if column.name != "number")


class SqlWebMessages:
    """Fulfils ``ports.WebMessages``."""

    EVENTS: ClassVar[tuple[type, ...]] = (WebMessageSaved,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[WebMessageSaved]) -> None:
        message = putting(web_messages, connection.dialect.name)
        edited = {"text": message.excluded.text, "card": message.excluded.card}
        connection.execute(message.on_conflict_do_update(index_elements=["id"], set_=edited), [message_row(event) for event in events])

    async def get(self, message_id: str) -> WebMessageSaved | None:
        row = await self._reader.row(select(*MESSAGE).where(web_messages.c.id == message_id))
        return WebMessageSaved(**row._mapping) if row else None

    async def channels(self) -> list[str]:
        query = select(web_messages.c.channel).distinct().order_by(web_messages.c.channel)
        return [channel for (channel,) in await self._reader.rows(query)]

    async def list(self, channel: str, *, reader: str, limit: int = 100) -> list[WebMessageSaved]:
        newest = (
            select(*MESSAGE)
            .where(web_messages.c.channel == channel, or_(web_messages.c.only_for == "", web_messages.c.only_for == reader))
            .order_by(web_messages.c.at.desc(), web_messages.c.number.desc())
            .limit(limit)
        )
        return [WebMessageSaved(**row._mapping) for row in reversed(await self._reader.rows(newest))]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, web_messages.c.number, web_messages.c.at < before)
