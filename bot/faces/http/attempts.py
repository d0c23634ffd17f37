"""Bounds how often one peer may guess at a secret."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from engine.ports import Clock

LIMIT = 10  # wrong guesses…
WINDOW = timedelta(minutes=1)  # …within this time, then nothing is looked at until the window has moved on
PEERS = 4096  # remembered; the longest silent ones are forgotten first


class Attempts:
    """Wrong guesses by peer. In memory: a restart forgives."""

    def __init__(self, clock: Clock, *, limit: int = LIMIT, window: timedelta = WINDOW) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._wrong: OrderedDict[str, list[datetime]] = OrderedDict()

    def wait(self, peer: str) -> float:
        """Seconds until ``peer`` may guess again; 0 = now."""
        recent = self._recent(peer)
        if len(recent) < self._limit:
            return 0.0
        return (recent[-self._limit] + self._window - self._clock.now()).total_seconds()

    def wrong(self, peer: str) -> None:
        recent = self._recent(peer)
        self._wrong[peer] = [*recent, self._clock.now()][-self._limit :]
        self._wrong.move_to_end(peer)
        while len(self._wrong) > PEERS:
            self._wrong.popitem(last=False)

    def _recent(self, peer: str) -> list[datetime]:
        since = self._clock.now() - self._window
        return [at for at in self._wrong.get(peer, []) if at > since]
