"""Kept files and the sandbox's things in dictionaries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from engine.files import over
from engine.ports import Clock, StoredFile, Thing
from storage.files import described, missing
from storage.things import KEPT, MOST


class MemoryFiles:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[str, tuple[StoredFile, bytes]] = {}

    async def keep(self, name: str, content: bytes, *, media_type: str = "", by: str = "") -> StoredFile:
        file = described(name, content, media_type, by, self._clock)
        for gone in over([(id, known.size) for id, (known, _) in self._rows.items()], file.size):
            del self._rows[gone]
        self._rows[file.id] = (file, content)
        return file

    async def get(self, file_id: str) -> StoredFile | None:
        known = self._rows.get(file_id)
        return known[0] if known else None

    async def read(self, file_id: str) -> bytes:
        if file_id not in self._rows:
            raise missing(file_id)
        return self._rows[file_id][1]

    async def prune(self, before: datetime, *, needed: Collection[str] = ()) -> int:
        gone = [id for id, (file, _) in self._rows.items() if file.at < before and id not in needed]
        for id in gone:
            del self._rows[id]
        return len(gone)


class MemoryThings:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[tuple[str, str, str], Thing] = {}

    async def keep(self, *things: Thing) -> None:
        for thing in things:
            self._rows[thing.service, thing.kind, thing.id] = thing

    async def get(self, service: str, kind: str, id: str) -> Thing | None:
        return self._rows.get((service, kind, id))

    async def of(self, service: str) -> list[Thing]:
        return self._newest(service)[:MOST]

    def since(self) -> datetime:
        return self._clock.now() - KEPT

    async def prune(self) -> int:
        old = {key for key, thing in self._rows.items() if thing.at < self.since()}
        for service in {thing.service for thing in self._rows.values()}:
            old |= {(thing.service, thing.kind, thing.id) for thing in self._newest(service)[MOST:]}
        for key in old:
            del self._rows[key]
        return len(old)

    def _newest(self, service: str) -> list[Thing]:
        found = [thing for thing in self._rows.values() if thing.service == service and thing.kind]
        found.reverse()  # of those made at the same moment, the later one first
        found.sort(key=lambda thing: thing.at, reverse=True)
        return found
