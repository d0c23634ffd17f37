"""Leases of a house with a database of its own: it holds all of them, for the lock on the file keeps everybody else away."""

from __future__ import annotations

from math import inf


class OwnLeases:
    """Fulfils ``ports.Leases`` for one process."""

    async def acquire(self, name: str) -> bool:
        return True

    def left(self, name: str) -> float:
        return inf

    async def release(self, name: str) -> None:
        return
