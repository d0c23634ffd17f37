"""Leases of several processes on one server: a row a lease, that ends by the server's clock unless it is renewed.

A row rather than an advisory lock: such a lock ends with its connection, and a connection through a pooler is not ours to keep; a row can be
looked at by people, too. What a lease cannot give is certainty: a process that was stopped for longer than its lease (a machine asleep)
may finish what it had begun after another has taken over. So nothing may rest on a lease alone, and nothing does: a fire is a run's id, a
card is one row per place, facts have their number, and the database refuses the second of each. The lease only spares the work. ``term``
grows with every new holder, for whoever wants to carry it along as a fence.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, case, delete, literal, or_, update

from engine.errors import SignalboxError, Transient
from storage.columns import Instant
from storage.dialect import server_now
from storage.errands import Errands
from storage.kept import MICROSECOND
from storage.latest import putting
from storage.tables import leases

log = logging.getLogger(__name__)

LASTS = timedelta(seconds=8)
FORGOTTEN = timedelta(days=7)  # rows of processes long gone
MARGIN = 1.0  # seconds by which we stop believing before the server does


def awake() -> float:
    """Seconds, those in which the machine slept among them, where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _later(by: timedelta) -> Any:
    return server_now().op("+", return_type=Instant())(literal(by // MICROSECOND))


class SharedLeases:
    """Fulfils ``ports.Leases``. While the server does not answer, what is held is held until its time has passed."""

    def __init__(self, errands: Errands, holder: str) -> None:
        self._errands = errands
        self._holder = holder
        self._until: dict[str, float] = {}  # what we hold, and until when we may believe so
        self._renew_at: dict[str, float] = {}

    async def acquire(self, name: str) -> bool:
        now = awake()
        if now < self._renew_at.get(name, 0.0):
            return True
        try:
            held = await self._errands.run(lambda connection: self._take(connection, name))
        except Transient as error:
            log.info("The lease %s could not be renewed: %s", name, error)
            return awake() < self._until.get(name, 0.0)
        if held:
            self._until[name], self._renew_at[name] = now + LASTS.total_seconds() - MARGIN, now + LASTS.total_seconds() / 3
        else:
            self._forget(name)
        return held and awake() < self._until[name]

    def left(self, name: str) -> float:
        return max(0.0, self._until.get(name, 0.0) - awake())

    async def release(self, name: str) -> None:
        self._forget(name)
        mine = (leases.c.name == name, leases.c.holder == self._holder)
        free = update(leases).where(*mine).values(holder="", until=server_now())
        try:
            await self._errands.run(lambda connection: connection.execute(free))
        except SignalboxError:
            return  # it ends by itself

    async def release_all(self) -> None:
        for name in list(self._until):
            await self.release(name)

    def _take(self, connection: Connection, name: str) -> bool:
        insert = putting(leases, connection.dialect.name)
        until = _later(LASTS)
        taken = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "holder": self._holder,
                "until": until,
                "term": leases.c.term + case((leases.c.holder == self._holder, 0), else_=1),
            },
            where=or_(leases.c.holder == self._holder, leases.c.until < server_now()),
        )
        row = {"name": name, "holder": self._holder, "term": 1, "until": until}
        return connection.execute(taken.values(row).returning(leases.c.term)).first() is not None

    def _forget(self, name: str) -> None:
        self._until.pop(name, None)
        self._renew_at.pop(name, None)


def forget_old(connection: Connection) -> None:
    """Rows of leases and of writers that nobody renewed for a week."""
    connection.execute(delete(leases).where(leases.c.until < _later(-FORGOTTEN)))
