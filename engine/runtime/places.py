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

    async def take(self, rank: Rank) -> None:
        if self._free:
            self._free -= 1
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

    def at(self, rank: Rank) -> Place:
        return Place(self, rank)


class Place:
    """``async with places.at(rank):`` holds one place."""

    __slots__ = ("_places", "_rank")

    def __init__(self, places: Places, rank: Rank) -> None:
        self._places, self._rank = places, rank

    async def __aenter__(self) -> None:
        await self._places.take(self._rank)

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._places.give()
