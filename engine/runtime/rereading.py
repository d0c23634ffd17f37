"""Accounts that were connected or disconnected, here or by another process, are read again at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from engine.errors import SignalboxError
from engine.events import AccountChanged, Elsewhere, Event

log = logging.getLogger(__name__)


class Rereading:
    """``reread`` takes a service, "" = anything may have changed."""

    def __init__(self, reread: Callable[[str], Awaitable[None]]) -> None:
        self._reread = reread
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, events: Sequence[Event]) -> None:
        """Listens to the ledger."""
        services = {event.service for event in events if isinstance(event, AccountChanged)}
        services |= {event.id for event in events if isinstance(event, Elsewhere) and event.noun == "account"}
        for service in [""] if "" in services else sorted(services):
            task = asyncio.create_task(self._again(service), name="reading accounts again")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _again(self, service: str) -> None:
        try:
            await self._reread(service)
        except SignalboxError as error:
            log.warning("The accounts of %s changed and cannot be read: %s", service or "services", error)
