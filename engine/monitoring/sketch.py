"""A sketch of many durations that still tells their quantiles, each within one percent of the true value, however it was put together.

Values are counted in buckets whose bounds grow by a constant factor g, so a bucket's middle is off by at most (g - 1) / (g + 1) of any
value in it: that is DDSketch (Masson, Rim and Lee, “DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees”,
PVLDB 12 (12), 2019), here without its collapsing of buckets: the range is bounded instead, and merging is exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, isfinite, log

ERROR = 0.01  # relative, of every quantile
GROWTH = (1 + ERROR) / (1 - ERROR)
STEP = log(GROWTH)
LEAST, MOST = 1e-6, 1e6  # seconds; what is outside counts as the nearer of the two, so a sketch has at most 1,382 buckets


def bucket_of(value: float) -> int:
    """``value`` lies above GROWTH ** (bucket - 1) and not above GROWTH ** bucket."""
    return ceil(log(min(max(value, LEAST), MOST)) / STEP)


def middle_of(bucket: int) -> float:
    """The value whose relative distance to both bounds of the bucket is the same."""
    return float(2 * GROWTH**bucket / (GROWTH + 1))


@dataclass(frozen=True, slots=True)
class Sketch:
    """``buckets``: (bucket, how many values), by bucket; no bucket twice and none empty."""

    buckets: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, values: Iterable[float]) -> Sketch:
        """Of seconds; what is no finite number is left out."""
        return cls.counted(Counter(bucket_of(value) for value in values if isfinite(value)))

    @classmethod
    def counted(cls, counts: Counter[int]) -> Sketch:
        return cls(tuple(sorted(counts.items())))

    @classmethod
    def merged(cls, sketches: Iterable[Sketch]) -> Sketch:
        """The sketch of all their values; in whatever order and grouping, it is the same."""
        counts: Counter[int] = Counter()
        for sketch in sketches:
            for bucket, count in sketch.buckets:
                counts[bucket] += count
        return cls.counted(counts)

    @property
    def count(self) -> int:
        return sum(count for _, count in self.buckets)

    def quantile(self, share: float) -> float | None:
        """Of n values in order, the one at place ⌊share · (n - 1)⌋, within ERROR; None of none. ``share`` 0..1, else ValueError."""
        if not 0 <= share <= 1:
            raise ValueError(f"{share} is no share between 0 and 1")
        rank, passed = share * (self.count - 1), 0
        for bucket, count in self.buckets:
            passed += count
            if passed > rank:
                return middle_of(bucket)
        return None

    def share_within(self, limit: float) -> float | None:
        """The share of values that are at most ``limit`` seconds, which counts as its bucket does; None of none."""
        total, edge = self.count, bucket_of(limit)
        return sum(count for bucket, count in self.buckets if bucket <= edge) / total if total else None


EMPTY = Sketch()
