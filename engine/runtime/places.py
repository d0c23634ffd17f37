"""Places: so many at a time, and who waits for one is let in by rank, not by luck."""

from __future__ import annotations

import asyncio
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from typing import TypeAlias

Rank: TypeAlias = tuple[int, int]  # smaller goes first; equals in the order in which they came


class Places:
    def __init__(self, places: int) -> None:
        self._free = places
        self._numbers = count()
        self._line: list[tuple[Rank, int, asyncio.Future[None]]] = []

    def take_now(self) -> bool:
        """Whether there was one free; it is taken then."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def take(self, rank: Rank) -> None:
        if self.take_now():
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._line, (rank, next(self._numbers), called))
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                self.give()  # called in the very moment of leaving
            raise

    def give(self) -> None:
        """The place goes to the first in line; only when nobody waits it is free."""
        while self._line:
            called = heappop(self._line)[2]
            if not called.done():
                called.set_result(None)
                return
        self._free += 1


class Both:
    """``async with Both(some, others, rank):`` holds a place among some and one among others, in this order."""

    __slots__ = ("_others", "_rank", "_some")

    def __init__(self, some: Places, others: Places, rank: Rank) -> None:
        self._some, self._others, self._rank = some, others, rank

    async def __aenter__(self) -> None:
        if not self._some.take_now():
            await self._some.take(self._rank)
        if self._others.take_now():
            return
        try:
            await self._others.take(self._rank)
        except BaseException:
            self._some.give()
            raise

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._others.give()
        self._some.give()
