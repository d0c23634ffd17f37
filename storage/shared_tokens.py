"""Rate limits that hold over all processes on one server: one row a limit, the server's clock, the arithmetic of ``storage.allowance``.

Everyone of one process who asks for the same limit while a question is on its way shares the next one, so a burst costs a few transactions
and no token is fetched that nobody wants. A token is counted as used a little later than it was given, and thrown away if it took longer
than that to arrive: between its counting and its use lies no gap through which a limit could be exceeded.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection, select, update

from engine.errors import Transient
from storage.allowance import read_used, take
from storage.dialect import server_now
from storage.errands import Errands
from storage.kept import EPOCH
from storage.latest import putting
from storage.shared_leases import awake
from storage.tables import allowances

Limit: TypeAlias = tuple[str, int, float]
STOPPING = "Signalbox is stopping; it goes on when it is started again."
SHORTEST_WAY, LONGEST_WAY = 0.05, 0.25  # seconds that a token may be on its way


@dataclass(slots=True)
class _Queue:
    """Those who want a token of one limit, and from when on it is worth asking again."""

    waiting: list[asyncio.Future[float]] = field(default_factory=list)
    asking: asyncio.Task[None] | None = None
    full_until: float = 0.0


class SharedTokens:
    """Fulfils ``ports.Tokens``. Raises Transient while the server does not answer: nothing is asked that was not counted."""

    def __init__(self, errands: Errands) -> None:
        self._errands = errands
        self._queues: dict[Limit, _Queue] = {}

    async def take(self, name: str, limit: int, per: float) -> float:
        queue = self._queues.setdefault((name, limit, per), _Queue())
        if (left := queue.full_until - awake()) > 0:
            return left
        place: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        queue.waiting.append(place)
        if queue.asking is None:
            queue.asking = asyncio.create_task(self._ask((name, limit, per), queue), name=f"tokens {name}")
        return await place

    async def close(self) -> None:
        tasks = [queue.asking for queue in self._queues.values() if queue.asking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, limit: Limit, queue: _Queue) -> None:
        """Until nobody waits; each question is for everyone who waits when it is asked."""
        try:
            while queue.waiting:
                places, queue.waiting = queue.waiting, []
                try:
                    await self._fetch(limit, queue, places)
                except asyncio.CancelledError:
                    _answer(places + queue.waiting, Transient(STOPPING))
                    raise
                except Exception as error:  # noqa: BLE001  whatever it was: who waits is told, never left waiting
                    _answer(places, error)
        finally:
            queue.asking = None

    async def _fetch(self, limit: Limit, queue: _Queue, places: list[asyncio.Future[float]]) -> None:
        way = min(LONGEST_WAY, max(SHORTEST_WAY, limit[2] / 32))
        begun = awake()
        granted, wait = await self._errands.run(lambda connection: _taken(connection, limit, len(places), way))
        if granted and awake() - begun > way:
            queue.waiting[:0] = places  # too late to be used safely; they count, and are asked for anew
            return
        _answer(places[:granted], 0.0)
        if granted < len(places):
            queue.full_until = begun + wait
            _answer(places[granted:], wait)


def _answer(places: list[asyncio.Future[float]], answer: float | Exception) -> None:
    for place in places:
        if place.done():  # whoever asked has gone
            continue
        if isinstance(answer, Exception):
            place.set_exception(answer)
        else:
            place.set_result(answer)


def _taken(connection: Connection, limit: Limit, wanted: int, late: float) -> tuple[int, float]:
    name, most, per = limit
    row = select(allowances.c.used, server_now()).where(allowances.c.name == name).with_for_update()
    if (found := connection.execute(row).first()) is None:
        connection.execute(putting(allowances, connection.dialect.name).on_conflict_do_nothing(), {"name": name, "used": []})
        found = connection.execute(row).one()
    used, now = found
    taken = take(read_used(used), (now - EPOCH).total_seconds(), most, per, wanted, late)
    if taken.granted:
        connection.execute(update(allowances).where(allowances.c.name == name).values(used=[list(box) for box in taken.used]))
    return taken.granted, taken.wait
