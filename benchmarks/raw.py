"""The limit: durable workflows with nothing but a loop, one writer thread and group commit on bare sqlite3. No retries, no templates, no recovery, no API.

It keeps the same promise, no more: an ask is durable before its call leaves, its answer before what depends on it, the last answer together with the end.
So it writes two rows a step, as the journal does; the answer of a step and the ask of the next share a commit.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

Rows = list[tuple[str, tuple[Any, ...]]]  # (statement, values)
SCHEMA = (
    "CREATE TABLE run (id TEXT PRIMARY KEY, state TEXT) WITHOUT ROWID",
    "CREATE TABLE fact (run TEXT, seq INTEGER, at REAL, kind TEXT, step TEXT, key TEXT, data TEXT, PRIMARY KEY (run, seq)) WITHOUT ROWID",
)
START, FACT, END = (
    "INSERT INTO run VALUES (?, 'running')",
    "INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?)",
    "UPDATE run SET state = 'done' WHERE id = ?",
)


def fact(run: str, seq: int, kind: str, number: int, data: Any) -> tuple[str, tuple[Any, ...]]:
    return FACT, (run, seq, time.monotonic(), kind, f"s{number}", f"{run}:s{number}", json.dumps(data))


class RawLoop:
    """``sequence`` and ``fan`` are one workflow each."""

    def __init__(self, file: Path, pragmas: tuple[str, ...]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[tuple[Rows, asyncio.Future[None]] | None] = SimpleQueue()
        connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for statement in (*(f"PRAGMA {pragma}" for pragma in pragmas), *SCHEMA):
            connection.execute(statement)
        self._thread = Thread(target=self._write, args=(connection,), daemon=True)
        self._thread.start()
        self._ids = count()

    async def sequence(self, steps: int, act: Callable[[int], Awaitable[Any]]) -> None:
        run = f"run_{next(self._ids)}"
        rows: Rows = [(START, (run,))]
        for number in range(steps):
            await self._commit([*rows, fact(run, 2 * number, "asked", number, {"n": number})])
            rows = [fact(run, 2 * number + 1, "answered", number, await act(number))]
        await self._commit([*rows, (END, (run,))])

    async def fan(self, steps: int, act: Callable[[int], Awaitable[Any]]) -> None:
        run = f"run_{next(self._ids)}"
        await self._commit([(START, (run,)), *(fact(run, number, "asked", number, {"n": number}) for number in range(steps))])
        answers = await asyncio.gather(*(act(number) for number in range(steps)))
        await self._commit(
            [*(fact(run, steps + number, "answered", number, answer) for number, answer in enumerate(answers)), (END, (run,))]
        )

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _commit(self, rows: Rows) -> asyncio.Future[None]:
        done = self._loop.create_future()
        self._queue.put((rows, done))
        return done

    def _write(self, connection: sqlite3.Connection) -> None:
        while (first := self._queue.get()) is not None:
            batch = [first]
            while len(batch) < 4_000:
                try:
                    entry = self._queue.get_nowait()
                except Empty:
                    break
                if entry is None:
                    self._queue.put(None)
                    break
                batch.append(entry)
            connection.execute("BEGIN IMMEDIATE")
            for statement in (START, FACT, END):
                connection.executemany(statement, [values for rows, _ in batch for kind, values in rows if kind is statement])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_tell, [done for _, done in batch])
        connection.close()


def _tell(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        done.set_result(None)
