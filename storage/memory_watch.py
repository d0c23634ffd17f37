"""Policies and what detectors have learnt, in dictionaries."""

from __future__ import annotations

from datetime import datetime

from engine.events import DetectorSaved, PolicySaved
from engine.ports import Learnt, Policy
from storage.book import Book, Undo, dropped
from storage.conflicts import check_revision


class MemoryPolicies:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[tuple[str, str], Policy] = Book(undo)

    def apply(self, event: PolicySaved) -> None:
        stored = self._rows.get((event.kind, event.id))
        check_revision(event.kind, event.id, event.revision, stored.revision if stored else 0)
        if event.body is None:
            self._rows.drop((event.kind, event.id))
        else:
            self._rows.put((event.kind, event.id), Policy(event.kind, event.id, event.body, event.at, event.revision))

    async def get(self, kind: str, id: str) -> Policy | None:
        return self._rows.get((kind, id))

    async def of(self, kind: str) -> list[Policy]:
        return [self._rows[key] for key in sorted(self._rows) if key[0] == kind]


class MemoryDetectors:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, Learnt] = Book(undo)

    def apply(self, event: DetectorSaved) -> None:
        if event.state is None:
            self._rows.drop(event.stream)
        else:
            self._rows.put(event.stream, Learnt(event.stream, event.state, event.at))

    async def get(self, stream: str) -> Learnt | None:
        return self._rows.get(stream)

    async def under(self, prefix: str) -> list[Learnt]:
        return [self._rows[stream] for stream in sorted(self._rows) if stream.startswith(prefix)]

    async def prune(self, before: datetime, *, prefix: str = "") -> int:
        return dropped(self._rows, lambda learnt: learnt.at < before and learnt.stream.startswith(prefix))
