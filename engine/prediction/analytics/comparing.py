"""Whether one time differs from the one before by more than chance: tests that ask for little, each with its source.

What is compared is not independent for good: runs of one bad hour fail together, and a Monday is like a Monday. So a change is only called clear
when it is also large enough to matter, and where many things are looked at together each has to be surer (``alpha`` shared out, Bonferroni).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import NormalDist
from typing import Final, TypeAlias

ALPHA: Final = 0.05
ENOUGH_RUNS: Final = 8  # on either side, below which no share and no duration is compared
ENOUGH_SLICES: Final = 5  # on either side, below which no count is compared
LARGE: Final = 0.10  # of a median or a count: what changes less is left alone
NORMAL: Final = NormalDist()

Counted: TypeAlias = Sequence[tuple[float, int]]  # (value, how often)


def wilson(succeeded: int, total: int, z: float) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); 0..1 of none."""
    if not total:
        return 0.0, 1.0
    share = succeeded / total
    middle = (succeeded + z * z / 2) / (total + z * z)
    half = z * sqrt(share * (1 - share) / total + z * z / (4 * total**2)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def difference(now: tuple[int, int], before: tuple[int, int], alpha: float = ALPHA) -> tuple[float, float]:
    """Between which bounds the share of ``now`` lies above that of ``before``, each (succeeded, total) with a total above nought.

    Newcombe, “Interval estimation for the difference between independent proportions”, Statistics in Medicine 17 (1998), method 10.
    """
    z = NORMAL.inv_cdf(1 - alpha / 2)
    (low, high), (low_before, high_before) = wilson(*now, z), wilson(*before, z)
    share, share_before = now[0] / now[1], before[0] / before[1]
    gap = share - share_before
    return (
        gap - sqrt((share - low) ** 2 + (high_before - share_before) ** 2),
        gap + sqrt((high - share) ** 2 + (share_before - low_before) ** 2),
    )


def chance(now: Counted, before: Counted) -> float:
    """How often chance alone would make two such samples differ so much in rank, two-sided; 1 where there is nothing to tell apart.

    Mann and Whitney 1947 by the normal approximation, with its corrections for ties and continuity: fair from about eight values on either side.
    """
    excess, spread = _ranked(now, before)
    return 2 * NORMAL.cdf(-max(0.0, abs(excess) - 0.5) / sqrt(spread)) if spread > 0 else 1.0


def chance_within(pairs: Iterable[tuple[Counted, Counted]]) -> float:
    """As ``chance``, each (now, before) compared for itself and all of them judged as one: that slow workflows ran less often makes none faster.

    van Elteren, “On the combination of independent two sample tests of Wilcoxon”, Bulletin of the ISI 37 (1960).
    """
    excess = spread = 0.0
    for now, before in pairs:
        weight = 1 / (1 + sum(count for _, count in now) + sum(count for _, count in before))
        one, wide = _ranked(now, before)
        excess, spread = excess + weight * one, spread + weight**2 * wide
    return 2 * NORMAL.cdf(-abs(excess) / sqrt(spread)) if spread > 0 else 1.0


def gap_within(pairs: Iterable[tuple[int, int, int, int]]) -> tuple[float, float]:
    """(by how much a share rose, how often chance alone would do that) of pairs (succeeded, total, succeeded before, total before).

    Pair by pair, weighed as Mantel and Haenszel 1959 do, with their test; (0, 1) where there is nothing to tell apart.
    """
    gap = weight = excess = spread = 0.0
    for good, n, good_before, m in pairs:
        if n and m:
            both, right = n + m, good + good_before
            gap, weight = gap + (good * m - good_before * n) / both, weight + n * m / both
            excess += good - n * right / both
            spread += n * m * right * (both - right) / (both * both * (both - 1))
    if spread <= 0:
        return (gap / weight if weight else 0.0), 1.0
    return gap / weight, 2 * NORMAL.cdf(-max(0.0, abs(excess) - 0.5) / sqrt(spread))


def _ranked(now: Counted, before: Counted) -> tuple[float, float]:
    """By how much the ranks of ``now`` exceed what chance would give, and the variance of that; (0, 0) where one side is empty."""
    mine, theirs = _counted(now), _counted(before)
    n, m = mine.total(), theirs.total()
    if not n or not m:
        return 0.0, 0.0
    everything = n + m
    rank_sum, below, ties = 0.0, 0, 0
    for value in sorted(mine | theirs):
        both = mine[value] + theirs[value]
        rank_sum += mine[value] * (below + (both + 1) / 2)
        ties += both**3 - both
        below += both
    excess = rank_sum - n * (n + 1) / 2 - n * m / 2
    return excess, n * m / 12 * (everything + 1 - ties / (everything * (everything - 1)))


def quantile(values: Counted, share: float) -> float | None:
    """Of n values in order, the one at place ⌊share · (n - 1)⌋; None of none."""
    place = int(share * (sum(count for _, count in values) - 1))
    for value, count in sorted(values):
        place -= count
        if place < 0:
            return value
    return None


def each_once(values: Iterable[float]) -> list[tuple[float, int]]:
    return [(value, 1) for value in values]


def _counted(values: Counted) -> Counter[float]:
    found: Counter[float] = Counter()
    for value, count in values:
        found[value] += count
    return found
