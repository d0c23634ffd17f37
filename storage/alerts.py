"""Alerts: one row a life, replaced by each revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Row, and_, or_, select

from engine.events import AlertSaved
from engine.monitoring.alert import Alert, AlertState, Ruling
from storage.columns import row_of
from storage.reader import Query, Reader
from storage.revisions import save_next
from storage.tables import MEMBER, OPEN, TIMED, alerts

_row = row_of(Alert)
NEWEST_FIRST: Query = select(alerts).order_by(alerts.c.opened_at.desc(), alerts.c.id.desc())
OLDEST_FIRST = (alerts.c.opened_at, alerts.c.id)


def alert_row(alert: Alert) -> dict[str, Any]:
    """An alert as its row."""
    return {**_row(alert), "trace": [[ruling.stage, ruling.outcome, ruling.because] for ruling in alert.trace]}


def _alert(row: Row[*tuple[Any, ...]]) -> Alert:
    return Alert(**{**row._mapping, "trace": tuple(Ruling(*ruling) for ruling in row._mapping["trace"])})


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
        return _alert(row) if row else None

    async def latest(self, fingerprint: str) -> Alert | None:
        row = await self._reader.row(NEWEST_FIRST.where(alerts.c.fingerprint == fingerprint).limit(1))
        return _alert(row) if row else None

    async def of_incident(self, leader: str) -> list[Alert]:
        query = select(alerts).where(or_(alerts.c.id == leader, and_(MEMBER, alerts.c.incident == leader))).order_by(*OLDEST_FIRST)
        return [_alert(row) for row in await self._reader.rows(query)]

    async def due(self, now: datetime, *, limit: int = 200) -> list[Alert]:
        query = select(alerts).where(TIMED, alerts.c.due_at <= now).order_by(alerts.c.due_at, alerts.c.id).limit(limit)
        return [_alert(row) for row in await self._reader.rows(query)]

    async def between(self, since: datetime, until: datetime, *, limit: int = 5_000) -> list[Alert]:
        there = and_(alerts.c.opened_at < until, or_(OPEN, alerts.c.resolved_at >= since))
        return [_alert(row) for row in reversed(await self._reader.rows(NEWEST_FIRST.where(there).limit(limit)))]

    async def list(self, *, service: str = "", severity: str = "", states: Sequence[AlertState] = (), limit: int = 50) -> list[Alert]:
        query = NEWEST_FIRST.limit(limit)
        if service:
            query = query.where(alerts.c.service == service)
        if severity:
            query = query.where(alerts.c.severity == severity)
        if states:
            query = query.where(alerts.c.state.in_(states))
        return [_alert(row) for row in await self._reader.rows(query)]
