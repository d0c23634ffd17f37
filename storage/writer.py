"""The one writer: a thread with one connection that commits whatever waits in one transaction.

    record() ──▶ waiting ──(the loop is quiet)──▶ queue ──▶ thread: BEGIN, each noun applies its events, COMMIT ──▶ loop: told, listeners heard

A disk syncs a few hundred times a second, whatever is in the transaction; so many records share one. If one of them does not
fit, the shared transaction is turned back and each is tried under a savepoint of its own: a conflict costs its neighbours time, nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from engine.errors import Transient
from engine.events import Event
from storage.dialect import failure, spoils_all

T = TypeVar("T")

QUIET_TURNS = 2  # turns of the loop without a new record before the waiting ones are handed over
PATIENCE = 50  # turns after which they are handed over anyway
LARGEST = 4_000  # records in one transaction
SLICE = 4  # records answered in one turn of the loop


class Noun(Protocol):
    """What the writer needs of each noun: which events are its own, and how they change its tables.

    ``apply`` gets the events in order and may group them; nouns do not depend on each other, so their order is free.
    It raises Conflict, or lets the database refuse.
    """

    EVENTS: ClassVar[tuple[type, ...]]

    def apply(self, connection: Connection, events: Sequence[Any]) -> None: ...


def _identity(file: Path) -> int:
    """Which file it is, whatever its name; 0 when there is none."""
    try:
        return file.stat().st_ino
    except OSError:
        return 0


class Entry:
    """One thing to be written, all or nothing: events, or a piece of work of the store's own."""

    __slots__ = ("error", "events", "result", "told", "work")

    def __init__(self, told: asyncio.Future[Any], events: tuple[Event, ...], work: Callable[[Connection], Any] | None) -> None:
        self.told = told
        self.events = events
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None


class Writer:
    """Fulfils ``ports.Ledger``. Belongs to the loop it is made on; a cancelled ``record`` may still be recorded."""

    def __init__(self, engine: Engine, place: str, file: Path | None = None) -> None:
        self._engine = engine
        self._file = file
        self._opened = _identity(file) if file else 0
        self._place = place
        self._nouns: dict[type, tuple[int, Noun]] = {}
        self._loop = asyncio.get_running_loop()
        self._listeners: list[Callable[[Sequence[Event]], None]] = []
        self._waiting: list[Entry] = []
        self._scheduled = False
        self._closed = False
        self._trouble = ""  # what kept the last batch from being written
        self._queue: SimpleQueue[list[Entry] | None] = SimpleQueue()
        self._thread = Thread(target=self._write_for_ever, name="signalbox-writer", daemon=True)

    def start(self, nouns: Sequence[Noun]) -> None:
        self._nouns = {kind: (number, noun) for number, noun in enumerate(nouns) for kind in noun.EVENTS}
        self._thread.start()

    # --- on the loop

    async def record(self, *events: Event) -> None:
        if events:
            await self._submit(events, None)

    async def perform(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in a transaction; for what is no event."""
        result: T = await self._submit((), work)
        return result

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(heard)

    def trouble(self) -> str:
        if self._file is not None and _identity(self._file) != self._opened:
            return f"{self._place} has been removed or replaced: what is written now is lost at the end. Stop Signalbox and put a backup in its place."
        return self._trouble

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
        entry = Entry(self._loop.create_future(), events, work)
        self._waiting.append(entry)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._settle, len(self._waiting), 0, 0)
        return entry.told

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
        if entry.error is None or spoils_all(entry.error):
            self._trouble = str(entry.error or "")
        if entry.error is None and entry.events:
            for heard in self._listeners:
                heard(entry.events)
        if entry.told.done():
            return
        if entry.error is None:
            entry.told.set_result(entry.result)
        else:
            entry.told.set_exception(entry.error)

    # --- on the thread

    def _write_for_ever(self) -> None:
        connection: Connection | None = None
        while (entries := self._next()) is not None:
            try:
                connection = connection or self._engine.connect()
                self._write(connection, entries)
            except Exception as err:  # noqa: BLE001  the thread outlives every failure; who waits is told
                self._fail(entries, err)
            self._tell(entries)
        if connection is not None:
            connection.close()

    def _next(self) -> list[Entry] | None:
        """Everything that waits, up to a bound; None at the end."""
        entries = self._queue.get()
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

    def _write(self, connection: Connection, entries: list[Entry]) -> None:
        try:
            with connection.begin():
                self._apply(connection, entries)
        except Exception as err:  # noqa: BLE001  the thread outlives every failure; who waits is told
            if len(entries) == 1 or spoils_all(failure(err, self._place)):
                self._fail(entries, err)
            else:
                self._write_singly(connection, entries)

    def _write_singly(self, connection: Connection, entries: list[Entry]) -> None:
        with connection.begin():
            for entry in entries:
                try:
                    with connection.begin_nested():
                        self._apply(connection, [entry])
                except Exception as err:
                    entry.error = failure(err, self._place)
                    if spoils_all(entry.error):
                        raise

    def _apply(self, connection: Connection, entries: list[Entry]) -> None:
        """Events of one noun together, in order."""
        by_noun: dict[int, tuple[Noun, list[Event]]] = {}
        for entry in entries:
            for event in entry.events:
                number, noun = self._nouns[type(event)]
                if number not in by_noun:
                    by_noun[number] = (noun, [])
                by_noun[number][1].append(event)
        for number in sorted(by_noun):
            noun, events = by_noun[number]
            noun.apply(connection, events)
        for entry in entries:
            if entry.work is not None:
                entry.result = entry.work(connection)

    def _fail(self, entries: list[Entry], err: Exception) -> None:
        for entry in entries:
            if entry.error is None:
                entry.error = failure(err, self._place)

    def _tell(self, entries: list[Entry]) -> None:
        try:
            self._loop.call_soon_threadsafe(self._report, entries)
        except RuntimeError:
            return  # the loop is closed: nobody is left to be told
