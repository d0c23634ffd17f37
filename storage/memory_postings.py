"""The outbox in dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from engine.events import Posting, PostingPutOff, PostingSent, PostingSettled, PostingState, PostingsTouched, PostingWanted
from engine.monitoring.alert import AlertState
from engine.parties import Address, MessageRef
from engine.ports import Alerts, Clock
from storage import posting_rules as rules
from storage.book import Book, Undo
from storage.conflicts import unknown
from storage.kept import EPOCH, MICROSECOND
from storage.memory_runs import MemoryRuns


class MemoryPostings:
    """``_since`` remembers the turn at which a posting began to wait, so that the longest wait is served first."""

    def __init__(self, undo: Undo, runs: MemoryRuns, alerts: Alerts, clock: Clock | None) -> None:
        self._runs, self._alerts = runs, alerts
        self._clock = clock
        self._rows: Book[int, Posting] = Book(undo)
        self._since: Book[int, int] = Book(undo)
        self._ids: Book[tuple[str, Address], int] = Book(undo)
        self._subjects: Book[str, tuple[int, ...]] = Book(undo)
        self._turn = 0

    def want(self, event: PostingWanted) -> None:
        known = self._ids.get((event.subject, event.to))
        if known is not None:
            self._change(known, rules.wanted_again(self._rows[known], event))
            return
        number = next(reversed(self._rows), 0) + 1
        self._ids.put((event.subject, event.to), number)
        self._subjects.put(event.subject, (*self._subjects.get(event.subject, ()), number))
        self._change(number, rules.first_wanted(number, event))

    def touch(self, event: PostingsTouched) -> None:
        for number in self._subjects.get(event.subject, ()):
            self._change(number, rules.touched(self._rows[number], event.priority))

    def send(self, event: PostingSent) -> None:
        self._change(event.posting, rules.sent(self._known(event.posting)))

    def settle(self, event: PostingSettled) -> None:
        self._change(event.posting, rules.settled(self._known(event.posting), event))

    def put_off(self, event: PostingPutOff) -> None:
        self._change(event.posting, rules.put_off(self._known(event.posting), event))

    def _known(self, number: int) -> Posting:
        if number not in self._rows:
            raise unknown("posting", str(number))
        return self._rows[number]

    def _change(self, number: int, new: Posting) -> None:
        self._turn = max(self._turn + 1, (self._clock.now() - EPOCH) // MICROSECOND if self._clock else 0)
        old = self._rows.get(number)
        if rules.waits_anew(old, new):
            self._since.put(number, self._turn)
        self._rows.put(number, new)

    async def prune(self, before: datetime) -> int:
        """Without a clock nobody knows what is old."""
        alive = [run.id for run in await self._runs.unfinished() if run.started_at < before]
        opened = await self._alerts.list(states=(AlertState.FIRING, AlertState.ACKNOWLEDGED), limit=1_000_000)
        alive += [alert.id for alert in opened if alert.opened_at < before]
        done = (PostingState.SETTLED, PostingState.FAILED)
        limit = (before - EPOCH) // MICROSECOND if self._clock else 0
        old = [row for row in self._rows.values() if row.state in done and self._since[row.id] < limit]
        gone = [row for row in old if not any(id in row.subject for id in alive)]
        for row in gone:
            del self._rows[row.id], self._since[row.id], self._ids[(row.subject, row.to)]
            self._subjects[row.subject] = tuple(number for number in self._subjects[row.subject] if number != row.id)
        return len(gone)

    async def census(self) -> Mapping[PostingState, int]:
        return Counter(row.state for row in self._rows.values() if row.state is not PostingState.SETTLED)

    async def due(self, now: datetime, *, limit: int = 100) -> list[Posting]:
        ready = (
            row for row in self._rows.values() if row.state is PostingState.WANTED and (row.not_before is None or row.not_before <= now)
        )
        return sorted(ready, key=lambda row: (row.priority, self._since[row.id], row.id))[:limit]

    async def heads(self, now: datetime) -> list[Posting]:
        first: dict[tuple[str, str], Posting] = {}
        for row in await self.due(now, limit=len(self._rows)):
            first.setdefault((row.to.face, row.to.channel), row)
        return list(first.values())

    async def sending(self) -> list[Posting]:
        return [row for row in self._rows.values() if row.state is PostingState.SENDING]

    async def of(self, subject: str) -> list[Posting]:
        return [self._rows[number] for number in self._subjects.get(subject, ())]

    async def standing_at(self, ref: MessageRef) -> Posting | None:
        found = (row for row in self._rows.values() if row.ref is not None and rules.place(row.ref) == rules.place(ref))
        return max(found, key=lambda row: row.id, default=None)
