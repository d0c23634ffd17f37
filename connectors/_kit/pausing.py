"""The pause of an account: after “too fast” nothing is sent until the vendor's time is over, and then slowly at first."""

from __future__ import annotations

FIRST = 1.0  # seconds, where the vendor does not say how long; doubled each time in a row
LONGEST = 60.0


class Pause:
    """``width``: how many may be under way at a time; one after a pause, twice as many after each good answer."""

    def __init__(self, concurrent: int) -> None:
        self._concurrent = concurrent
        self._until = 0.0
        self._in_a_row = 0
        self.width = concurrent

    def left(self, now: float) -> float:
        return max(self._until - now, 0.0)

    def throttled(self, wait: float | None, now: float) -> float:
        """The vendor asked for a pause of so many seconds, None = it did not say; how long it will be."""
        again = now >= self._until  # several under way hear of it at once
        if wait is None:
            wait = min(FIRST * 2**self._in_a_row, LONGEST) if again else self._until - now
        self._in_a_row += again
        self._until = max(self._until, now + wait)
        self.width = 1
        return wait

    def fine(self) -> None:
        """A good answer."""
        self._in_a_row = 0
        self.width = min(self.width * 2, self._concurrent)
