"""What came in and what was said, in dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engine.events import DialogueSaved, Handled, Received, WebMessageSaved
from engine.workflow.definition import Json
from storage.book import Book, Undo, dropped, newest
from storage.conflicts import exists_already
from storage.kept import DELIVERIES


class MemoryInbox:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, tuple[Received, bool]] = Book(undo)

    def receive(self, event: Received) -> None:
        if event.key in self._rows:
            raise exists_already("delivery", event.key)
        self._rows.put(event.key, (event, False))

    def handle(self, event: Handled) -> None:
        if event.key in self._rows:
            received, _ = self._rows[event.key]
            kept = received if event.key.startswith(DELIVERIES) else replace(received, payload={})
            self._rows.put(event.key, (kept, True))

    async def unhandled(self) -> list[tuple[str, Mapping[str, Json]]]:
        return [(key, row.payload) for key, (row, handled) in self._rows.items() if not handled]

    async def between(self, since: datetime, until: datetime, *, prefix: str, limit: int) -> list[tuple[datetime, Mapping[str, Json]]]:
        found = [(row.at, row.payload) for key, (row, _) in self._rows.items() if since <= row.at < until and key.startswith(prefix)]
        return newest(sorted(found, key=lambda row: row[0]), limit)

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda kept: kept[1] and kept[0].at < before)


class MemoryDialogues:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, tuple[Mapping[str, Json], datetime]] = Book(undo)

    def apply(self, event: DialogueSaved) -> None:
        if event.expires_at is None:
            self._rows.drop(event.key)
        else:
            self._rows.put(event.key, (event.state, event.expires_at))

    async def get(self, key: str, now: datetime) -> Mapping[str, Json] | None:
        state, expires_at = self._rows.get(key, (None, now))
        return state if expires_at > now else None

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda kept: kept[1] < before)


class MemoryWebMessages:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, WebMessageSaved] = Book(undo)

    def apply(self, event: WebMessageSaved) -> None:
        old = self._rows.get(event.id)
        self._rows.put(event.id, event if old is None else replace(old, text=event.text, card=event.card))

    async def get(self, message_id: str) -> WebMessageSaved | None:
        return self._rows.get(message_id)

    async def channels(self) -> list[str]:
        return sorted({row.channel for row in self._rows.values()})

    async def list(self, channel: str, *, reader: str, limit: int = 100) -> list[WebMessageSaved]:
        seen = [row for row in self._rows.values() if row.channel == channel and row.only_for in ("", reader)]
        return newest(sorted(seen, key=lambda row: row.at), limit)

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda row: row.at < before)
