"""Postings: which cards are to stand where, and which do; the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Delete, Update, and_, delete, func, or_, select

from engine.events import (
    Posting,
    PostingPutOff,
    PostingSent,
    PostingSettled,
    PostingState,
    PostingsTouched,
    PostingWanted,
    Priority,
)
from engine.parties import Address, MessageRef
from engine.ports import Clock
from storage import posting_changes as changes
from storage import posting_rules as rules
from storage.conflicts import unknown
from storage.kept import EPOCH, MICROSECOND
from storage.pruning import AT_ONCE
from storage.reader import AnyRow, Reader
from storage.tables import OPEN, UNFINISHED, alerts, postings, runs
from storage.writer import Writer

STATEMENTS: dict[type, Update] = {PostingSent: changes.SEND, PostingSettled: changes.SETTLE, PostingPutOff: changes.PUT_OFF}
NOT_YET_NUMBERED = 0
TURN = (postings.c.priority, postings.c.since, postings.c.id)


def _ready(now: datetime) -> ColumnElement[bool]:
    return and_(postings.c.state == int(PostingState.WANTED), or_(postings.c.not_before.is_(None), postings.c.not_before <= now))


class SqlPostings:
    """Fulfils ``ports.Postings``."""

    EVENTS: ClassVar[tuple[type, ...]] = (PostingWanted, PostingsTouched, PostingSent, PostingSettled, PostingPutOff)

    def __init__(self, reader: Reader, writer: Writer, clock: Clock) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = clock
        self._turn = 0  # only the writer's thread counts

    def apply(self, connection: Connection, events: Sequence[Any]) -> None:
        # The time in microseconds, so that turns grow over restarts and are nearly one over several processes; never the same twice.
        self._turn = max(self._turn, (self._clock.now() - EPOCH) // MICROSECOND)
        for kind, stretch in groupby(events, type):
            if kind is PostingsTouched:
                connection.execute(changes.TOUCH, [changes.touched(event, self._next_turn()) for event in stretch])
            elif kind is PostingWanted:
                cards = [changes.wanted(rules.first_wanted(NOT_YET_NUMBERED, event), self._next_turn()) for event in stretch]
                connection.execute(changes.WANT[connection.dialect.name], cards)
            else:
                self._tell(connection, kind, [changes.told(event, self._next_turn()) for event in stretch])

    def _tell(self, connection: Connection, kind: type, told: list[dict[str, Any]]) -> None:
        if connection.execute(STATEMENTS[kind], told).rowcount != len(told):
            known = set(connection.scalars(select(postings.c.id).where(postings.c.id.in_([row["of"] for row in told]))))
            raise unknown("posting", ", ".join(str(row["of"]) for row in told if row["of"] not in known))

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    async def census(self) -> Mapping[PostingState, int]:
        waiting = postings.c.state.in_([int(state) for state in PostingState if state is not PostingState.SETTLED])
        rows = await self._reader.rows(select(postings.c.state, func.count()).where(waiting).group_by(postings.c.state))
        return {PostingState(state): count for state, count in rows}

    async def prune(self, before: datetime) -> int:
        """A card of a run or an alert that is not over yet stays, however old: it is edited when that goes on."""
        settled = postings.c.state.between(int(PostingState.SETTLED), int(PostingState.FAILED))
        old = (settled, postings.c.since < (before - EPOCH) // MICROSECOND)
        alive = [run_id for (run_id,) in await self._reader.rows(select(runs.c.id).where(UNFINISHED, runs.c.started_at < before))]
        alive += [alert_id for (alert_id,) in await self._reader.rows(select(alerts.c.id).where(OPEN, alerts.c.opened_at < before))]
        total, last = 0, 0
        while True:
            query = select(postings.c.id, postings.c.subject).where(*old, postings.c.id > last).order_by(postings.c.id).limit(AT_ONCE)
            found = await self._reader.rows(query)
            gone = [number for number, subject in found if not any(id in subject for id in alive)]
            if gone:
                statement = delete(postings).where(*old, postings.c.id.in_(gone))
                total += await self._writer.perform(partial(_count_deleted, statement=statement))
            if len(found) < AT_ONCE:
                return total
            last = found[-1].id

    async def due(self, now: datetime, *, limit: int = 100) -> list[Posting]:
        query = select(postings).where(_ready(now)).order_by(*TURN).limit(limit)
        return [_posting(row) for row in await self._reader.rows(query)]

    async def heads(self, now: datetime) -> list[Posting]:
        place = func.row_number().over(partition_by=(postings.c.face, postings.c.channel), order_by=TURN).label("place")
        ranked = select(postings.c.id, place).where(_ready(now)).subquery()
        first = select(ranked.c.id).where(ranked.c.place == 1)
        query = select(postings).where(postings.c.id.in_(first)).order_by(*TURN)
        return [_posting(row) for row in await self._reader.rows(query)]

    async def sending(self) -> list[Posting]:
        query = select(postings).where(postings.c.state == int(PostingState.SENDING)).order_by(postings.c.id)
        return [_posting(row) for row in await self._reader.rows(query)]

    async def of(self, subject: str) -> list[Posting]:
        query = select(postings).where(postings.c.subject == subject).order_by(postings.c.id)
        return [_posting(row) for row in await self._reader.rows(query)]

    async def standing_at(self, ref: MessageRef) -> Posting | None:
        face, channel, message = rules.place(ref)
        there = (postings.c.ref_message == message, postings.c.ref_channel == channel, postings.c.ref_face == face)
        row = await self._reader.row(select(postings).where(*there).order_by(postings.c.id.desc()).limit(1))
        return _posting(row) if row else None


def _count_deleted(connection: Connection, statement: Delete) -> int:
    return connection.execute(statement).rowcount


def _address(row: AnyRow) -> Address:
    return Address(row.face, row.channel, row.thread)


def _posting(row: AnyRow) -> Posting:
    return Posting(
        id=row.id,
        subject=row.subject,
        kind=row.kind,
        to=_address(row),
        priority=Priority(row.priority),
        payload=row.payload,
        state=PostingState(row.state),
        wanted=row.wanted,
        shown=row.shown,
        ref=None if row.ref_message is None else MessageRef(row.ref_face, row.ref_channel, row.ref_message, row.ref_thread),
        tries=row.tries,
        not_before=row.not_before,
        error=row.error,
    )
