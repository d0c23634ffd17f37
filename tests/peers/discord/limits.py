"""Buckets: so many requests in so many seconds for each route and channel, with the headers Discord sends."""

from __future__ import annotations

import math
from collections import defaultdict

from tests.peers.discord.world import Clock


class Limited(Exception):
    """Over the limit; ``after`` seconds."""

    def __init__(self, after: float) -> None:
        self.after = after


class Buckets:
    """``size`` requests in ``seconds`` per bucket."""

    def __init__(self, clock: Clock, size: int, seconds: float) -> None:
        self._clock = clock
        self.size = size
        self.seconds = seconds
        self._used: dict[str, list[float]] = defaultdict(list)

    def take(self, bucket: str) -> dict[str, str]:
        """Headers of the answer. Raises Limited."""
        now = self._clock.now()
        used = self._used[bucket] = [at for at in self._used[bucket] if at > now - self.seconds]
        if len(used) >= self.size:
            raise Limited(max(used[0] + self.seconds - now, 0.001))
        used.append(now)
        after = used[0] + self.seconds - now
        return {
            "X-RateLimit-Limit": str(self.size),
            "X-RateLimit-Remaining": str(self.size - len(used)),
            "X-RateLimit-Reset": f"{now + after:.3f}",
            "X-RateLimit-Reset-After": f"{math.ceil(after * 1000) / 1000:.3f}",
            "X-RateLimit-Bucket": f"{abs(hash(bucket.split(':')[0])):x}",
        }
