"""Rate limits of a house with a database of its own: kept in the process, for nobody else asks."""

from __future__ import annotations

from time import monotonic

from engine.ports import Clock
from storage.allowance import Used, take

MOST = 10_000  # names; far more than accounts there are


class OwnTokens:
    """Fulfils ``ports.Tokens`` for one process. After a restart nothing counts as used."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock
        self._used: dict[str, Used] = {}

    async def take(self, name: str, limit: int, per: float) -> float:
        taken = take(self._used.get(name, ()), self._now(), limit, per)
        self._used[name] = taken.used
        if len(self._used) > MOST:
            del self._used[next(iter(self._used))]
        return taken.wait

    def _now(self) -> float:
        return self._clock.now().timestamp() if self._clock else monotonic()
