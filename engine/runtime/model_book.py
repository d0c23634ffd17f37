"""What is kept about the language model: the tokens of the day, and the way of asking that its endpoint takes."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Conflict, Transient
from engine.events import CursorMoved
from engine.ports import Clock, Store
from engine.resilience.spending import KIND, Leave, added, leave_of, used_by
from engine.workflow.definition import Json

TRIES = 8  # others may count at the same moment; each look is at what they left


class HouseModelBook:
    """Fulfils ``intents.model.book.Book`` over the store, so that a restart and other processes know what was used."""

    def __init__(self, store: Store, clock: Clock, *, per_day: int) -> None:
        self._store, self._clock, self._per_day = store, clock, per_day

    async def leave(self, workspace: str) -> Leave:
        policy = await self._store.policies.get(KIND, workspace)
        used = await self._store.cursors.get(used_by(workspace))
        today = self._clock.now().date()
        return leave_of(workspace, policy.body if policy else None, used.state if used else None, per_day=self._per_day, today=today)

    async def count(self, workspace: str, tokens: int, asked: int = 0) -> None:
        """Raises Transient when storage is busy."""
        name = used_by(workspace)
        for _ in range(TRIES):
            now = self._clock.now()
            used = await self._store.cursors.get(name)
            state = added(used.state if used else None, tokens, asked, now.date())
            try:
                await self._store.ledger.record(CursorMoved(name, state, now, used.revision + 1 if used else 1))
            except Conflict:
                continue
            return
        raise Transient("The tokens of the language model could not be counted; too much is written at once.")

    async def recall(self, name: str) -> Mapping[str, Json] | None:
        found = await self._store.cursors.get(name)
        return found.state if found else None

    async def keep(self, name: str, state: Mapping[str, Json] | None) -> None:
        await self._store.ledger.record(CursorMoved(name, state, self._clock.now()))
