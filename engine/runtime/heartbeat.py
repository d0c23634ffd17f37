"""The heartbeat out: somebody else hears that this house is alive, and cries when it falls silent (a dead man's switch).

It beats only while the house can really do its work: a process that answers but neither measures nor writes is as good as dead.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from engine.errors import SignalboxError

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds


class Heartbeat:
    """``beat`` tells whoever listens; ``troubles`` gives why the house cannot do its work, each in a sentence, empty = it can."""

    def __init__(self, beat: Callable[[], Awaitable[None]], troubles: Callable[[], Sequence[str]]) -> None:
        self._beat, self._troubles = beat, troubles
        self.said = ""  # of the last time: why it was not told or not heard

    async def look(self) -> None:
        """Beat once, unless something is wrong; then the silence is the alarm."""
        if found := [trouble for trouble in self._troubles() if trouble]:
            self._tell(f"No heartbeat: {' '.join(found)}")
            return
        try:
            await self._beat()
        except SignalboxError as error:
            self._tell(f"The heartbeat was not heard: {error}")
        else:
            self.said = ""

    def _tell(self, why: str) -> None:
        if why != self.said:
            log.warning("%s", why)
        self.said = why
