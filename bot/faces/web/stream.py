"""What open pages are told while they are open, and what a page that lost its connection has missed.

A page that comes back with the last id it saw gets what it missed, if that is still remembered; else it is told to
start afresh (``hello`` with ``resumed`` false) and reads the history again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from bot.faces.http.sse import Frame
from engine.workflow.definition import Json

REMEMBERED = 1000  # notices a page may have missed
BACKLOG = 500  # notices a slow page may be behind before it must start afresh


@dataclass(frozen=True, slots=True)
class Notice:
    """``seq`` counts from 1 in this process; ``only_for`` is an actor id, "" = everyone."""

    seq: int
    name: str
    data: Mapping[str, Json]
    only_for: str = ""


class Hub:
    """Hands notices to every page. ``epoch`` names this process: ids of another one cannot be resumed."""

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch
        self._recent: deque[Notice] = deque(maxlen=REMEMBERED)
        self._pages: set[_Page] = set()
        self.seq = 0
        self.closing = asyncio.Event()

    def publish(self, name: str, data: Mapping[str, Json], only_for: str = "") -> None:
        self.seq += 1
        notice = Notice(self.seq, name, data, only_for)
        self._recent.append(notice)
        for page in self._pages:
            page.take(notice)

    def afresh(self) -> None:
        """Something was missed: every page reads what it shows again."""
        self.seq += 1
        self._recent.clear()
        for page in self._pages:
            page.start_afresh()

    async def frames(self, reader: str, last_id: str) -> AsyncGenerator[Frame, None]:
        """Everything ``reader`` (an actor id) may see, from after ``last_id`` on; never ends by itself."""
        page = _Page(reader)
        missed = self._missed(last_id)
        for old in missed or ():
            page.take(old)
        self._pages.add(page)
        try:
            yield self._hello(resumed=missed is not None)
            while True:
                notice = await page.next()
                yield Frame(notice.name, notice.data, self._id(notice.seq)) if notice else self._hello(resumed=False)
        finally:
            self._pages.discard(page)

    @property
    def pages(self) -> int:
        return len(self._pages)

    def _hello(self, *, resumed: bool) -> Frame:
        return Frame("hello", {"resumed": resumed}, "" if resumed else self._id(self.seq))

    def _id(self, seq: int) -> str:
        return f"{self._epoch}.{seq}"

    def _missed(self, last_id: str) -> list[Notice] | None:
        """None: it cannot be told what was missed."""
        epoch, _, number = last_id.rpartition(".")
        if epoch != self._epoch or not number.isdigit() or int(number) > self.seq:
            return None
        oldest = self._recent[0].seq if self._recent else self.seq + 1
        if int(number) + 1 < oldest:
            return None
        return [notice for notice in self._recent if notice.seq > int(number)]


class _Page:
    """One open page; None among its notices means “you are too far behind, start afresh”."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._waiting: deque[Notice | None] = deque()
        self._news = asyncio.Event()

    def take(self, notice: Notice) -> None:
        if notice.only_for not in ("", self._reader):
            return
        if len(self._waiting) >= BACKLOG:
            self.start_afresh()
        else:
            self._waiting.append(notice)
        self._news.set()

    def start_afresh(self) -> None:
        self._waiting.clear()
        self._waiting.append(None)
        self._news.set()

    async def next(self) -> Notice | None:
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()
