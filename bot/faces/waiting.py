"""Who waits longer than a moment for an answer is shown that somebody is at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

MOMENT = 1.0  # seconds that nobody minds


@asynccontextmanager
async def shown_when_long(show: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """``show`` is begun after a moment and cancelled at the end; an answer that comes at once never begins it. It must raise nothing of its own."""
    showing = asyncio.create_task(_after_a_moment(show))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait({showing})


async def _after_a_moment(show: Callable[[], Awaitable[None]]) -> None:
    await asyncio.sleep(MOMENT)
    await show()
