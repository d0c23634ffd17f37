"""Folding: samples of minutes that are over become rollups, minutes hours, and hours days.

cursor ─▶ samples since (a little before it, for late ones) ─▶ minutes ─▶ hours and days that are over ─▶ rows and cursor in one transaction

Told twice it is the same, so a death at any point changes nothing; after a long sleep it goes on from its cursor, an hour at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from engine.events import CursorMoved, RollupsSaved
from engine.monitoring.rollup import FINER, Key, Rollup, Span, Tally, widened
from engine.ports import Clock, Store
from engine.runtime.regularly import Regularly

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds
GRACE = timedelta(seconds=15)  # so long after its end is a minute left open for samples that are written late
LATE = timedelta(minutes=15)  # so far before the cursor is looked again, for what came later still
SURE = timedelta(days=6)  # samples younger than this were surely not pruned in part
AT_ONCE = timedelta(hours=1)  # folded in one transaction
PAGE = 1_000  # samples taken between two turns of the loop
LARGE = 4_000  # rows or samples that are merged where the loop waits
WIDEST = 1_000_000  # rows of an hour's minutes or a day's hours
CURSOR = "rollups"
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Folding:
    """One process of all runs it. ``fold`` may be called at any time, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._loop = Regularly("folding", EVERY, clock, self._fold)

    async def start(self) -> None:
        await self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop()

    async def _fold(self) -> None:
        await self.fold()

    async def fold(self) -> int:
        """How many rollups were written."""
        now = self._clock.now()
        until = Span.MINUTE.start(now - GRACE)
        since = await self._since(now, until)
        written = 0
        while since is not None and since < until:
            end = min(Span.HOUR.start(since) + AT_ONCE, until)
            rows = await self._rows(since, end)
            moved = CursorMoved(CURSOR, {"until": end.isoformat()}, now)
            await self._store.ledger.record(*([RollupsSaved(tuple(rows))] if rows else []), moved)
            written += len(rows)
            since = end
        return written

    async def _since(self, now: datetime, until: datetime) -> datetime | None:
        """From where to fold; None when there is nothing to fold."""
        cursor = await self._store.cursors.get(CURSOR)
        reached = _moment(cursor.state.get("until")) if cursor else None
        if reached is None:
            first = await self._store.samples.between(BEGINNING, until, limit=1)
            return Span.MINUTE.start(first[0].at) if first else None
        if until <= reached <= until + LATE:
            return None
        if reached > until:
            log.warning("The clock was set back by %s; what was folded since is folded again.", reached - until)
        again = min(reached, until) - LATE
        return again if again > now - SURE else reached

    async def _rows(self, since: datetime, end: datetime) -> list[Rollup]:
        minutes = await self._minutes(since, end)
        hours = await self._longer(Span.HOUR, minutes, since, end)
        return [*minutes, *hours, *await self._longer(Span.DAY, hours, since, end)]

    async def _minutes(self, since: datetime, end: datetime) -> list[Rollup]:
        tally, at, skip, taken = Tally(), since, 0, 0
        while page := await self._store.samples.between(at, end, skip=skip, limit=PAGE):
            taken += len(page)
            for sample in page:
                tally.take(sample)
            last = page[-1].at
            same = sum(sample.at == last for sample in page)
            at, skip = last, same + (skip if last == at else 0)
        return await _aside(taken, tally.rollups)

    async def _longer(self, span: Span, fresh: Iterable[Rollup], since: datetime, end: datetime) -> list[Rollup]:
        """The spans that are over by ``end`` and of which something from ``since`` on may have changed."""
        changed: dict[Key, Rollup] = {row.key: row for row in fresh}
        rows: list[Rollup] = []
        for start in _starts(span, since, end):
            stored = await self._store.rollups.between(FINER[span], start, start + span.length, limit=WIDEST)
            rows += await _aside(len(stored) + len(changed), partial(_widened, stored, changed, span, start))
        return rows


async def _aside(size: int, work: Callable[[], list[Rollup]]) -> list[Rollup]:
    """What is large takes some tenths of a second: not on the loop that answers people."""
    return await asyncio.to_thread(work) if size > LARGE else work()


def _widened(stored: Iterable[Rollup], changed: Mapping[Key, Rollup], span: Span, start: datetime) -> list[Rollup]:
    inside = {row.key: row for row in stored} | {key: row for key, row in changed.items() if span.start(row.at) == start}
    return widened(inside.values(), span)


def _starts(span: Span, since: datetime, end: datetime) -> Iterator[datetime]:
    start = span.start(since)
    while start + span.length <= end:
        yield start
        start += span.length


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        log.warning("Where the rollups had got to cannot be read (%.40r); all of them are made anew.", text)
        return None
