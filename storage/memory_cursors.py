"""Cursors in a dictionary."""

from __future__ import annotations

from engine.events import CursorMoved
from engine.ports import Cursor
from storage.book import Book, Undo
from storage.conflicts import check_revision


class MemoryCursors:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, Cursor] = Book(undo)

    def move(self, event: CursorMoved) -> None:
        stored = self._rows.get(event.name)
        if event.revision:
            check_revision("cursor", event.name, event.revision, stored.revision if stored else 0)
        if event.state is None:
            self._rows.drop(event.name)
        else:
            self._rows.put(event.name, Cursor(event.name, event.state, event.at, event.revision))

    async def get(self, name: str) -> Cursor | None:
        return self._rows.get(name)

    async def under(self, prefix: str) -> list[Cursor]:
        return [self._rows[name] for name in sorted(self._rows) if name.startswith(prefix)]
