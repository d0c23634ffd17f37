"""What detectors have learnt of their streams, so that a restart does not begin anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, and_, func, select

from engine.events import DetectorSaved
from engine.ports import Learnt
from storage.columns import row_of
from storage.latest import replace_rows
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import detectors
from storage.writer import Writer

detector_row = row_of(DetectorSaved)


class SqlDetectors:
    """Fulfils ``ports.Detectors``."""

    EVENTS: ClassVar[tuple[type, ...]] = (DetectorSaved,)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[DetectorSaved]) -> None:
        replace_rows(connection, detectors, {(event.stream,): None if event.state is None else detector_row(event) for event in events})

    async def get(self, stream: str) -> Learnt | None:
        row = await self._reader.row(select(detectors).where(detectors.c.stream == stream))
        return Learnt(**row._mapping) if row else None

    async def under(self, prefix: str) -> list[Learnt]:
        query = select(detectors).where(func.substr(detectors.c.stream, 1, len(prefix)) == prefix).order_by(detectors.c.stream)
        return [Learnt(**row._mapping) for row in await self._reader.rows(query)]

    async def prune(self, before: datetime, *, prefix: str = "") -> int:
        old = and_(detectors.c.at < before, func.substr(detectors.c.stream, 1, len(prefix)) == prefix)
        return await prune(self._writer, detectors.c.stream, old)
