"""Where it is written down what the model may be used for, what was used, and how its endpoint wants to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from engine.errors import Rejected
from engine.resilience.spending import PER_DAY, Leave, spent
from engine.workflow.definition import Json


class Book(Protocol):
    """``engine.runtime.model_book.HouseModelBook`` keeps one in the store."""

    async def leave(self, workspace: str) -> Leave: ...

    async def count(self, workspace: str, tokens: int, asked: int = 0) -> None:
        """``tokens`` may be negative, when an estimate is put right."""
        ...

    async def recall(self, name: str) -> Mapping[str, Json] | None: ...
    async def keep(self, name: str, state: Mapping[str, Json] | None) -> None: ...


class MemoryBook:
    """Fulfils ``Book`` for one process that keeps nothing: ``parse``. Its day ends with the process; ``on`` holds everywhere."""

    def __init__(self, *, on: bool = True, per_day: int = PER_DAY) -> None:
        self._on, self._per_day = on, per_day
        self._used: dict[str, tuple[int, int]] = {}
        self._kept: dict[str, Mapping[str, Json]] = {}

    async def leave(self, workspace: str) -> Leave:
        used, asked = self._used.get(workspace, (0, 0))
        return Leave(on=self._on, limit=self._per_day, used=used, asked=asked)

    async def count(self, workspace: str, tokens: int, asked: int = 0) -> None:
        used, before = self._used.get(workspace, (0, 0))
        self._used[workspace] = (max(0, used + tokens), max(0, before + asked))

    async def recall(self, name: str) -> Mapping[str, Json] | None:
        return self._kept.get(name)

    async def keep(self, name: str, state: Mapping[str, Json] | None) -> None:
        if state is None:
            self._kept.pop(name, None)
        else:
            self._kept[name] = state


class Spent(Rejected):
    """The tokens of the day are used up."""


class Meter:
    """Counts what one workspace uses: an estimate before the question goes out, put right when the answer says what it took."""

    def __init__(self, book: Book, workspace: str) -> None:
        self._book, self._workspace = book, workspace

    async def begin(self, estimate: int) -> None:
        """Raises Spent, and counts nothing, where the day has not so many left."""
        leave = await self._book.leave(self._workspace)
        if leave.left < estimate:
            raise Spent(spent(leave.limit))
        await self._book.count(self._workspace, estimate, 1)

    async def end(self, estimate: int, took: int) -> None:
        if took != estimate:
            await self._book.count(self._workspace, took - estimate)


def tokens_in(characters: int) -> int:
    """An estimate where the server tells none: about 3.5 characters of English or JSON are a token; never less than one."""
    return max(1, round(characters / 3.5))
