"""Short transactions of their own, beside those of the writer: leases and rate limits wait for nobody's batch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from storage.dialect import ERRANDS
from storage.failures import failure, passing

T = TypeVar("T")
TRIES = 8  # of a transaction that was in another's way


class Errands:
    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._pool = ThreadPoolExecutor(ERRANDS, thread_name_prefix="signalbox-errand")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """``work`` in one transaction, durable on return; it may be done more than once. Raises Transient or Rejected."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._done, work)

    def close(self) -> None:
        self._pool.shutdown()
        self._engine.dispose()

    def _done(self, work: Callable[[Connection], T]) -> T:
        for last in range(TRIES, 0, -1):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except Exception as err:
                if not passing(err) or last == 1:
                    raise failure(err, self._place) from err
        raise AssertionError("a try returns or raises")
