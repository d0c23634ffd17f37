"""A sandbox's memory that ends with the process: for rehearsals, and where no store is joined."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from engine.ports import Clock, Thing

REMEMBERED = 10_000  # things and answers
MOST = 2_000  # things of one service that are looked through


class FleetingThings:
    """Fulfils ``ports.Things``."""

    def __init__(self, clock: Clock) -> None:
        self._since = clock.now()
        self._rows: OrderedDict[tuple[str, str, str], Thing] = OrderedDict()

    async def keep(self, *things: Thing) -> None:
        for thing in things:
            self._rows[thing.service, thing.kind, thing.id] = thing
        while len(self._rows) > REMEMBERED:
            _, dropped = self._rows.popitem(last=False)
            self._since = max(self._since, dropped.at)

    async def get(self, service: str, kind: str, id: str) -> Thing | None:
        return self._rows.get((service, kind, id))

    async def of(self, service: str) -> list[Thing]:
        found = [thing for thing in self._rows.values() if thing.service == service and thing.kind]
        found.reverse()  # of those made at the same moment, the later one first
        found.sort(key=lambda thing: thing.at, reverse=True)
        return found[:MOST]

    def since(self) -> datetime:
        return self._since

    async def prune(self) -> int:
        return 0
