"""Measurements of any series: the names once, the values by the number of their series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import Connection, Delete, bindparam, case, delete, func, select

from engine.events import MeasurementsTaken
from engine.monitoring.measurement import Measurement, first_of_each
from engine.ports import SeriesKnown
from storage.latest import putting
from storage.reader import Reader
from storage.tables import measurements, series
from storage.writer import Writer

NAMES_AT_ONCE = 500  # series in one statement, or pruned in one transaction
AGED: Delete = delete(measurements).where(measurements.c.series == bindparam("of"), measurements.c.at < bindparam("before"))


class SqlMeasurements:
    """Fulfils ``ports.Measurements``."""

    EVENTS: ClassVar[tuple[type, ...]] = (MeasurementsTaken,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[MeasurementsTaken]) -> None:
        taken = [measurement for event in events for measurement in event.measurements]
        if not taken:
            return
        numbers = _numbers(connection, taken)
        insert = putting(measurements, connection.dialect.name).on_conflict_do_nothing(index_elements=["series", "at"])
        rows = [{"series": numbers[one.series], "at": one.at, "value": one.value} for one in first_of_each(taken)]
        connection.execute(insert, sorted(rows, key=lambda row: (row["series"], row["at"])))

    async def known(self, *, prefix: str = "", limit: int = 10_000) -> list[SeriesKnown]:
        query = select(series.c.name, series.c.unit, series.c.last_at).order_by(series.c.name).limit(limit)
        if prefix:
            query = query.where(func.substr(series.c.name, 1, len(prefix)) == prefix)
        return [SeriesKnown(**row._mapping) for row in await self._reader.rows(query)]

    async def series(self, name: str, *, since: datetime, until: datetime, limit: int = 50_000, oldest: bool = False) -> list[Measurement]:
        query = (
            select(series.c.name.label("series"), measurements.c.at, measurements.c.value, series.c.unit)
            .join_from(measurements, series, series.c.number == measurements.c.series)
            .where(series.c.name == name, measurements.c.at >= since, measurements.c.at < until)
            .order_by(measurements.c.at.asc() if oldest else measurements.c.at.desc())
            .limit(limit)
        )
        rows = await self._reader.rows(query)
        return [Measurement(**row._mapping) for row in (rows if oldest else reversed(rows))]

    async def count(self) -> int:
        return int(
            await self._reader.read(lambda connection: connection.execute(select(func.count()).select_from(measurements)).scalar_one())
        )

    async def prune(self, before: datetime) -> int:
        numbers = [row.number for row in await self._reader.rows(select(series.c.number))]
        parts = [numbers[first : first + NAMES_AT_ONCE] for first in range(0, len(numbers), NAMES_AT_ONCE)]

        return sum([await self._writer.perform(partial(_aged, before, part)) for part in parts])


def _aged(before: datetime, numbers: Sequence[int], connection: Connection) -> int:
    gone = connection.execute(AGED, [{"of": number, "before": before} for number in numbers]).rowcount
    connection.execute(delete(series).where(series.c.number.in_(numbers), series.c.last_at < before))
    return gone


def _numbers(connection: Connection, taken: Sequence[Measurement]) -> dict[str, int]:
    """The number of each series; a new one gets its own. The unit that was said last stands; an empty one says none."""
    rows: dict[str, dict[str, Any]] = {}
    for one in taken:
        row = rows.setdefault(one.series, {"name": one.series, "unit": one.unit, "last_at": one.at})
        row["unit"] = one.unit or row["unit"]
        row["last_at"] = max(row["last_at"], one.at)
    insert = putting(series, connection.dialect.name)
    newer = insert.excluded.last_at > series.c.last_at
    unit = case((insert.excluded.unit != "", insert.excluded.unit), else_=series.c.unit)
    changed = {"unit": unit, "last_at": case((newer, insert.excluded.last_at), else_=series.c.last_at)}
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=changed), [rows[name] for name in sorted(rows)])
    names, found = list(rows), {}
    for first in range(0, len(names), NAMES_AT_ONCE):
        query = select(series.c.name, series.c.number).where(series.c.name.in_(names[first : first + NAMES_AT_ONCE]))
        found.update({row.name: row.number for row in connection.execute(query)})
    return found
