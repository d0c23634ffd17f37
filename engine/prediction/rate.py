"""How often something succeeds, as far as so many runs can tell."""

from __future__ import annotations

import math
from dataclasses import dataclass

ENOUGH = 5  # finished runs below which nothing is claimed
Z = 1.959964  # the normal quantile of 95 %, two-sided


@dataclass(frozen=True, slots=True)
class Rate:
    """``low`` to ``high`` is the 95 % interval (Wilson 1927), which stays within 0..1 and honest at 0 % and 100 %."""

    succeeded: int
    total: int

    @property
    def enough(self) -> bool:
        return self.total >= ENOUGH

    @property
    def estimate(self) -> float:
        """The middle of the interval: the share of successes, drawn to one half as runs are few (0.5 without any)."""
        return (self.succeeded + Z * Z / 2) / (self.total + Z * Z)

    @property
    def low(self) -> float:
        return max(0.0, self.estimate - self._half)

    @property
    def high(self) -> float:
        return min(1.0, self.estimate + self._half)

    @property
    def confidence(self) -> float:
        """1 minus the width of the interval: 0 when nothing is known."""
        return max(0.0, 1.0 - (self.high - self.low)) if self.total else 0.0

    @property
    def _half(self) -> float:
        if not self.total:
            return 0.5
        share = self.succeeded / self.total
        return Z * math.sqrt(share * (1 - share) / self.total + Z * Z / (4 * self.total**2)) / (1 + Z * Z / self.total)

    def __str__(self) -> str:
        """``92 % (75–98 %, 24 runs)``, or that there is not enough data."""
        if not self.enough:
            return f"not enough data ({self.total} of {ENOUGH} finished runs)"
        return f"{self.succeeded / self.total:.0%} ({self.low:.0%} to {self.high:.0%}, {self.total} runs)"
