"""Patience: what must be written or read in any case is tried until storage takes it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from engine.errors import Transient
from engine.ports import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0  # seconds between attempts


async def patiently(clock: Clock, work: Callable[[], Awaitable[T]]) -> T:
    """The outcome of ``work``, tried again for as long as it is Transient; any other error is raised. ``work`` must be safe to repeat."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Transient as error:
            log.warning("Waiting for storage: %s", error)
            await clock.sleep(error.retry_after or pause)
            pause = min(pause * 2, LONGEST_PAUSE)
