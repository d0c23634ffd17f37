"""Alerts: one row a life, replaced by each revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Connection, select

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState
from storage.columns import row_of
from storage.reader import Query, Reader
from storage.revisions import save_next
from storage.tables import alerts

alert_row = row_of(Alert)
NEWEST_FIRST: Query = select(alerts).order_by(alerts.c.opened_at.desc(), alerts.c.id.desc())


class SqlAlerts:
    """Fulfils ``ports.Alerts``."""

    EVENTS: ClassVar[tuple[type, ...]] = (AlertSaved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[AlertSaved]) -> None:
        for event in events:
            save_next(connection, alerts, "alert", alert_row(event.alert))

    async def get(self, alert_id: str) -> Alert | None:
        row = await self._reader.row(select(alerts).where(alerts.c.id == alert_id))
        return Alert(**row._mapping) if row else None

    async def latest(self, fingerprint: str) -> Alert | None:
        row = await self._reader.row(NEWEST_FIRST.where(alerts.c.fingerprint == fingerprint).limit(1))
        return Alert(**row._mapping) if row else None

    async def list(self, *, service: str = "", severity: str = "", states: Sequence[AlertState] = (), limit: int = 50) -> list[Alert]:
        query = NEWEST_FIRST.limit(limit)
        if service:
            query = query.where(alerts.c.service == service)
        if severity:
            query = query.where(alerts.c.severity == severity)
        if states:
            query = query.where(alerts.c.state.in_(states))
        return [Alert(**row._mapping) for row in await self._reader.rows(query)]
