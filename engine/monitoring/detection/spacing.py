"""How much a sample counts, from its distance to the one before; and what to make of clocks that jump.

Samples a few seconds apart meet the same second of bad luck, so together they count as one: a sample ``dt`` after the one before, of whatever
source, counts ``dt / INDEPENDENT``, at most 1. Calls of different runs differ a little more (``CALLS``). A late or doubled sample counts nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

INDEPENDENT = 15.0  # seconds after which a probe is news of its own
CALLS = 12.0  # the same for calls
INTERVALS = 4.0  # … but never more than so many intervals, where one probes every few seconds
LATE = 60.0  # seconds: further back than this is a clock set back, once it happens BACK times in a row
BACK = 3


@dataclass(slots=True)
class Spacing:
    """``last`` in seconds since the epoch, 0 before the first."""

    last: float = 0.0
    late: int = 0

    def weigh(self, at: float, independent: float) -> tuple[float, float]:
        """The weight 0..1 of a sample that counts in full after ``independent`` seconds, and the seconds since the one before (0 for the first, and where the clock was set back)."""
        if not self.last:
            self.last = at
            return 1.0, 0.0
        since = at - self.last
        if since > 0:
            self.last, self.late = at, 0
            return min(1.0, since / independent), since
        if since < -LATE:
            self.late += 1
            if self.late >= BACK:
                self.last, self.late = at, 0
        return 0.0, 0.0

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)


def independent(interval: float) -> float:
    """Seconds after which a probe counts in full, for that interval between probes."""
    return min(INDEPENDENT, INTERVALS * interval)
