"""The poller: what is not delivered is asked for, as long as somebody waits for it.

    workflows, waiting steps ─▶ what is wanted ─▶ polls that tell it ─ due? ─▶ ask ─▶ happenings and cursor in one commit ─▶ dispatched
                                                        ▲                       │
                                                        └── jitter, back-off ◀──┘

A crash before the commit leaves the old cursor, so the same is asked again; a crash after it leaves the happenings in the inbox. What nobody
waits for any more is not asked, and its cursor is forgotten, so that who waits for it next begins at that moment. Of several processes one
polls (``Held``); a cursor that another one moved meanwhile refuses the commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from engine.errors import Conflict, SignalboxError, Transient
from engine.events import AccountChanged, Audited, CursorMoved, Elsewhere, Event, Happening, WaitClosed, WaitOpened, WorkflowSaved
from engine.parties import SYSTEM
from engine.ports import Clock, Cursor, Cursors, FeedState, Ledger, Poll, Polled, Polls
from engine.workflow.wished import Wished

log = logging.getLogger(__name__)

PREFIX = "poll:"  # of the cursors' names
ORDERS = "hook:"  # of those of ordered deliveries
BEAT = 1.0  # seconds between looks at what is due
LOOK_AGAIN = 60.0  # seconds after which it is read again who waits for what, even if nothing was heard
AT_ONCE = 8  # polls under way at the same time
JITTER = 0.1  # of the interval, so that many houses and many polls do not ask in step
LONGEST = 1800.0  # seconds between attempts that fail
APART = 5.0  # seconds between asks of a poll that deliveries wake
LAST_LOOK = 10.0  # seconds that whoever orders deliveries waits for the last poll before them
IN_A_ROW = 20  # times a poll that has more is asked at once; then it waits its turn

_CHANGES = (WorkflowSaved, WaitOpened, WaitClosed, AccountChanged, Elsewhere)


class Takes(Protocol):
    """What the poller needs of the dispatcher."""

    async def take(self, happenings: Sequence[Happening], *beside: Event) -> None: ...
    async def accept(self, happenings: Sequence[Happening]) -> int: ...
    async def wishes(self) -> Mapping[str, tuple[Wished, ...]]: ...


@dataclass(slots=True)
class _Feed:
    poll: Poll
    next_at: datetime
    asked_at: datetime | None = None
    failures: int = 0
    trouble: str = ""
    in_a_row: int = 0
    busy: bool = False
    woken: bool = False  # since it was asked last


def name_of(poll: Poll) -> str:
    """Of its cursor."""
    return f"{PREFIX}{poll.service}:{poll.account}:{poll.name}"


def _is_order(event: Event) -> bool:
    """Deliveries were ordered or ended: then other polls are needed."""
    return isinstance(event, CursorMoved) and event.name.startswith(ORDERS)


class Poller:
    """It may be started again after it was stopped."""

    def __init__(self, polls: Polls, takes: Takes, *, ledger: Ledger, cursors: Cursors, clock: Clock) -> None:
        self._polls = polls
        self._takes = takes
        self._ledger = ledger
        self._cursors = cursors
        self._clock = clock
        self._feeds: dict[str, _Feed] = {}
        self._wishes: Mapping[str, tuple[Wished, ...]] = {}
        self._changed = True
        self._read_at: datetime | None = None
        self._listening = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if not self._listening:
            self._ledger.listen(self._heard)
            self._listening = True
        self._changed = True
        self._loop = asyncio.create_task(self._for_ever(), name="poller")

    async def stop(self) -> None:
        """What is under way is cut off; nothing of it was recorded, so it is asked again."""
        tasks = [*self._tasks, *([self._loop] if self._loop else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._feeds.clear()
        self._loop = None

    def states(self) -> list[FeedState]:
        """Those that are asked, by name."""
        feeds = [self._feeds[name] for name in sorted(self._feeds)]
        return [FeedState(feed.poll, feed.asked_at, feed.next_at, feed.trouble) for feed in feeds]

    def wake(self, service: str, account: str, names: Sequence[str]) -> None:
        """Ask these polls at once, because a delivery said that something changed. Those that nobody waits for, that fail just now or that
        another process asks are left alone: they have their own time."""
        now = self._clock.now()
        for name in names:
            feed = self._feeds.get(f"{PREFIX}{service}:{account}:{name}")
            if feed is not None and not feed.failures:
                feed.woken = True
                feed.next_at = min(feed.next_at, self._next_woken(feed, now))

    async def catch_up(self, service: str, account: str) -> None:
        """Ask what is asked of this account once more, now: from here on it is delivered."""
        feeds = [feed for feed in self._feeds.values() if (feed.poll.service, feed.poll.account) == (service, account) and not feed.busy]
        for feed in feeds:
            self._spawn(feed)
        tasks = [task for task in self._tasks if task.get_name() in {name_of(feed.poll) for feed in feeds}]
        if tasks:
            await asyncio.wait(tasks, timeout=LAST_LOOK)

    def _next_woken(self, feed: _Feed, now: datetime) -> datetime:
        return max(now, feed.asked_at + timedelta(seconds=APART)) if feed.asked_at else now

    def _heard(self, events: Sequence[Event]) -> None:
        self._changed = self._changed or any(isinstance(event, _CHANGES) or _is_order(event) for event in events)

    async def _for_ever(self) -> None:
        while True:
            try:
                await self.look()
            except SignalboxError as error:
                log.warning("Polls wait: %s", error)
            except Exception:
                log.exception("what to poll could not be read")
            await self._clock.sleep(BEAT)

    async def look(self) -> None:
        """Read what is wanted where that may have changed, and ask what is due; those asked go on by themselves."""
        now = self._clock.now()
        if self._changed or self._read_at is None or now - self._read_at > timedelta(seconds=LOOK_AGAIN):
            self._changed, self._read_at = False, now
            await self._read(now)
        due = sorted((feed.next_at, name) for name, feed in self._feeds.items() if not feed.busy and feed.next_at <= now)
        for _, name in due[: max(0, AT_ONCE - len(self._tasks))]:
            self._spawn(self._feeds[name])

    async def idle(self) -> None:
        """Until everything that is under way is done."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- what is wanted

    async def _read(self, now: datetime) -> None:
        self._wishes = await self._takes.wishes()
        offered = {name_of(poll): poll for poll in await self._polls.polls()}
        kept = {cursor.name: cursor for cursor in await self._cursors.under(PREFIX)}
        wanted = {name: poll for name, poll in offered.items() if poll.events & self._wishes.keys()}
        for name in set(self._feeds) - set(wanted):
            del self._feeds[name]
        for name in kept.keys() & (offered.keys() - wanted.keys()):
            await self._ledger.record(CursorMoved(name, None, now))
        for name, poll in wanted.items():
            feed = self._feeds.get(name)
            if feed is None:
                self._feeds[name] = _Feed(poll, self._first_time(poll, kept.get(name), now))
            else:
                feed.poll = poll

    def _first_time(self, poll: Poll, cursor: Cursor | None, now: datetime) -> datetime:
        """At once where nothing was asked yet: from then on it counts. Else soon, spread a little after a restart."""
        if cursor is None:
            return now
        return now + timedelta(seconds=self._clock.random() * min(poll.every, 5.0))

    # --- one poll

    def _spawn(self, feed: _Feed) -> None:
        feed.busy, feed.woken = True, False
        task = asyncio.get_running_loop().create_task(self._ask(feed), name=name_of(feed.poll))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, feed: _Feed) -> None:
        try:
            polled = await self._asked(feed.poll)
        except SignalboxError as error:
            self._failed(feed, error)
        except Exception as error:
            log.exception("%s could not be polled", name_of(feed.poll))
            self._failed(feed, Transient(f"It failed inside Signalbox ({type(error).__name__}); the log tells more."))
        else:
            self._went_well(feed, more=polled.more)
        finally:
            feed.busy = False

    async def _asked(self, poll: Poll) -> Polled:
        name = name_of(poll)
        cursor = await self._cursors.get(name)
        wishes = [wish for event in sorted(poll.events) for wish in self._wishes.get(event, ())]
        polled = await self._polls.poll(poll, cursor.state if cursor else None, wishes)
        wanted = [one for one in polled.happenings if f"{one.service}.{one.event}" in self._wishes]
        if wanted or polled.note or cursor is None or polled.cursor != cursor.state:
            await self._commit(poll, polled, wanted, cursor)
        return polled

    async def _commit(self, poll: Poll, polled: Polled, wanted: Sequence[Happening], cursor: Cursor | None) -> None:
        now, name = self._clock.now(), name_of(poll)
        moved: list[Event] = [CursorMoved(name, polled.cursor, now, cursor.revision + 1 if cursor else 1)]
        if polled.note:
            log.warning("%s: %s", name, polled.note)
            moved.append(
                Audited(now, SYSTEM.id, SYSTEM.name, "poll", f"{poll.service}:{poll.account}", outcome="noted", detail=polled.note)
            )
        try:
            await self._takes.take(wanted, *moved)
        except Conflict:
            if await self._cursors.get(name) != cursor:
                raise  # another process polls; what it read it has told itself
            await self._takes.accept(wanted)  # some of it is known; each by itself is refused or taken
            await self._ledger.record(*moved)

    def _went_well(self, feed: _Feed, *, more: bool) -> None:
        now = self._clock.now()
        feed.asked_at, feed.failures, feed.trouble = now, 0, ""
        feed.in_a_row = feed.in_a_row + 1 if more else 0
        if more and feed.in_a_row < IN_A_ROW:
            feed.next_at = now
            return
        feed.in_a_row = 0
        feed.next_at = now + timedelta(seconds=feed.poll.every * (1 + JITTER * self._clock.random()))
        if feed.woken:
            feed.next_at = min(feed.next_at, self._next_woken(feed, now))

    def _failed(self, feed: _Feed, error: SignalboxError) -> None:
        if str(error) != feed.trouble:
            log.warning("%s: %s", name_of(feed.poll), error)
        now, said = self._clock.now(), (error.retry_after or 0.0) if isinstance(error, Transient) else 0.0
        feed.asked_at, feed.trouble, feed.in_a_row = now, str(error), 0
        feed.failures += 1
        longest = max(LONGEST, feed.poll.every)
        pause = min(feed.poll.every * 2 ** min(feed.failures - 1, 20), longest)
        feed.next_at = now + timedelta(seconds=max(pause, said) * (1 + JITTER * self._clock.random()))
