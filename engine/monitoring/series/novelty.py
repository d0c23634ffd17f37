"""Which surprises are news: louder than all of the last hours, and less so the more often the like was news before."""

from __future__ import annotations

from collections import deque
from math import log10
from typing import Any

QUIET = 12 * 3600.0  # seconds in which a surprise must beat every other
PARTS = 48  # the hours are forgotten in so many pieces
MEMORY = 14 * 86400.0  # seconds for which what was news is remembered
KEPT = 128  # of those, the latest
FAINT = 1.0  # decades below which nothing is remembered
ALIKE = 0.7  # share of a surprise from which an older one was the like of it
WORN = 1.0  # decades taken off for each tenfold of likes: what came so often is so much likelier


class Novelty:
    """Time is in seconds that never run backwards."""

    __slots__ = ("loudest", "quiet", "told")

    def __init__(self, quiet: float = QUIET) -> None:
        self.quiet = quiet
        self.loudest: deque[tuple[float, float]] = deque()  # (piece of time, decades), ever fainter
        self.told: deque[tuple[float, float]] = deque(maxlen=KEPT)  # (when, decades)

    def observe(self, at: float, decades: float) -> float:
        """What is left of the surprise as news, in decades; 0 when it is none."""
        piece = at // (self.quiet / PARTS)
        while self.loudest and self.loudest[0][0] < piece - PARTS:
            self.loudest.popleft()
        news = decades > 0 and all(decades > other for _, other in self.loudest)
        self._heard(piece, decades)
        if not news:
            return 0.0
        while self.told and self.told[0][0] < at - MEMORY:
            self.told.popleft()
        alike = sum(other >= ALIKE * decades for _, other in self.told)
        if decades >= FAINT:
            self.told.append((at, decades))
        return max(0.0, decades - WORN * log10(1 + alike))

    def _heard(self, piece: float, decades: float) -> None:
        """A piece that is not louder than a later one is never asked for again."""
        if self.loudest and self.loudest[-1][0] == piece:
            decades = max(decades, self.loudest.pop()[1])
        while self.loudest and self.loudest[-1][1] <= decades:
            self.loudest.pop()
        self.loudest.append((piece, decades))

    def state(self) -> dict[str, Any]:
        return {"quiet": self.quiet, "loudest": [list(one) for one in self.loudest], "told": [list(one) for one in self.told]}

    @classmethod
    def of(cls, state: dict[str, Any]) -> Novelty:
        made = cls(state["quiet"])
        made.loudest.extend((piece, decades) for piece, decades in state["loudest"])
        made.told.extend((at, decades) for at, decades in state["told"])
        return made
