"""How memory is asked: a query runs on a thread of a small pool, never on the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, Engine, Row, Select

from storage.dialect import READERS
from storage.failures import failure

T = TypeVar("T")
AnyRow: TypeAlias = Row[*tuple[Any, ...]]
Query: TypeAlias = Select[*tuple[Any, ...]]


class Reader:
    """Every query sees all that was recorded before it was asked."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="signalbox-reader")

    async def read(self, ask: Callable[[Connection], T]) -> T:
        """Raises Transient or Rejected, never an error of the database's own."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._asked, ask)

    async def rows(self, query: Query) -> list[AnyRow]:
        return await self.read(lambda connection: list(connection.execute(query)))

    async def row(self, query: Query) -> AnyRow | None:
        return await self.read(lambda connection: connection.execute(query).first())

    def close(self) -> None:
        self._pool.shutdown()
        self._engine.dispose()

    def _asked(self, ask: Callable[[Connection], T]) -> T:
        try:
            with self._engine.connect() as connection:
                return ask(connection)
        except Exception as err:
            raise failure(err, self._place) from err
