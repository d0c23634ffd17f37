"""Batches that a connector's hooks.py puts itself (``Custom.together``)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from connectors._kit.batching.gathering import Gathering
from connectors._kit.custom import Ask, Custom, Tools
from connectors._kit.described_wire import Batch
from engine.errors import SignalboxError
from engine.ports import Answer, Clock


class ByHooks:
    """``alone``: how one ask is performed that found no others."""

    def __init__(self, custom: Custom, batch: Batch, tools: Tools, clock: Clock, alone: Callable[[Ask], Awaitable[Answer]]) -> None:
        self._custom = custom
        self._batch = batch
        self._tools = tools
        self._alone = alone
        self._gathering: Gathering[Ask, Answer] = Gathering(self._all, clock, batch.wait)

    def puts(self, operation: str) -> bool:
        return operation in self._custom.together

    async def ask(self, ask: Ask) -> Answer:
        """Raises what this ask alone failed with."""
        return await self._gathering.ask(ask.call.operation, ask, self._batch.most)

    async def _all(self, asks: Sequence[Ask]) -> Sequence[Answer | SignalboxError]:
        if len(asks) == 1:
            return [await self._alone(asks[0])]
        return await self._custom.together[asks[0].call.operation](asks, self._tools)

    async def close(self) -> None:
        await self._gathering.close()
