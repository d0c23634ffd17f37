"""A second look: when a call or a probe meets trouble where there was none, the account is probed at once, and not at the next of its turns.

With one probe in half a minute a failure would be believed or forgotten only then; asked again a second later, two failures in a row open the breaker.
At most ``ROW`` looks one after the other, and none while one is under way: a service in trouble is not asked more often for it than a few times a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from engine.errors import SignalboxError
from engine.monitoring.sample import Sample
from engine.ports import Account, Clock
from engine.runtime.routes import Routes

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds, so that what failed for a moment is over
ROW = 3
REST = 20.0  # seconds after such a row


class Probing(Protocol):
    """What it needs of ``ports.Connections``."""

    def accounts(self) -> Sequence[Account]: ...
    async def probe(self, account: Account) -> Sample: ...


class SecondLook:
    """``taken`` hears the samples (the monitor's ``judge``, which stores them, so that routes hear of them, too); it runs where the monitor does."""

    def __init__(self, routes: Routes, connections: Probing, clock: Clock, taken: Callable[[Sequence[Sample]], Awaitable[None]]) -> None:
        self._routes, self._connections, self._clock, self._taken = routes, connections, clock, taken
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}

    def suspect(self, service: str, account: str, trouble: Callable[[], bool]) -> None:
        """``trouble``: whether it is still suspected and not decided. Returns at once; does nothing for what is not probed."""
        found = self._account(service, account)
        if found is None or (service, found.name) in self._under_way:
            return
        key = (service, found.name)
        task = asyncio.get_running_loop().create_task(self._looks(found, trouble), name=f"second look at {service}")
        self._under_way[key] = task
        task.add_done_callback(lambda _: self._under_way.pop(key, None))

    async def start(self) -> None:
        self._routes.suspect = self.suspect

    async def stop(self) -> None:
        self._routes.suspect = None
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _account(self, service: str, account: str) -> Account | None:
        there = [one for one in self._connections.accounts() if one.service == service and one.probed and one.mode != "off"]
        return next((one for one in there if account in ("", one.name)), None)

    async def _looks(self, account: Account, trouble: Callable[[], bool]) -> None:
        try:
            for _ in range(ROW):
                await self._clock.sleep(PAUSE)
                if not trouble():
                    return
                await self._taken([await self._connections.probe(account)])
            await self._clock.sleep(REST)
        except SignalboxError as error:
            log.warning("%s could not be looked at once more: %s", account.service, error)
        except Exception:
            log.exception("A second look at %s failed", account.service)
