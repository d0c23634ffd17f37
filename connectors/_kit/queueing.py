"""Who goes next: people first, runs in turn, and nobody is overtaken for ever.

Each flow (a run) has its asks in turns: the first ask of every flow comes before the second of any. After so many people in a row who overtook
somebody, one who is no person goes.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from connectors._kit.errand import Asker

IN_A_ROW = 4  # people who may overtake somebody before he goes


@dataclass(slots=True, eq=False)
class Waiting:
    """``since``: when it began to wait."""

    who: Asker
    since: float
    called: Future[None] = field(repr=False)


W = TypeVar("W", bound=Waiting)


class Queue(Generic[W]):
    def __init__(self) -> None:
        self._people: list[tuple[int, int, W]] = []
        self._others: list[tuple[int, int, W]] = []
        self._turns: dict[str, int] = {}
        self._turn = 0
        self._numbers = count()
        self._overtaken = 0

    def __len__(self) -> int:
        return len(self._people) + len(self._others)

    def __iter__(self) -> Iterator[W]:
        return (one for line in (self._people, self._others) for _, _, one in line)

    def ahead_of(self, who: Asker) -> list[W]:
        """Those who wait now and go before somebody who comes now, as far as can be told."""
        return [one for _, _, one in self._people] if who.person else list(self)

    def join(self, one: W) -> None:
        turn = max(self._turns.get(one.who.flow, -1) + 1, self._turn)
        self._turns[one.who.flow] = turn
        heappush(self._people if one.who.person else self._others, (turn, next(self._numbers), one))

    def leave(self, gone: W) -> None:
        for line in (self._people, self._others):
            if any(one is gone for _, _, one in line):
                line[:] = [entry for entry in line if entry[2] is not gone]
                heapify(line)
        self._tidy()

    def next(self, can_go: Callable[[W], bool]) -> W | None:
        """The first who can go now; he has left the queue then."""
        lines = (self._people, self._others)
        if self._overtaken >= IN_A_ROW:
            lines = (self._others, self._people)
        for line in lines:
            found = self._first(line, can_go)
            if found is not None:
                overtook = line is self._people and any(can_go(one) for _, _, one in self._others)
                self._overtaken = self._overtaken + 1 if overtook else 0
                self._tidy()
                return found
        return None

    def _first(self, line: list[tuple[int, int, W]], can_go: Callable[[W], bool]) -> W | None:
        held = []
        found = None
        while line:
            entry = heappop(line)
            if can_go(entry[2]):
                self._turn, found = max(self._turn, entry[0]), entry[2]
                break
            held.append(entry)
        for entry in held:
            heappush(line, entry)
        return found

    def _tidy(self) -> None:
        if not len(self):
            self._turns.clear()
            self._turn = self._overtaken = 0
