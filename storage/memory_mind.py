"""Traffic, the history of the map and what was foretold, in dictionaries."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.events import ForetoldSettled, MapChanged, RunForetold, TrafficCounted
from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic, TrafficKey, plus
from engine.prediction.analytics.tally import AskTally
from engine.prediction.foretold import Foretold
from storage.book import Book, Undo, dropped, newest
from storage.memory_tallies import ask_tallies


class MemoryTraffic:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[TrafficKey, Traffic] = Book(undo)

    def apply(self, event: TrafficCounted) -> None:
        for row in event.traffic:
            there = self._rows.get(row.key)
            self._rows.put(row.key, row if there is None else plus(there, row))

    async def between(self, since: datetime, until: datetime, *, source: str = "", target: str = "", limit: int = 200_000) -> list[Traffic]:
        found = [self._rows[key] for key in sorted(self._rows) if since <= key[0] < until]
        return [row for row in found if source in ("", row.source) and target in ("", row.target)][:limit]

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1) -> list[AskTally]:
        return ask_tallies(self._rows.values(), since, until, slices)

    async def earliest(self) -> datetime | None:
        return min((row.at for row in self._rows.values()), default=None)

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda row: row.at < before)


class MemoryMapChanges:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[int, MapChange] = Book(undo)
        self._next = 0

    def apply(self, event: MapChanged) -> None:
        for change in event.changes:
            self._next += 1
            self._rows.put(self._next, change)

    async def list(self, *, subject: str = "", since: datetime | None = None, limit: int = 100) -> list[MapChange]:
        numbered = sorted(self._rows.items(), key=lambda item: (item[1].at, item[0]), reverse=True)
        found = [change for _, change in numbered if since is None or change.at >= since]
        return [change for change in found if not subject or _about(change.subject, subject)][:limit]

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda change: change.at < before)


def _about(subject: str, wanted: str) -> bool:
    return subject == wanted or subject.startswith(f"{wanted}>") or subject.endswith(f">{wanted}")


class MemoryForetold:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, Foretold] = Book(undo)

    def foretell(self, event: RunForetold) -> None:
        if event.foretold.run not in self._rows:
            self._rows.put(event.foretold.run, event.foretold)

    def settle(self, event: ForetoldSettled) -> None:
        there = self._rows.get(event.run)
        if there is not None and there.succeeded is None:
            self._rows.put(event.run, replace(there, succeeded=event.succeeded, ended_at=event.ended_at))

    async def get(self, run: str) -> Foretold | None:
        return self._rows.get(run)

    async def list(self, *, workflow: str = "", since: datetime | None = None, settled: bool = False, limit: int = 5_000) -> list[Foretold]:
        found = [row for row in self._rows.values() if workflow in ("", row.workflow) and (since is None or row.at >= since)]
        known = [row for row in found if row.succeeded is not None or not settled]
        return newest(sorted(known, key=lambda row: (row.at, row.run)), limit)

    async def prune(self, before: datetime) -> int:
        return dropped(self._rows, lambda row: row.at < before)
