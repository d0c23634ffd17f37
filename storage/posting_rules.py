"""How one posting changes: the rules of the outbox as pure functions, the same for every store.

             wanted / touched
   ┌──────────────────────────────────┐
   ▼                                  │
 WANTED ──sent──▶ SENDING ──settled──▶ SETTLED     (settled while more is wanted: WANTED)
   ▲                 │
   └──put off until──┤
                     └──put off for ever──▶ FAILED ──wanted──▶ WANTED

A touch changes what stands; a card that was given up before it ever stood is not touched back to life, only wanted back.
"""

from __future__ import annotations

from dataclasses import replace

from engine.events import Posting, PostingPutOff, PostingSettled, PostingState, PostingWanted, Priority
from engine.parties import MessageRef

PENDING = (PostingState.WANTED, PostingState.SENDING)


def first_wanted(posting_id: int, event: PostingWanted) -> Posting:
    """A card that stands nowhere yet."""
    return Posting(
        id=posting_id,
        subject=event.subject,
        kind=event.kind,
        to=event.to,
        priority=Priority(event.priority),
        payload=event.payload,
        state=PostingState.WANTED,
        wanted=1,
        shown=0,
        ref=None,
        tries=0,
        not_before=None,
        error="",
    )


def wanted_again(posting: Posting, event: PostingWanted) -> Posting:
    """The newest want decides who draws it and from what."""
    return replace(_wanting(posting, event.priority), kind=event.kind, payload=event.payload)


def touched(posting: Posting, priority: Priority) -> Posting:
    """What stands, or will, is out of date; a card given up before it stood stays given up."""
    if posting.state is PostingState.FAILED and posting.ref is None:
        return posting
    return _wanting(posting, priority)


def _wanting(posting: Posting, priority: Priority) -> Posting:
    if posting.state in PENDING:
        return replace(posting, wanted=posting.wanted + 1, priority=min(posting.priority, Priority(priority)))
    return replace(
        posting,
        state=PostingState.WANTED,
        wanted=posting.wanted + 1,
        priority=Priority(priority),
        tries=0,
        not_before=None,
        error="",
    )


def sent(posting: Posting) -> Posting:
    return replace(posting, state=PostingState.SENDING)


def settled(posting: Posting, event: PostingSettled) -> Posting:
    state = PostingState.SETTLED if event.shown >= posting.wanted else PostingState.WANTED
    return replace(posting, state=state, shown=event.shown, ref=event.ref, tries=0, not_before=None, error="")


def put_off(posting: Posting, event: PostingPutOff) -> Posting:
    """``tries`` counts the attempts that failed since it last stood."""
    state = PostingState.FAILED if event.until is None else PostingState.WANTED
    return replace(posting, state=state, tries=posting.tries + 1, not_before=event.until, error=event.error)


def waits_anew(old: Posting | None, new: Posting) -> bool:
    """Whether its turn in the queue begins now: a card put off keeps the place it had."""
    if new.state is not PostingState.WANTED:
        return False
    return old is None or old.state in (PostingState.SETTLED, PostingState.FAILED) or new.shown > old.shown


def place(ref: MessageRef) -> tuple[str, str, str]:
    """What identifies a message on its face; the thread only says where it is shown."""
    return ref.face, ref.channel, ref.message
