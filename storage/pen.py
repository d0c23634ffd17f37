"""The pen: the one connection that writes, and what is known of each commit; lives on the writer's thread.

    entries ──▶ BEGIN, each noun applies its events, sign, COMMIT ──▶ decided: done, or failed with a reason
                   │                                   │
                   │ two transactions in each other's way: again      │ the server went away: open, until it can be asked
                   │ one of them does not fit: each under a savepoint │ whether our signature stands there
                   └ the disk: failed, and nothing is believed before the file has been proven

A commit whose answer was lost is neither done nor failed. Whoever waits for it waits until the server is back and says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, ClassVar, Protocol

from sqlalchemy import Connection, Engine, Transaction
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Transient
from engine.events import Event
from storage.failures import AGAIN_SOON, Unusable, broke, failure, lost, passing, spoils_all

TRIES = 8  # of a transaction that was in another's way
LONGEST_PAUSE = 30.0  # seconds between two attempts to mend

STOPPED = "Signalbox was stopped before the database could say whether that was recorded; it looks again when it is started."


class Noun(Protocol):
    """What the pen needs of each noun: which events are its own, and how they change its tables.

    ``apply`` gets the events in order and may group them; nouns do not depend on each other, so their order is free.
    It raises Conflict, or lets the database refuse.
    """

    EVENTS: ClassVar[tuple[type, ...]]

    def apply(self, connection: Connection, events: Sequence[Any]) -> None: ...


class Seal(Protocol):
    """What differs between databases around a commit."""

    def prepare(self, connection: Connection) -> None:
        """On a fresh connection, before anything is written."""
        ...

    def sign(self, connection: Connection) -> None:
        """Leave a mark inside the transaction by which it can be known again."""
        ...

    def signed(self, connection: Connection) -> bool:
        """Whether the last transaction that was signed stands; waits for one that is still being decided."""
        ...

    def try_out(self, connection: Connection) -> None:
        """Change something inside the transaction that harms nobody."""
        ...

    def prove(self, connection: Connection) -> None:
        """After a disk could not be written: make sure that what was refused stays refused and what was acknowledged is on the disk."""
        ...

    def inspect(self, connection: Connection) -> None:
        """Believe nothing: over a fresh connection, find out whether all is well. Raises what is not."""
        ...


class Entry:
    """One thing to be written, all or nothing: events, or a piece of work of the store's own."""

    __slots__ = ("error", "events", "result", "told", "work")

    def __init__(self, told: Any, events: tuple[Event, ...], work: Callable[[Connection], Any] | None) -> None:
        self.told = told
        self.events = events
        self.work = work
        self.result: Any = None
        self.error: Exception | None = None


class Pen:
    def __init__(self, engine: Engine, place: str, seal: Seal) -> None:
        self._engine = engine
        self._place = place
        self._seal = seal
        self._nouns: dict[type, tuple[int, Noun]] = {}
        self._connection: Connection | None = None
        self._open: list[Entry] = []
        self._doubted = False
        self._pause, self._not_before = 0.0, 0.0
        self.trouble = ""  # why nothing can be written, in a sentence

    def take(self, nouns: Sequence[Noun]) -> None:
        self._nouns = {kind: (number, noun) for number, noun in enumerate(nouns) for kind in noun.EVENTS}

    @property
    def restless(self) -> bool:
        """Whether there is something to look after though nobody wants anything written."""
        return bool(self._open or self.trouble)

    def write(self, entries: list[Entry]) -> list[Entry]:
        """The entries, these and earlier ones, of which it is known now what became of them."""
        decided = self._settle()
        if self._open or (self._doubted and not self._proven()):
            self._fail(entries, Transient(self.trouble, AGAIN_SOON))
            return decided + entries
        if entries:
            return decided + self._attempt(entries)
        if self.trouble:
            self._try_out()
        return decided

    def close(self) -> list[Entry]:
        """Let go; what is still open is told that nobody knows."""
        self._not_before = 0.0
        decided = self._settle()
        self._fail(self._open, Transient(STOPPED))
        decided, self._open = decided + self._open, []
        self._let_go()
        return decided

    # --- one transaction

    def _attempt(self, entries: list[Entry]) -> list[Entry]:
        for last in range(TRIES, 0, -1):
            for entry in entries:
                entry.error = entry.result = None
            try:
                return self._transact(entries, self._apply)
            except Exception as err:  # noqa: BLE001  the thread outlives every failure; who waits is told
                if passing(err) and last > 1:
                    continue
                word = self._word(err)
                if len(entries) == 1 or spoils_all(word):
                    return self._fail(entries, word)
                return self._attempt_singly(entries)
        return entries

    def _attempt_singly(self, entries: list[Entry]) -> list[Entry]:
        """One of them does not fit: a conflict costs its neighbours time, nothing else."""
        try:
            return self._transact(entries, self._apply_singly)
        except Exception as err:  # noqa: BLE001  as above
            return self._fail(entries, self._word(err))

    def _transact(self, entries: list[Entry], apply: Callable[[Connection, list[Entry]], None]) -> list[Entry]:
        """Those decided; the others are open. Raises whatever the database says before it was told to commit, and its refusal to."""
        try:
            connection = self._connected()
            transaction = connection.begin()
            try:
                apply(connection, entries)
                self._seal.sign(connection)
            except BaseException:
                _turn_back(transaction)
                raise
        except Exception as err:
            self._doubt(err)
            raise
        try:
            transaction.commit()
        except Exception as err:
            _turn_back(transaction)
            self._doubt(err)
            if not lost(err):
                raise
            self._open = [entry for entry in entries if entry.error is None and entry.told is not None]  # nobody waits for a trial
            self.trouble = str(self._word(err))
            return [entry for entry in entries if entry.error is not None]
        self.trouble = ""
        return entries

    def _apply(self, connection: Connection, entries: Sequence[Entry]) -> None:
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

    def _apply_singly(self, connection: Connection, entries: Sequence[Entry]) -> None:
        for entry in entries:
            try:
                with connection.begin_nested():
                    self._apply(connection, [entry])
            except Exception as err:
                entry.error = self._word(err)
                if spoils_all(entry.error) or passing(err):
                    raise

    # --- what is not known

    def _settle(self) -> list[Entry]:
        """Ask whether the commit whose answer was lost stands; if it does not, it is written again."""
        if not self._open or not self._due():
            return []
        try:
            with (connection := self._connected()).begin():
                stands = self._seal.signed(connection)
        except Exception as err:  # noqa: BLE001  the server is not back
            self._put_off(err)
            return []
        entries, self._open, self.trouble = self._open, [], ""
        self._pause = 0.0
        return entries if stands else self._attempt(entries)

    def _proven(self) -> bool:
        if not self._due():
            return False
        try:
            self._seal.prove(self._connected())
            self._let_go()
            self._seal.inspect(self._connected())
        except Exception as err:  # noqa: BLE001  it stays in doubt, and says so
            self._put_off(err)
            return False
        self._doubted, self._pause, self.trouble = False, 0.0, ""
        return True

    def _try_out(self) -> None:
        """Nobody writes any more because it was said that nothing can be written: see whether that is still so."""
        if self._due():
            entry = Entry(None, (), self._seal.try_out)
            self._attempt([entry])
            self._pause = self._next_pause() if entry.error else 0.0
            self._not_before = monotonic() + self._pause

    def _due(self) -> bool:
        return monotonic() >= self._not_before

    def _put_off(self, err: Exception) -> None:
        if not self._doubted:
            self._let_go()
        self.trouble = str(self._word(err))
        self._pause = self._next_pause()
        self._not_before = monotonic() + self._pause

    def _next_pause(self) -> float:
        return min(max(0.25, self._pause * 2), LONGEST_PAUSE)

    # --- the connection

    def _connected(self) -> Connection:
        if self._connection is None:
            fresh = self._engine.connect()
            try:
                self._seal.prepare(fresh)
            except BaseException:
                fresh.close()
                raise
            self._connection = fresh
        return self._connection

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception:  # noqa: BLE001  it is of no use any more
                connection.invalidate()

    def _doubt(self, err: Exception) -> None:
        """Which connection can be used again. The one on which a disk failed is kept: only it knows what was refused."""
        self._doubted = self._doubted or broke(err)
        if spoils_all(self._word(err)) and not self._doubted:
            self._let_go()

    def _word(self, err: Exception) -> Exception:
        """While it is at work, a database that cannot be used is one that cannot be used *now*."""
        word = failure(err, self._place)
        return Transient(str(word), LONGEST_PAUSE) if isinstance(word, Unusable) else word

    def _fail(self, entries: list[Entry], error: Exception) -> list[Entry]:
        for entry in entries:
            if entry.error is None:
                entry.error = error
        if entries and spoils_all(error):
            self.trouble = str(error)
        return entries


def _turn_back(transaction: Transaction) -> None:
    with suppress(SQLAlchemyError):  # a connection that is lost has turned it back already, or never will
        transaction.rollback()
