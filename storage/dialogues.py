"""Dialogues: what was asked back of whom, and until when it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, select

from engine.events import DialogueSaved
from engine.workflow.definition import Json
from storage.latest import replace_rows
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import dialogues
from storage.writer import Writer


class SqlDialogues:
    """Fulfils ``ports.Dialogues``."""

    EVENTS: ClassVar[tuple[type, ...]] = (DialogueSaved,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[DialogueSaved]) -> None:
        replace_rows(connection, dialogues, {(event.key,): _row(event) for event in events})

    async def get(self, key: str, now: datetime) -> Mapping[str, Json] | None:
        row = await self._reader.row(select(dialogues.c.state).where(dialogues.c.key == key, dialogues.c.expires_at > now))
        return row.state if row else None

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, dialogues.c.key, dialogues.c.expires_at < before)


def _row(event: DialogueSaved) -> dict[str, Any] | None:
    return None if event.expires_at is None else {"key": event.key, "state": event.state, "expires_at": event.expires_at}
