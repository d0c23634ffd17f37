"""Members: who may do what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from sqlalchemy import Connection, select

from engine.events import MemberSaved
from engine.parties import Role
from storage.columns import row_of
from storage.latest import replace_rows
from storage.reader import Reader
from storage.tables import members

member_row = row_of(MemberSaved)


class SqlMembers:
    """Fulfils ``ports.Members``."""

    EVENTS: ClassVar[tuple[type, ...]] = (MemberSaved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[MemberSaved]) -> None:
        replace_rows(connection, members, {(event.actor,): member_row(event) for event in events})

    async def role(self, actor_id: str) -> Role | None:
        row = await self._reader.row(select(members.c.role).where(members.c.actor == actor_id))
        return row.role if row else None

    async def admins(self) -> Mapping[str, str]:
        query = select(members.c.actor, members.c.name).where(members.c.role == Role.ADMIN).order_by(members.c.actor)
        return {row.actor: row.name for row in await self._reader.rows(query)}
