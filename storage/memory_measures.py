"""Rollups and measurements in dictionaries."""

from __future__ import annotations

from datetime import datetime

from engine.events import MeasurementsTaken, RollupsSaved
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import Key, Rollup, Span
from engine.ports import SeriesKnown
from storage.book import Book, Undo, dropped, newest


class MemoryRollups:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[Key, Rollup] = Book(undo)

    def apply(self, event: RollupsSaved) -> None:
        for rollup in event.rollups:
            self._rows.put(rollup.key, rollup)

    async def series(
        self, service: str, span: Span, *, since: datetime, until: datetime, account: str | None = None, limit: int = 200_000
    ) -> list[Rollup]:
        found = await self.between(span, since, until, limit=len(self._rows))
        return [row for row in found if row.service == service and account in (None, row.account)][:limit]

    async def between(self, span: Span, since: datetime, until: datetime, *, limit: int = 200_000) -> list[Rollup]:
        return [self._rows[key] for key in sorted(self._rows) if key[0] is span and since <= key[1] < until][:limit]

    async def prune(self, span: Span, before: datetime) -> int:
        return dropped(self._rows, lambda row: row.span is span and row.at < before)


class MemoryMeasurements:
    def __init__(self, undo: Undo) -> None:
        self._series: Book[str, SeriesKnown] = Book(undo)
        self._rows: Book[tuple[str, datetime], float] = Book(undo)

    def apply(self, event: MeasurementsTaken) -> None:
        for one in event.measurements:
            known = self._series.get(one.series)
            unit = one.unit or (known.unit if known else "")
            self._series.put(one.series, SeriesKnown(one.series, unit, max(known.last_at, one.at) if known else one.at))
            if (one.series, one.at) not in self._rows:
                self._rows.put((one.series, one.at), one.value)

    async def known(self, *, prefix: str = "", limit: int = 10_000) -> list[SeriesKnown]:
        return [self._series[name] for name in sorted(self._series) if name.startswith(prefix)][:limit]

    async def series(self, name: str, *, since: datetime, until: datetime, limit: int = 50_000, oldest: bool = False) -> list[Measurement]:
        found = sorted((at, value) for (of, at), value in self._rows.items() if of == name and since <= at < until)
        return [Measurement(name, at, value, self._series[name].unit) for at, value in (found[:limit] if oldest else newest(found, limit))]

    async def count(self) -> int:
        return len(self._rows)

    async def prune(self, before: datetime) -> int:
        gone = [key for key in self._rows if key[1] < before]
        for key in gone:
            del self._rows[key]
        dropped(self._series, lambda known: known.last_at < before)
        return len(gone)
