"""A budget: so many extra calls (repeats, hedges) as a share of the ordinary ones, so that trouble never multiplies its own load.

A token bucket as in Finagle's retry budgets (20 % of requests and a floor) and the AWS SDKs' retry quota: every ordinary call puts a share of a token in,
every extra one takes a whole one out. The floor by time is for a bot, which may make one call an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """``share``: tokens an ordinary call brings; ``most``: tokens that are kept; ``every``: seconds in which one more comes by itself."""

    share: float = 0.2
    most: float = 10.0
    every: float = 10.0
    tokens: float = 10.0
    at: float = 0.0

    def earned(self, at: float) -> Budget:
        """After an ordinary call."""
        grown = self._grown(at)
        return replace(grown, tokens=min(grown.tokens + self.share, self.most))

    def spend(self, at: float) -> Budget | None:
        """After an extra call; None where it is not to be made."""
        grown = self._grown(at)
        return replace(grown, tokens=grown.tokens - 1) if grown.tokens >= 1 else None

    def free_in(self, at: float) -> float:
        """Seconds until an extra call may be made by the floor alone."""
        return max(0.0, (1 - self._grown(at).tokens) * self.every)

    def _grown(self, at: float) -> Budget:
        """A clock that was set back brings nothing, and begins anew from there."""
        gone = max(0.0, at - self.at) if self.at else 0.0
        return replace(self, tokens=min(self.tokens + gone / self.every, self.most), at=at)


REPEATS = Budget()
HEDGES = Budget(share=0.1, most=5.0, every=60.0, tokens=5.0)
