"""What is being worked on is left alone: maintenance windows close the ways to their service, so that runs with another way go round."""

from __future__ import annotations

import logging
from typing import Final

from engine.errors import SignalboxError
from engine.monitoring.silence import KIND, SilenceKind, silence_of
from engine.ports import Clock, Connections, Store
from engine.runtime.routes import Routes

log = logging.getLogger(__name__)

FOR: Final = 20.0  # seconds at a time: a window that is ended early opens the way as soon


class Closures:
    """``look`` is called every few seconds in every process: each has standings of its own.

    Who has no other way is asked all the same: a window says that trouble is expected, not that nothing works.
    """

    def __init__(self, store: Store, clock: Clock, routes: Routes, connections: Connections) -> None:
        self._store, self._clock, self._routes, self._connections = store, clock, routes, connections

    async def look(self) -> None:
        now = self._clock.now()
        for policy in await self._store.policies.of(KIND):
            try:
                window = silence_of(policy.id, policy.body, policy.revision)
            except SignalboxError as error:
                log.warning("the window %s: %s", policy.id, error)
                continue
            if window.kind is SilenceKind.MAINTENANCE and window.match.service and window.active(now):
                left = min(FOR, (window.ends - now).total_seconds())
                names = [account.name for account in self._connections.accounts() if account.service == window.match.service]
                for account in names or [""]:
                    self._routes.shut(window.match.service, account, left, window.because or "it is being worked on")
