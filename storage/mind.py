"""Traffic between things, the history of the map, and what was foretold of runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, ClassVar

from sqlalchemy import bindparam, delete, func, insert, or_, select, tuple_, update
from sqlalchemy.engine import Connection

from engine.events import ForetoldSettled, MapChanged, RunForetold, TrafficCounted
from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic, added
from engine.prediction.analytics.tally import AskTally
from engine.prediction.foretold import Foretold
from storage.columns import row_of
from storage.latest import putting
from storage.pruning import AT_ONCE, prune
from storage.reader import Reader
from storage.tables import foretold, map_changes, traffic
from storage.tallies import ask_tallies
from storage.writer import Writer

traffic_row, change_row, foretold_row = row_of(Traffic), row_of(MapChange), row_of(Foretold)
KEY = tuple(traffic.primary_key.columns)
NAMES = tuple(column.name for column in KEY)
SUMS = ("count", "failed", "micros")
CHANGE = (map_changes.c.at, map_changes.c.subject, map_changes.c.text, map_changes.c.by, map_changes.c.body)
SETTLE = (
    update(foretold)
    .where(foretold.c.run == bindparam("of"), foretold.c.succeeded.is_(None))
    .values(succeeded=bindparam("well"), ended_at=bindparam("ended"))
)


class SqlTraffic:
    """Fulfils ``ports.TrafficBook``."""

    EVENTS: ClassVar[tuple[type, ...]] = (TrafficCounted,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[TrafficCounted]) -> None:
        # In the order of their keys, so that two processes never wait for each other crosswise.
        rows = [traffic_row(row) for row in added(row for event in events for row in event.traffic)]
        if rows:
            connection.execute(_adding(connection.dialect.name), rows)

    async def between(self, since: datetime, until: datetime, *, source: str = "", target: str = "", limit: int = 200_000) -> list[Traffic]:
        query = select(traffic).where(traffic.c.at >= since, traffic.c.at < until)
        if source:
            query = query.where(traffic.c.source == source)
        if target:
            query = query.where(traffic.c.target == target)
        return [Traffic(**row._mapping) for row in await self._reader.rows(query.order_by(*KEY).limit(limit))]

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1) -> list[AskTally]:
        return await self._reader.read(lambda connection: ask_tallies(connection, since, until, slices))

    async def earliest(self) -> datetime | None:
        found = await self._reader.row(select(traffic.c.at).order_by(traffic.c.at).limit(1))
        return found[0] if found else None

    async def prune(self, before: datetime) -> int:
        statement = delete(traffic).where(tuple_(*KEY).in_(select(*KEY).where(traffic.c.at < before).limit(AT_ONCE)))
        total = gone = await self._writer.perform(lambda connection: connection.execute(statement).rowcount)
        while gone == AT_ONCE:
            gone = await self._writer.perform(lambda connection: connection.execute(statement).rowcount)
            total += gone
        return total


@lru_cache(maxsize=4)
def _adding(dialect: str) -> Any:
    """One statement, so that what two processes count at once is added up and nothing is lost."""
    insertion = putting(traffic, dialect)
    sums = {name: traffic.c[name] + insertion.excluded[name] for name in SUMS}
    return insertion.on_conflict_do_update(index_elements=list(NAMES), set_=sums)


class SqlMapChanges:
    """Fulfils ``ports.MapChanges``."""

    EVENTS: ClassVar[tuple[type, ...]] = (MapChanged,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[MapChanged]) -> None:
        rows = [change_row(change) for event in events for change in event.changes]
        if rows:
            connection.execute(insert(map_changes), rows)

    async def list(self, *, subject: str = "", since: datetime | None = None, limit: int = 100) -> list[MapChange]:
        query = select(*CHANGE).order_by(map_changes.c.at.desc(), map_changes.c.id.desc()).limit(limit)
        if since is not None:
            query = query.where(map_changes.c.at >= since)
        if subject:
            of = map_changes.c.subject
            begins = func.substr(of, 1, len(subject) + 1) == f"{subject}>"
            ends = (func.length(of) > len(subject)) & (func.substr(of, func.length(of) - len(subject), len(subject) + 1) == f">{subject}")
            query = query.where(or_(of == subject, begins, ends))
        return [MapChange(**row._mapping) for row in await self._reader.rows(query)]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, map_changes.c.id, map_changes.c.at < before)


class SqlForetold:
    """Fulfils ``ports.ForetoldRuns``."""

    EVENTS: ClassVar[tuple[type, ...]] = (RunForetold, ForetoldSettled)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[RunForetold | ForetoldSettled]) -> None:
        for kind, some in groupby(events, key=type):  # in their order: what is settled before it was foretold settles nothing
            if kind is RunForetold:
                said = [foretold_row(event.foretold) for event in some if isinstance(event, RunForetold)]
                connection.execute(putting(foretold, connection.dialect.name).on_conflict_do_nothing(index_elements=["run"]), said)
                continue
            for event in some:  # one after the other: of two ends of one run the first stands
                if isinstance(event, ForetoldSettled):
                    connection.execute(SETTLE, {"of": event.run, "well": event.succeeded, "ended": event.ended_at})

    async def get(self, run: str) -> Foretold | None:
        rows = await self._reader.rows(select(foretold).where(foretold.c.run == run))
        return Foretold(**rows[0]._mapping) if rows else None

    async def list(self, *, workflow: str = "", since: datetime | None = None, settled: bool = False, limit: int = 5_000) -> list[Foretold]:
        query = select(foretold).order_by(foretold.c.at.desc(), foretold.c.run.desc()).limit(limit)
        if workflow:
            query = query.where(foretold.c.workflow == workflow)
        if since is not None:
            query = query.where(foretold.c.at >= since)
        if settled:
            query = query.where(foretold.c.succeeded.is_not(None))
        return [Foretold(**row._mapping) for row in reversed(await self._reader.rows(query))]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, foretold.c.run, foretold.c.at < before)
