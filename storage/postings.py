"""Postings: which cards are to stand where, and which do; the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, case, func, insert, literal_column, null, or_, select, update

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
from storage import posting_rules as rules
from storage.conflicts import unknown
from storage.reader import AnyRow, Reader
from storage.tables import postings

Told: TypeAlias = PostingWanted | PostingSent | PostingSettled | PostingPutOff


def _constant(number: int) -> ColumnElement[int]:
    return literal_column(str(int(number)), Integer)


PENDING = postings.c.state.between(_constant(PostingState.WANTED), _constant(PostingState.SENDING))
NEVER_STOOD = and_(postings.c.state == _constant(PostingState.FAILED), postings.c.ref_message.is_(None))

# ``rules.touched`` as one statement, for it is written with every step of every run; its constants are no parameters.
TOUCH = (
    update(postings)
    .where(postings.c.subject == bindparam("of"), ~NEVER_STOOD)
    .values(
        state=case((PENDING, postings.c.state), else_=_constant(PostingState.WANTED)),
        wanted=postings.c.wanted + _constant(1),
        priority=case((and_(PENDING, postings.c.priority < bindparam("to")), postings.c.priority), else_=bindparam("to")),
        tries=case((PENDING, postings.c.tries), else_=_constant(0)),
        not_before=case((PENDING, postings.c.not_before), else_=null()),
        error=case((PENDING, postings.c.error), else_=literal_column("''")),
        since=case((PENDING, postings.c.since), else_=bindparam("turn")),
    )
)
CHANGE = (
    update(postings)
    .where(postings.c.id == bindparam("of"))
    .values({column.name: bindparam(column.name) for column in postings.c if column.name != "id"})
)

TURN = (postings.c.priority, postings.c.since, postings.c.id)


def _ready(now: datetime) -> ColumnElement[bool]:
    return and_(postings.c.state == int(PostingState.WANTED), or_(postings.c.not_before.is_(None), postings.c.not_before <= now))


class SqlPostings:
    """Fulfils ``ports.Postings``."""

    EVENTS: ClassVar[tuple[type, ...]] = (PostingWanted, PostingsTouched, PostingSent, PostingSettled, PostingPutOff)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._turn = 0  # only the writer's thread counts

    def apply(self, connection: Connection, events: Sequence[PostingsTouched | Told]) -> None:
        if not self._turn:
            self._turn = connection.execute(select(func.coalesce(func.max(postings.c.since), 0))).scalar_one()
        for _, stretch in groupby(events, _manner):
            self._apply_alike(connection, list(stretch))

    def _apply_alike(self, connection: Connection, events: Sequence[PostingsTouched | Told]) -> None:
        touches = [self._touch(event) for event in events if isinstance(event, PostingsTouched)]
        if touches:
            connection.execute(TOUCH, touches)
        else:
            self._tell(connection, [event for event in events if not isinstance(event, PostingsTouched)])

    def _touch(self, event: PostingsTouched) -> dict[str, Any]:
        return {"of": event.subject, "to": int(event.priority), "turn": self._next_turn()}

    def _next_turn(self) -> int:
        self._turn += 1
        return self._turn

    def _tell(self, connection: Connection, events: Sequence[Told]) -> None:
        """Read what the events speak of, change it by the rules, write it back."""
        page = _Page(connection, events)
        for event in events:
            page.tell(event, self._next_turn())
        page.write(connection)

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


def _manner(event: PostingsTouched | Told) -> type:
    """Touches go by subject, wants by subject and place, the rest by number: a posting has its number only once it is written."""
    return type(event) if isinstance(event, PostingsTouched | PostingWanted) else Posting


class _Page:
    """The postings that some events speak of, in memory between one read and one write."""

    def __init__(self, connection: Connection, events: Iterable[Told]) -> None:
        subjects = {event.subject for event in events if isinstance(event, PostingWanted)}
        ids = {event.posting for event in events if not isinstance(event, PostingWanted)}
        found = connection.execute(select(postings).where(or_(postings.c.subject.in_(subjects), postings.c.id.in_(ids)))).all()
        self._rows = {(row.subject, _address(row)): (_posting(row), row.since) for row in found}
        self._keys = {row.id: (row.subject, _address(row)) for row in found}
        self._new: dict[tuple[str, Address], None] = {}
        self._changed: dict[tuple[str, Address], None] = {}

    def tell(self, event: Told, turn: int) -> None:
        key = self._key(event)
        old, since = self._rows.get(key, (None, 0))
        new = _changed(old, event)
        self._rows[key] = new, turn if rules.waits_anew(old, new) else since
        (self._changed if new.id else self._new)[key] = None

    def write(self, connection: Connection) -> None:
        if self._new:
            connection.execute(insert(postings), [_row(*self._rows[key]) for key in self._new])
        if self._changed:
            rows = [_row(*self._rows[key]) | {"of": self._rows[key][0].id} for key in self._changed]
            connection.execute(CHANGE, rows)

    def _key(self, event: Told) -> tuple[str, Address]:
        if isinstance(event, PostingWanted):
            return event.subject, event.to
        if event.posting not in self._keys:
            raise unknown("posting", str(event.posting))
        return self._keys[event.posting]


NOT_YET_NUMBERED = 0


def _changed(old: Posting | None, event: Told) -> Posting:
    if isinstance(event, PostingWanted):
        return rules.first_wanted(NOT_YET_NUMBERED, event) if old is None else rules.wanted_again(old, event)
    if old is None:
        raise unknown("posting", str(event.posting))
    if isinstance(event, PostingSent):
        return rules.sent(old)
    return rules.settled(old, event) if isinstance(event, PostingSettled) else rules.put_off(old, event)


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


def _row(posting: Posting, since: int) -> dict[str, Any]:
    ref = posting.ref
    return {
        "subject": posting.subject,
        "kind": posting.kind,
        "face": posting.to.face,
        "channel": posting.to.channel,
        "thread": posting.to.thread,
        "priority": int(posting.priority),
        "payload": posting.payload,
        "state": int(posting.state),
        "wanted": posting.wanted,
        "shown": posting.shown,
        "ref_face": ref.face if ref else None,
        "ref_channel": ref.channel if ref else None,
        "ref_message": ref.message if ref else None,
        "ref_thread": ref.thread if ref else None,
        "tries": posting.tries,
        "not_before": posting.not_before,
        "error": posting.error,
        "since": since,
    }
