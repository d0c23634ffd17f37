"""The announcer: makes what stands in the channels equal what is wanted, and speaks for those who wait until it stands.

    due ─▶ one worker per channel, in order of priority ─▶ PostingSent ─▶ the wire ─▶ PostingSettled
                                                               │  429, no connection ─▶ put off, later
                                                               │  no answer ─▶ look: stands? settled : put off
                                                               └  never will ─▶ given up, with the reason

One dead channel never holds up another, and one that asks for patience is left alone as a whole. What is urgent and cannot be told there is told
by a second way. Failures to send are logged and kept with the posting, never sent through the channel that failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.events import (
    Elsewhere,
    Event,
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
from engine.ports import Clock, Postman, Store
from engine.workflow.definition import Json

log = logging.getLogger(__name__)

BURST = 4  # cards at once per channel before pacing begins
PACE = 1.0  # seconds a further card, where the face needs pacing (Slack: about one message a second per channel)
SLOWEST = 60.0  # seconds between tries of a card that cannot be sent
LONG_ENOUGH = 10  # tries after which the pause does not grow any more; a day of tries has no power that a float can hold
PATIENCE = 25.0  # seconds a speaker waits until its words stand
IDLE = 5.0  # seconds until it looks by itself for cards that were put off
URGENT = frozenset({"alert", "call"})  # kinds of cards that must reach somebody
SECOND_WAY = timedelta(seconds=45)  # so long is the first way tried
EDITS_APART = 10.0  # seconds between two edits of one message that no person asked for
MOST_REMEMBERED = 5_000
STUCK = timedelta(seconds=120)  # without a look through the outbox, which is due every IDLE seconds
HANGING = timedelta(minutes=10)  # at one card; every way to send one gives up long before
GLANCE = 0.5  # seconds between looks at a message that another process of the house posts


class Announcer:
    """Fulfils ``ports.Speaker``. ``paced`` names the faces whose channels are paced; ``instead``: where urgent cards go that cannot reach their place."""

    def __init__(
        self,
        store: Store,
        postman: Postman,
        clock: Clock,
        *,
        paced: frozenset[str] = frozenset({"slack"}),
        instead: Callable[[Address], Sequence[Address]] = lambda to: (),
    ) -> None:
        self._store, self._postman, self._clock, self._paced = store, postman, clock, paced
        self._instead = instead
        self._resting: dict[tuple[str, str], datetime] = {}  # channels that asked for patience
        self._edited: dict[int, datetime] = {}
        self._failing: dict[int, datetime] = {}
        self._adrift: dict[int, tuple[Posting, datetime]] = {}  # sent or not: what became of them could not be written down
        self._wake = asyncio.Event()
        self._busy: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._tokens: dict[tuple[str, str], tuple[float, datetime]] = {}
        self._waiting: dict[str, list[asyncio.Future[MessageRef]]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._turned: datetime | None = None  # when the outbox was looked through last
        self._begun: dict[tuple[str, str], datetime] = {}  # since when each channel's worker is at its card
        store.ledger.listen(self._heard)

    async def start(self) -> None:
        """Take up what a crash left half sent, then go on for good."""
        for posting in await self._store.postings.sending():
            # What stands there may be older than what is wanted by now, so it is brought up to date.
            await self._surely(posting, self._look(posting, "interrupted while sending", behind=1))
        self._turned = self._clock.now()
        self._loop = asyncio.create_task(self._run(), name="announcer")

    async def stop(self) -> None:
        """Finish what is on the wire (5 s at most), then stop."""
        if self._loop:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=5)
            for task in late:
                task.cancel()

    @property
    def running(self) -> bool:
        """Whether it was started in this process."""
        return self._loop is not None

    def trouble(self) -> str:
        """Why nothing is sent, in a sentence; empty while the outbox is looked through and no card hangs. Asked from outside, now and then."""
        if self._loop is None or self._loop.done() or self._turned is None:
            return "The announcer is not running."
        now = self._clock.now()
        self._turned = min(self._turned, now)  # a clock set back
        if now - self._turned > STUCK:
            return "The announcer does not get through to its outbox."
        hanging = sorted(face for (face, _), at in self._begun.items() if now - at > HANGING)
        return f"A card has been on its way to {hanging[0]} for more than {HANGING.seconds // 60} minutes." if hanging else ""

    async def say(
        self, to: Address, payload: Mapping[str, Json], *, key: str, kind: str = "note", priority: int = Priority.REPLY
    ) -> MessageRef:
        """See ``ports.Speaker``."""
        standing = await self._standing(key, to)
        if standing is not None:
            return standing
        future: asyncio.Future[MessageRef] = asyncio.get_running_loop().create_future()
        waiters = self._waiting.setdefault(key, [])
        waiters.append(future)
        try:
            wanted = PostingWanted(subject=key, kind=kind, to=to, priority=Priority(priority), payload=payload)
            await self._store.ledger.record(wanted)
            async with asyncio.timeout(PATIENCE):
                return await self._stands(future, key, to)
        except TimeoutError:
            raise Unanswered(f"The message to {to.channel} on {to.face} was written down but does not stand there yet.") from None
        finally:
            waiters.remove(future)
            if not waiters:
                self._waiting.pop(key, None)

    async def standing(self, to: Address, *, key: str) -> MessageRef | None:
        """See ``ports.Speaker``."""
        posting = next((one for one in await self._store.postings.of(key) if one.to == to), None)
        if posting is None or posting.ref is not None or posting.state is PostingState.FAILED:
            return posting.ref if posting else None
        raise Transient(f"The message to {to.channel} on {to.face} is written down and on its way. Look again in a moment.", IDLE)

    async def _stands(self, future: asyncio.Future[MessageRef], key: str, to: Address) -> MessageRef:
        """It may be another process that empties the outbox: then it is looked up. Raises Rejected when it was given up."""
        while True:
            await asyncio.wait((future,), timeout=GLANCE)
            if future.done():
                return future.result()
            posting = next((one for one in await self._store.postings.of(key) if one.to == to), None)
            if posting is not None and posting.ref is not None:
                return posting.ref
            if posting is not None and posting.state is PostingState.FAILED:
                raise Rejected(posting.error)

    async def _standing(self, key: str, to: Address) -> MessageRef | None:
        return next((p.ref for p in await self._store.postings.of(key) if p.to == to and p.ref), None)

    async def settle(self) -> None:
        """Wait until nothing is due any more (for one-shot commands and tests); the caller sets the limit."""
        while self._busy or await self._store.postings.due(self._clock.now(), limit=1):
            self._wake.set()
            await asyncio.sleep(0.01)

    def _heard(self, events: Sequence[Event]) -> None:
        if any(
            isinstance(event, (PostingWanted, PostingsTouched)) or (isinstance(event, Elsewhere) and event.noun == "posting")
            for event in events
        ):
            self._wake.set()

    async def _run(self) -> None:
        while True:
            try:
                await self._dispatch()
                self._turned = self._clock.now()
            except SignalboxError as error:
                log.warning("announcer: %s", error)
                await self._clock.sleep(1.0)
            except Exception:
                log.exception("announcer: the outbox could not be looked through")  # it goes on: nobody else would tell anybody anything
                await self._clock.sleep(1.0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await self._wake.wait()
            self._wake.clear()

    async def _dispatch(self) -> None:
        """One worker for every channel that has something due and none yet."""
        now = self._clock.now()
        for posting, at in tuple(self._adrift.values()):
            if at <= now and (posting.to.face, posting.to.channel) not in self._busy:
                del self._adrift[posting.id]
                self._work(posting, asyncio.create_task(self._surely(posting, self._found(posting)), name=f"look at {posting.to}"))
        for posting in await self._store.postings.heads(now):
            channel = (posting.to.face, posting.to.channel)
            if rest := self._rest(channel, posting, now):
                asyncio.get_running_loop().call_later(min(rest, IDLE), self._wake.set)
            elif channel not in self._busy:
                self._work(posting, asyncio.create_task(self._deliver(channel, posting), name=f"post to {posting.to}"))

    def _work(self, posting: Posting, task: asyncio.Task[None]) -> None:
        """One worker a channel."""
        channel = (posting.to.face, posting.to.channel)
        self._busy[channel], self._begun[channel] = task, self._clock.now()
        task.add_done_callback(partial(self._freed, channel))

    def _rest(self, channel: tuple[str, str], posting: Posting, now: datetime) -> float:
        """Seconds for which this card is better not sent. What is due first in a channel is an edit of no hurry only when nothing else is."""
        pause = (self._resting.get(channel, now) - now).total_seconds()
        if pause <= 0:
            self._resting.pop(channel, None)
        edited = self._edited.get(posting.id)
        if posting.ref is not None and posting.priority is Priority.REPORT and edited is not None:
            pause = max(pause, EDITS_APART - (now - edited).total_seconds())
        return max(pause, 0.0)

    def _freed(self, channel: tuple[str, str], _: asyncio.Task[None]) -> None:
        self._busy.pop(channel, None)
        self._begun.pop(channel, None)
        self._wake.set()

    async def _deliver(self, channel: tuple[str, str], posting: Posting) -> None:
        await self._pace(channel)
        await self._surely(posting, self._send(posting))

    async def _surely(self, posting: Posting, deed: Awaitable[None]) -> None:
        """A drawing or a face must never end the announcer, nor keep it from starting; the card is put off and the fault is in the log."""
        try:
            await deed
        except SignalboxError as error:
            self._unwritten(posting, error)
        except Exception:
            log.exception("posting %s to %s failed", posting.subject, posting.to)
            try:
                await self._put_off(posting, SLOWEST, "internal fault, see the log")
            except SignalboxError as error:
                self._unwritten(posting, error)

    async def _found(self, posting: Posting) -> None:
        if any(one.id == posting.id for one in await self._store.postings.sending()):
            await self._look(posting, "its state could not be written down", behind=1)

    def _unwritten(self, posting: Posting, error: SignalboxError) -> None:
        """What became of it could not be written down: as after a crash it is looked for, or it would count as on the wire for ever."""
        log.warning("posting %s to %s: %s", posting.subject, posting.to, error)
        if posting.ref is None:
            self._adrift[posting.id] = posting, self._clock.now() + timedelta(seconds=IDLE)

    async def _send(self, posting: Posting) -> None:
        if posting.ref is None:
            await self._store.ledger.record(PostingSent(posting.id))
        try:
            ref = await self._postman.deliver(posting)
        except Transient as error:
            pause = error.retry_after if error.retry_after is not None else min(SLOWEST, 2.0 ** min(posting.tries, LONG_ENOUGH))
            if error.retry_after is not None:
                self._resting[posting.to.face, posting.to.channel] = self._clock.now() + timedelta(seconds=pause)
            await self._put_off(posting, pause, str(error))
        except Unanswered as error:
            await self._look(posting, str(error))
        except Rejected as error:
            log.warning("gave up on %s to %s: %s", posting.subject, posting.to, error)
            # One commit: given up without the second way being wanted, nobody would ever be told.
            await self._store.ledger.record(PostingPutOff(posting.id, None, str(error)), *await self._another_way(posting, str(error)))
            self._failing.pop(posting.id, None)
            self._tell(posting.subject, error)
        else:
            await self._settled(posting, ref)

    async def _settled(self, posting: Posting, ref: MessageRef, behind: int = 0) -> None:
        await self._store.ledger.record(PostingSettled(posting.id, ref, posting.wanted - behind))
        self._failing.pop(posting.id, None)
        _remember(self._edited, posting.id, self._clock.now())
        for future in self._waiting.get(posting.subject, ()):
            if not future.done():
                future.set_result(ref)

    async def _look(self, posting: Posting, reason: str, behind: int = 0) -> None:
        """Sent, but no answer is known: look whether it stands before anything is repeated. ``behind``: wants that it may not show."""
        try:
            ref = posting.ref or await self._postman.look(posting)
        except SignalboxError as error:
            await self._put_off(posting, 5.0, f"{reason}; {error}")
            return
        if ref is None:
            await self._put_off(posting, 0.5, reason)
        elif posting.ref is None:
            await self._settled(posting, ref, behind)
        else:
            await self._put_off(posting, 1.0, reason)

    async def _put_off(self, posting: Posting, pause: float, reason: str) -> None:
        until = self._clock.now() + timedelta(seconds=pause)
        now = self._clock.now()
        tried = posting.ref is None and now - self._failing.setdefault(posting.id, now) >= SECOND_WAY
        elsewhere = await self._another_way(posting, reason) if tried else []
        await self._store.ledger.record(PostingPutOff(posting.id, until, reason), *elsewhere)
        if pause < IDLE:
            asyncio.get_running_loop().call_later(pause, self._wake.set)

    async def _another_way(self, posting: Posting, reason: str) -> list[PostingWanted]:
        """An urgent card that does not come through is wanted elsewhere, too; whenever the first way works again it stands in both places."""
        if posting.kind not in URGENT or posting.ref is not None or "instead_of" in posting.payload:
            return []
        known = {one.to for one in await self._store.postings.of(posting.subject)}
        payload = {**posting.payload, "instead_of": str(posting.to)}
        ways = [to for to in self._instead(posting.to) if to not in known]
        if ways:
            log.warning("%s cannot be told at %s (%s); told at %s instead", posting.subject, posting.to, reason, ", ".join(map(str, ways)))
        return [PostingWanted(posting.subject, posting.kind, to, Priority.ALERT, payload) for to in ways]

    def _tell(self, subject: str, error: SignalboxError) -> None:
        for future in self._waiting.get(subject, ()):
            if not future.done():
                future.set_exception(error)

    async def _pace(self, channel: tuple[str, str]) -> None:
        if channel[0] not in self._paced:
            return
        now = self._clock.now()
        left, since = self._tokens.get(channel, (float(BURST), now))
        left = min(float(BURST), left + (now - since).total_seconds() / PACE)
        if left < 1:
            await self._clock.sleep((1 - left) * PACE)
            left = 1.0
        self._tokens[channel] = (left - 1, self._clock.now())


def _remember(times: dict[int, datetime], posting: int, at: datetime) -> None:
    """The newest; who was edited longest ago is forgotten first."""
    times.pop(posting, None)
    times[posting] = at
    if len(times) > MOST_REMEMBERED:
        del times[next(iter(times))]
