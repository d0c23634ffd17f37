"""The desk that hands out stretches: what the rest of this folder needs of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeAlias

Take: TypeAlias = Callable[[str], Awaitable[None]]  # drives the run of that id; the stretch is over when it returns


class Desk(Protocol):
    """A *stretch* is a turn at one run: from where it can go on to where it waits or ends. Of one run, one at a time is out.

    Every call may raise Transient: what the desk keeps its books in does not answer.
    """

    async def open(self, take: Take) -> None:
        """Stretches are handed to this executor from now on. One whose ``take`` is cancelled or raises stays in its name."""
        ...

    async def put(self, run_id: str, token: str, rank: int) -> None:
        """A stretch of this run is wanted. Asked again with the same token, even by another process or later, it is the same one.

        ``rank``: smaller goes first among those of one run; between runs the order is free.
        """
        ...

    async def held(self) -> frozenset[str]:
        """The runs whose stretches this executor has been handed and not finished."""
        ...

    async def out(self) -> frozenset[str]:
        """The runs that have a stretch waiting or handed out, to anybody."""
        ...

    async def executors(self) -> frozenset[str]:
        """Everybody who has been handed stretches that are not finished."""
        ...

    async def give_back(self, executor: str) -> int:
        """What this executor holds is handed out anew; it must be dead or know that it holds nothing any more. How many that were."""
        ...

    async def forget(self, before: datetime) -> int:
        """Drop the books of stretches that were put before then and are over, a bounded number at a time. How many that were."""
        ...

    async def close(self) -> None:
        """Nothing more is handed to this executor; what it holds stays in its name until it is given back."""
        ...

    async def leave(self) -> None:
        """Let go of the books; the last call."""
        ...
