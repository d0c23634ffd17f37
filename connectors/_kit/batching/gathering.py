"""Asks of one kind that come within a moment are sent together; each gets its own answer, and one that is given up hurts no other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from engine.errors import SignalboxError, Unanswered
from engine.ports import Clock

T = TypeVar("T")
R = TypeVar("R")
SendAll: TypeAlias = "Callable[[Sequence[T]], Awaitable[Sequence[R | SignalboxError]]]"


@dataclass(slots=True, eq=False)
class _Group(Generic[T, R]):
    entries: list[tuple[T, asyncio.Future[R]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None
    full: asyncio.Event = field(default_factory=asyncio.Event)


class Gathering(Generic[T, R]):
    """``send_all`` gives one answer or failure for each item, in their order; what it raises is everybody's failure."""

    def __init__(self, send_all: SendAll[T, R], clock: Clock, wait: float) -> None:
        self._send_all = send_all
        self._clock = clock
        self._wait = wait
        self._open: dict[Hashable, _Group[T, R]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, kind: Hashable, item: T, most: int) -> R:
        """Raises what this item alone failed with."""
        group = self._open.get(kind)
        if group is None:
            group = self._open[kind] = _Group()
            group.task = asyncio.get_running_loop().create_task(self._later(kind, group))
            self._tasks.add(group.task)
            group.task.add_done_callback(self._tasks.discard)
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        entry = (item, answer)
        group.entries.append(entry)
        if len(group.entries) >= most:
            self._close(kind, group)
        try:
            return await answer
        except asyncio.CancelledError:
            self._gone(kind, group, entry)
            raise

    def _close(self, kind: Hashable, group: _Group[T, R]) -> None:
        if self._open.get(kind) is group:
            del self._open[kind]
        group.full.set()

    def _gone(self, kind: Hashable, group: _Group[T, R], entry: tuple[T, asyncio.Future[R]]) -> None:
        """Before the sending it is taken out; afterwards only its own answer is lost. When nobody is left, nothing is sent or waited for."""
        if not group.full.is_set():
            group.entries.remove(entry)
        if group.task is not None and not any(not answer.done() for _, answer in group.entries):
            self._close(kind, group)
            group.task.cancel()

    async def _later(self, kind: Hashable, group: _Group[T, R]) -> None:
        waiting = asyncio.ensure_future(self._clock.sleep(self._wait))
        filling = asyncio.ensure_future(group.full.wait())
        try:
            await asyncio.wait((waiting, filling), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            filling.cancel()
        self._close(kind, group)
        await self._send(group.entries)

    async def _send(self, entries: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            found: Sequence[R | SignalboxError] = await self._send_all([item for item, _ in entries])
            if len(found) != len(entries):  # whoever is left over would wait for ever
                found = [_unexpected(ValueError(f"{len(found)} answers to {len(entries)} asks")) for _ in entries]
        except asyncio.CancelledError:
            for _, answer in entries:
                answer.cancel()
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, each asker hears of it
            found = [error if isinstance(error, SignalboxError) else _unexpected(error) for _ in entries]
        for (_, answer), one in zip(entries, found, strict=True):
            if answer.done():
                continue
            if isinstance(one, SignalboxError):
                answer.set_exception(one)
            else:
                answer.set_result(one)

    async def close(self) -> None:
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _unexpected(error: Exception) -> SignalboxError:
    failure = Unanswered(f"A batch failed inside Signalbox ({type(error).__name__}); whether it was done has to be looked up there.")
    failure.__cause__ = error
    return failure
