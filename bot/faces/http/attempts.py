"""Bounds how often one peer may guess at a secret."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta

from engine.ports import Clock

LIMIT = 10  # different wrong guesses…
WINDOW = timedelta(minutes=1)  # …within this time, then nothing is looked at until the window has moved on
PEERS = 4096  # remembered; the longest silent ones are forgotten first


class Attempts:
    """Different wrong guesses by peer; a client that offers one stale token again and again locks nobody out. In memory: a restart forgives."""

    def __init__(self, clock: Clock, *, limit: int = LIMIT, window: timedelta = WINDOW) -> None:
        self._clock = clock
        self._limit = limit
        self._window = window
        self._wrong: OrderedDict[str, list[tuple[datetime, bytes]]] = OrderedDict()

    def wait(self, peer: str) -> float:
        """Seconds until ``peer`` may guess again; 0 = now."""
        recent = self._recent(peer)
        if len(recent) < self._limit:
            return 0.0
        return (recent[-self._limit][0] + self._window - self._clock.now()).total_seconds()

    def wrong(self, peer: str, guess: str) -> None:
        recent, digest = self._recent(peer), hashlib.sha256(guess.encode("utf-8", "replace")).digest()
        if all(known != digest for _, known in recent):
            self._wrong[peer] = [*recent, (self._clock.now(), digest)][-self._limit :]
        self._wrong.move_to_end(peer)
        while len(self._wrong) > PEERS:
            self._wrong.popitem(last=False)

    def _recent(self, peer: str) -> list[tuple[datetime, bytes]]:
        since = self._clock.now() - self._window
        return [(at, digest) for at, digest in self._wrong.get(peer, []) if at > since]
