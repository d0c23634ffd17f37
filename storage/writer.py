"""The one writer: a thread with one connection that commits whatever waits in one transaction.

    record() ──▶ waiting ──(the loop is quiet)──▶ queue ──▶ thread: BEGIN, each noun applies its events, COMMIT ──▶ loop: told, listeners heard

A disk syncs a few hundred times a second, whatever is in the transaction; so many records share one. What becomes of a transaction is
the business of ``storage.pen``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.errors import Transient
from engine.events import Event
from storage.hearing import tell
from storage.pen import Entry, Noun, Pen

T = TypeVar("T")

QUIET_TURNS = 2  # turns of the loop without a new record before the waiting ones are handed over
PATIENCE = 50  # turns after which they are handed over anyway
LARGEST = 4_000  # records in one transaction
LOOK_AFTER = 0.25  # seconds between two looks of the pen at what is not in order
SLICE = 4  # records answered in one turn of the loop


def _identity(file: Path) -> int:
    """Which file it is, whatever its name; 0 when there is none."""
    try:
        return file.stat().st_ino
    except OSError:
        return 0


class Writer:
    """Fulfils ``ports.Ledger``. Belongs to the loop it is made on; a cancelled ``record`` may still be recorded."""

    def __init__(self, pen: Pen, place: str, file: Path | None = None) -> None:
        self._pen = pen
        self._file = file
        self._opened = _identity(file) if file else 0
        self._place = place
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self._waiting: list[Entry] = []
        self._scheduled = False
        self._closed = False
        self._queue: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._thread = Thread(target=self._write_for_ever, name="signalbox-writer", daemon=True)

    def start(self, nouns: Sequence[Noun]) -> None:
        self._pen.take(nouns)
        self._thread.start()

    # --- on the loop

    async def record(self, *events: Event) -> None:
        if events:
            await self._submit(events, None)

    async def perform(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a transaction; for what is no event."""
        result: T = await self._submit((), work)
        return result

    def hear(self, events: Sequence[Event]) -> None:
        """Tell everyone who listens; on the loop."""
        tell(self._listeners, events)

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(heard)

    def trouble(self) -> str:
        if self._file is not None and _identity(self._file) != self._opened:
            return f"{self._place} has been removed or replaced: what is written now is lost at the end. Stop Signalbox and put a backup in its place."
        return self._pen.trouble

    async def close(self) -> None:
        """Everything recorded so far is written; whoever records from now on is refused."""
        if self._closed:
            return
        self._closed = True
        self._hand_over()
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join)

    def _submit(self, events: tuple[Event, ...], work: Callable[[Connection], Any] | None) -> asyncio.Future[Any]:
        if self._closed:
            raise Transient("Signalbox is stopping; it goes on when it is started again.")
        told: asyncio.Future[Any] = self._loop.create_future()
        entry = Entry(told, events, work)
        self._waiting.append(entry)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._settle, len(self._waiting), 0, 0)
        return told

    def _settle(self, known: int, quiet: int, turns: int) -> None:
        """Hand over once no task adds to what waits: those woken by the last commit all record again within a few turns."""
        count = len(self._waiting)
        quiet = quiet + 1 if count == known else 0
        if quiet >= QUIET_TURNS or turns >= PATIENCE:
            self._hand_over()
        else:
            self._loop.call_soon(self._settle, count, quiet, turns + 1)

    def _hand_over(self) -> None:
        self._scheduled = False
        if self._waiting:
            self._queue.put(self._waiting)
            self._waiting = []

    def _report(self, entries: list[Entry], first: int = 0) -> None:
        """A slice a turn of the loop: those woken take it in turns with what comes in from outside, such as a click to acknowledge."""
        for entry in entries[first : first + SLICE]:
            self._answer(entry)
        if first + SLICE < len(entries):
            self._loop.call_soon(self._report, entries, first + SLICE)

    def _answer(self, entry: Entry) -> None:
        if entry.error is None and entry.events:
            self.hear(entry.events)
        if entry.told.done():
            return
        if entry.error is None:
            entry.told.set_result(entry.result)
        else:
            entry.told.set_exception(entry.error)

    # --- on the thread

    def _write_for_ever(self) -> None:
        while (entries := self._next()) is not None:
            self._tell(self._pen.write(entries))
        self._tell(self._pen.close())

    def _next(self) -> list[Entry] | None:
        """Everything that waits, up to a bound; nothing when the pen wants to look after something; None at the end."""
        try:
            entries = self._queue.get(timeout=LOOK_AFTER if self._pen.restless else None)
        except Empty:
            return []
        while entries is not None and len(entries) < LARGEST:
            try:
                more = self._queue.get_nowait()
            except Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            entries.extend(more)
        return entries

    def _tell(self, entries: list[Entry]) -> None:
        try:
            if entries:
                self._loop.call_soon_threadsafe(self._report, entries)
        except RuntimeError:
            return  # the loop is closed: nobody is left to be told
