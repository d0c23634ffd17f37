"""The rules of the outbox (``posting_rules``) as statements: each change is one, so it is right whoever else changes the card meanwhile.

That both say the same is held by ``tests/storage/test_both_agree.py``. Constants stand in the statements; only what an event says is a parameter.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Integer, Text, and_, bindparam, case, literal_column, null, or_, update

from engine.events import Posting, PostingPutOff, PostingSent, PostingSettled, PostingState, PostingsTouched
from storage.columns import Instant
from storage.latest import putting
from storage.tables import postings


def _constant(number: int) -> ColumnElement[int]:
    return literal_column(str(int(number)), Integer)


old = postings.c
WANTED, SENDING, SETTLED, FAILED = (_constant(state) for state in PostingState)
PENDING = old.state.between(WANTED, SENDING)
DONE = old.state.between(SETTLED, FAILED)
NEVER_STOOD = and_(old.state == FAILED, old.ref_message.is_(None))
NOTHING: ColumnElement[str] = literal_column("''", Text)


def _wanting(priority: ColumnElement[int], turn: ColumnElement[int]) -> dict[str, ColumnElement[Any]]:
    """``posting_rules._wanting``: what is on its way anyhow keeps its place and its tries."""
    return {
        "state": case((PENDING, old.state), else_=WANTED),
        "wanted": old.wanted + _constant(1),
        "priority": case((and_(PENDING, old.priority < priority), old.priority), else_=priority),
        "tries": case((PENDING, old.tries), else_=_constant(0)),
        "not_before": case((PENDING, old.not_before), else_=null()),
        "error": case((PENDING, old.error), else_=NOTHING),
        "since": case((PENDING, old.since), else_=turn),
    }


TOUCH = (
    update(postings)
    .where(old.subject == bindparam("of"), ~NEVER_STOOD)
    .values(_wanting(bindparam("to", type_=Integer), bindparam("turn", type_=BigInteger)))
)

SEND = update(postings).where(old.id == bindparam("of")).values(state=SENDING)

_shown = bindparam("now_shown", type_=Integer)
_more = _shown < old.wanted
SETTLE = (
    update(postings)
    .where(old.id == bindparam("of"))
    .values(
        state=case((_more, WANTED), else_=SETTLED),
        shown=_shown,
        **{f"ref_{part}": bindparam(f"to_{part}") for part in ("face", "channel", "message", "thread")},
        tries=_constant(0),
        not_before=null(),
        error=NOTHING,
        since=case((and_(_more, or_(DONE, old.shown < _shown)), bindparam("turn", type_=BigInteger)), else_=old.since),
    )
)

_given_up = bindparam("given_up", type_=Boolean)
PUT_OFF = (
    update(postings)
    .where(old.id == bindparam("of"))
    .values(
        state=case((_given_up, FAILED), else_=WANTED),
        tries=old.tries + _constant(1),
        not_before=bindparam("until", type_=Instant),
        error=bindparam("why", type_=old.error.type),
        since=case((and_(~_given_up, DONE), bindparam("turn", type_=BigInteger)), else_=old.since),
    )
)


def want(dialect: str) -> Any:
    """Insert the card, or want what is there anew: the newest want decides who draws it and from what."""
    insert = putting(postings, dialect)
    changed = _wanting(insert.excluded.priority, insert.excluded.since) | {"kind": insert.excluded.kind, "payload": insert.excluded.payload}
    return insert.on_conflict_do_update(index_elements=["subject", "face", "channel", "thread"], set_=changed)


WANT = {dialect: want(dialect) for dialect in ("sqlite", "postgresql")}


def wanted(posting: Posting, turn: int) -> dict[str, Any]:
    """The row of a card that stands nowhere yet."""
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
        "tries": posting.tries,
        "error": posting.error,
        "since": turn,
    }


def touched(event: PostingsTouched, turn: int) -> dict[str, Any]:
    return {"of": event.subject, "to": int(event.priority), "turn": turn}


def told(event: PostingSent | PostingSettled | PostingPutOff, turn: int) -> dict[str, Any]:
    """The parameters of SEND, SETTLE or PUT_OFF."""
    if isinstance(event, PostingSent):
        return {"of": event.posting}
    if isinstance(event, PostingSettled):
        ref = event.ref
        place = {"to_face": ref.face, "to_channel": ref.channel, "to_message": ref.message, "to_thread": ref.thread}
        return {"of": event.posting, "now_shown": event.shown, "turn": turn, **place}
    return {"of": event.posting, "given_up": event.until is None, "until": event.until, "why": event.error, "turn": turn}
