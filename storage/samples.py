"""Samples, and what the monitor remembers of each account between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection, insert, select

from engine.events import SamplesTaken, ServiceStateSaved
from engine.monitoring.alert import ServiceState
from engine.monitoring.sample import Sample
from storage.columns import row_of
from storage.latest import replace_rows
from storage.pruning import prune
from storage.reader import Reader
from storage.tables import samples, service_states
from storage.writer import Writer

sample_row = row_of(Sample)
state_row = row_of(ServiceState)
SAMPLE = tuple(column for column in samples.c if column.name != "id")


class SqlSamples:
    """Fulfils ``ports.Samples``."""

    EVENTS: ClassVar[tuple[type, ...]] = (SamplesTaken, ServiceStateSaved)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[SamplesTaken | ServiceStateSaved]) -> None:
        taken = [sample_row(sample) for event in events if isinstance(event, SamplesTaken) for sample in event.samples]
        states = [event.state for event in events if isinstance(event, ServiceStateSaved)]
        if taken:
            connection.execute(insert(samples), taken)
        replace_rows(connection, service_states, {(state.service, state.account): state_row(state) for state in states})

    async def recent(self, service: str, *, since: datetime, limit: int = 500) -> list[Sample]:
        newest = (
            select(*SAMPLE)
            .where(samples.c.service == service, samples.c.at >= since)
            .order_by(samples.c.at.desc(), samples.c.id.desc())
            .limit(limit)
        )
        return [Sample(**row._mapping) for row in reversed(await self._reader.rows(newest))]

    async def between(self, since: datetime, until: datetime, *, service: str = "", skip: int = 0, limit: int = 5_000) -> list[Sample]:
        query = select(*SAMPLE).where(samples.c.at >= since, samples.c.at < until)
        if service:
            query = query.where(samples.c.service == service)
        query = query.order_by(samples.c.at, samples.c.id).offset(skip).limit(limit)
        return [Sample(**row._mapping) for row in await self._reader.rows(query)]

    async def states(self) -> list[ServiceState]:
        query = select(service_states).order_by(service_states.c.service, service_states.c.account)
        return [ServiceState(**row._mapping) for row in await self._reader.rows(query)]

    async def prune(self, before: datetime) -> int:
        return await prune(self._writer, samples.c.id, samples.c.at < before)
