"""The pace: rate limits that asks keep to, and when an ask that is too early may come again.

limits of an ask ─▶ tokens free? ─▶ go
                       │ no
                       ├─▶ free within a moment: wait for it here
                       └─▶ Held: told a moment of its own, later than all that were told one before, so that they do not all come at once
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.errors import Transient
from engine.ports import Clock, Tokens
from engine.runtime.places import Rank

MOST_NAMES = 10_000


class Held(Transient):
    """Not put to the service: a rate limit. It is no failure of an attempt; ``retry_after`` seconds from now its turn comes."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``limit`` asks in any ``per`` seconds, under ``name``."""

    name: str
    limit: int
    per: float


@dataclass(slots=True)
class _Line:
    """Moments that were promised to asks that had to leave; ``owners``: the key of an ask → its moment and rank."""

    moments: list[datetime] = field(default_factory=list)
    owners: dict[str, tuple[datetime, Rank]] = field(default_factory=dict)

    def forget_before(self, moment: datetime) -> None:
        """Those that did not come back in time (their run was cancelled) keep nobody waiting."""
        if self.moments and self.moments[0] < moment:
            self.owners = {key: (at, rank) for key, (at, rank) in self.owners.items() if at >= moment}
            self.moments = sorted(at for at, _ in self.owners.values())

    def leave(self, key: str) -> None:
        owned = self.owners.pop(key, None)
        if owned is not None:
            self.moments.remove(owned[0])

    def promise(self, key: str, rank: Rank, earliest: datetime, limit: int, per: float) -> datetime:
        """The first moment from ``earliest`` on before which no ``limit`` others within ``per`` seconds were promised theirs."""
        at = earliest if len(self.moments) < limit else max(earliest, self.moments[-limit] + timedelta(seconds=per))
        insort(self.moments, at)
        self.owners[key] = (at, rank)
        return at


class Pace:
    """Keeps to limits over ``tokens``, which hold for every process of the house."""

    def __init__(self, tokens: Tokens, clock: Clock) -> None:
        self._tokens = tokens
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    async def wait_for(self, limits: Sequence[Limit], key: str, rank: Rank) -> float:
        """0.0: go. Else seconds after which the ask ``key`` is to come again. Whoever ranks before all who wait need not stand in line."""
        for limit in limits:
            if wait := await self._one(limit, key, rank):
                return wait
        return 0.0

    async def _one(self, limit: Limit, key: str, rank: Rank) -> float:
        now, line = self._clock.now(), self._lines.get(limit.name)
        if line is not None:
            line.forget_before(now - timedelta(seconds=limit.per))
            ahead = [at for at, others in line.owners.values() if at > now and others <= rank]
            owned = line.owners.get(key)
            if owned is not None and owned[0] > now:
                return (owned[0] - now).total_seconds()  # it came before its time
            line.leave(key)
            if ahead and owned is None:
                return self._promised(limit, key, rank, now, now)
        wait = await self._tokens.take(limit.name, limit.limit, limit.per)
        if not wait:
            self._drop_empty(limit.name)
            return 0.0
        return self._promised(limit, key, rank, now, now + timedelta(seconds=wait))

    def _promised(self, limit: Limit, key: str, rank: Rank, now: datetime, earliest: datetime) -> float:
        line = self._lines.setdefault(limit.name, _Line())
        at = line.promise(key, rank, max(earliest, line.moments[0] if line.moments else earliest), limit.limit, limit.per)
        if len(self._lines) > MOST_NAMES:
            del self._lines[next(iter(self._lines))]
        return max((at - now).total_seconds(), 0.001)

    def _drop_empty(self, name: str) -> None:
        line = self._lines.get(name)
        if line is not None and not line.owners:
            del self._lines[name]
