"""Drafts: what waits for a human's Confirm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, select

from engine.events import DraftSaved
from engine.workflow.definition import Draft
from storage.columns import row_of
from storage.definitions import from_text, to_text
from storage.pruning import prune
from storage.reader import Reader
from storage.revisions import save_next
from storage.tables import drafts
from storage.writer import Writer

draft_row = row_of(Draft)


class SqlDrafts:
    """Fulfils ``ports.Drafts``."""

    EVENTS: ClassVar[tuple[type, ...]] = (DraftSaved,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[DraftSaved]) -> None:
        for event in events:
            row = draft_row(event.draft)
            if event.draft.definition is not None:
                row["definition"] = to_text(event.draft.definition)
            save_next(connection, drafts, "draft", row)

    async def get(self, draft_id: str) -> Draft | None:
        row = await self._reader.row(select(drafts).where(drafts.c.id == draft_id))
        if row is None:
            return None
        fields = dict(row._mapping)
        if fields["definition"] is not None:
            fields["definition"] = from_text(fields["definition"])
        return Draft(**fields)

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, drafts.c.id, (drafts.c.asked_at < before) & (drafts.c.expires_at < before))
