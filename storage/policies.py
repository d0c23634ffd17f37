"""Policies: what people set for the watch, one row each, replaced by each revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import Connection, Select, delete, insert, select, update

from engine.events import PolicySaved
from engine.ports import Policy
from storage.columns import row_of
from storage.conflicts import check_revision, outdated
from storage.reader import Reader
from storage.tables import policies

policy_row = row_of(PolicySaved)


class SqlPolicies:
    """Fulfils ``ports.Policies``."""

    EVENTS: ClassVar[tuple[type, ...]] = (PolicySaved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[PolicySaved]) -> None:
        for event in events:
            _save(connection, event)

    async def get(self, kind: str, id: str) -> Policy | None:
        found = await self._found(select(policies).where(policies.c.kind == kind, policies.c.id == id))
        return found[0] if found else None

    async def of(self, kind: str) -> list[Policy]:
        return await self._found(select(policies).where(policies.c.kind == kind).order_by(policies.c.id))

    async def _found(self, query: Select[*tuple[Any, ...]]) -> list[Policy]:
        return [Policy(**row._mapping) for row in await self._reader.rows(query)]


def _save(connection: Connection, event: PolicySaved) -> None:
    """Raises Conflict unless the revision is one more than the stored one (0 = none)."""
    here = (policies.c.kind == event.kind, policies.c.id == event.id)
    stored = connection.execute(select(policies.c.revision).where(*here)).scalar()
    check_revision(event.kind, event.id, event.revision, stored or 0)
    there = (*here, policies.c.revision == stored)
    if stored is None:
        if event.body is not None:
            connection.execute(insert(policies).values(policy_row(event)))
        return
    change = delete(policies).where(*there) if event.body is None else update(policies).where(*there).values(policy_row(event))
    if connection.execute(change).rowcount != 1:  # another process was faster than our look at it
        raise outdated(event.kind, event.id, event.revision)
