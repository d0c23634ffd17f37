"""The threshold of one stream, learnt from the highest evidence of each of its own hours, and raised by every alert it gave.

The hourly maxima of a quiet stream follow about a Gumbel distribution; its two parameters come from the median and the ninth decile of the
last fortnight, and the threshold is the height that such a stream reaches once in ``RARE`` hours. The budget: each alert raises it by
``DEARER``, and the raise fades over days, so that a stream which cries wolf is soon believed less.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from math import exp, log
from typing import Any

HOURS = 336  # remembered: a fortnight
ENOUGH = 24  # hours before anything is learnt
UNKNOWN = 2.0  # times the floor before that
RARE = 20_000.0  # hours: two years
DEARER = 0.35
FADES = 10 * 86_400.0 / 3  # seconds; after ten days a twentieth of a raise is left
MOST = 4.0  # times the floor: a stream never grows blind


@dataclass(slots=True)
class Ceiling:
    floor: float
    maxima: list[float] = field(default_factory=list)
    highest: float = 0.0  # of this hour
    hour: int = 0
    spoilt: bool = False  # this hour had an alarm: it tells nothing of quiet
    learnt: float = 0.0
    dearer: float = 0.0
    told_at: float = 0.0

    def at(self, now: float) -> float:
        """The threshold now."""
        raised = self.dearer * exp(-max(0.0, now - self.told_at) / FADES) if self.dearer else 0.0
        return (max(self.floor, self.learnt) if len(self.maxima) >= ENOUGH else UNKNOWN * self.floor) * (1 + raised)

    def see(self, evidence: float, now: float, alarmed: bool) -> None:
        """The evidence after one more sample."""
        hour = int(now // 3600)
        if hour != self.hour:
            if self.hour and hour > self.hour and not self.spoilt:
                self._keep(self.highest)
            self.hour, self.highest, self.spoilt = hour, 0.0, False
        if alarmed:
            self.spoilt = True
        elif evidence > self.highest:
            self.highest = evidence

    def tell(self, now: float) -> None:
        """An alert was given."""
        self.dearer = self.dearer * exp(-max(0.0, now - self.told_at) / FADES) + DEARER
        self.told_at = now

    def _keep(self, highest: float) -> None:
        self.maxima.append(round(highest, 3))
        del self.maxima[:-HOURS]
        if len(self.maxima) < ENOUGH:
            return
        ordered = sorted(self.maxima)
        middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.9)]
        spread = (high - middle) / (-log(-log(0.9)) + log(log(2.0))) if high > middle else 0.0
        start = middle + spread * log(log(2.0))
        self.learnt = min(MOST * self.floor, start + spread * log(RARE))

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
