"""Silences and maintenance windows as time goes by: announced before, begun, over, and the next one of those that recur."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.commands.maintaining import again
from engine.errors import Conflict, SignalboxError
from engine.events import Audited, Event, PolicySaved, PostingsTouched, PostingWanted, Priority
from engine.monitoring.silence import KIND, Silence, body_of, silence_of
from engine.parties import SYSTEM, Address
from engine.ports import Clock, Store
from engine.workflow.calendar import next_fire

log = logging.getLogger(__name__)

REMEMBERED = timedelta(days=30)  # a window that is over stays listed


class Maintenance:
    """``look`` is called every few seconds by one process of all. ``addresses``: where windows are told of that name no place of their own.

    ``changed`` is awaited after a window began or ended: alerts that were held may be told now.
    """

    def __init__(
        self, store: Store, clock: Clock, addresses: Callable[[], Sequence[Address]], changed: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._store, self._clock, self._addresses, self._changed = store, clock, addresses, changed

    async def look(self) -> None:
        """What a crash cut off is done at the next look: the stored window says what was announced."""
        moved = False
        for policy in await self._store.policies.of(KIND):
            try:
                silence = silence_of(policy.id, policy.body, policy.revision)
                moved |= await self._move(silence, self._clock.now())
            except Conflict:
                log.info("the window %s was changed at this moment; it is looked at again", policy.id)
            except SignalboxError as error:
                log.warning("the window %s: %s", policy.id, error)
        if moved and self._changed is not None:
            await self._changed()

    async def _move(self, silence: Silence, now: datetime) -> bool:
        """Whether something began or ended."""
        if now >= silence.ends:
            if silence.told == "over":
                await self._forget(silence, now)
                return False
            later = following(silence, now)
            await self._record(later or replace(silence, told="over"), now, "end_maintenance", *self._over(silence))
            return True
        if now >= silence.starts and silence.told != "begun":
            await self._record(replace(silence, told="begun"), now, "begin_maintenance", *self._cards(silence))
            return True
        if silence.notice and silence.told == "" and silence.next_notice() <= now < silence.starts:
            await self._record(replace(silence, told="noticed"), now, "announce_maintenance", *self._cards(silence))
        return False

    async def _forget(self, silence: Silence, now: datetime) -> None:
        if now >= silence.ends + REMEMBERED:
            await self._store.ledger.record(PolicySaved(KIND, silence.id, None, now, silence.revision + 1))

    async def _record(self, later: Silence, now: datetime, verb: str, *cards: Event) -> None:
        saved = PolicySaved(KIND, later.id, body_of(later), now, later.revision + 1)
        audited = Audited(at=now, actor=SYSTEM.id, actor_name=SYSTEM.name, verb=verb, subject=later.id, detail=later.match.in_words())
        await self._store.ledger.record(saved, audited, *cards)

    def _cards(self, silence: Silence) -> list[Event]:
        places = [Address.parse(silence.where)] if silence.where else list(self._addresses())
        return [PostingWanted(subject=silence.card, kind="silence", to=to, priority=Priority.REPORT) for to in places]

    def _over(self, silence: Silence) -> list[Event]:
        """A card that was never posted, since the house was down, is not posted to say that it is over."""
        return [PostingsTouched(silence.card)]


def following(silence: Silence, now: datetime) -> Silence | None:
    """The next window of one that recurs; None where there is none."""
    if not silence.every:
        return None
    length = timedelta(seconds=silence.lasts) if silence.lasts else silence.ends - silence.starts
    # A window that runs already counts, so that a house that was down through its beginning still keeps it.
    start = next_fire(again(silence.every, silence.timezone), max(silence.starts, now - length), silence.timezone)
    return None if start is None else replace(silence, starts=start, ends=start + length, window=silence.window + 1, told="")
