"""Rate limits: what was used of one lately, and how long to wait for more; the same arithmetic for one process and for many.

At most ``limit`` in *any* stretch of ``per`` seconds, not only from one full minute to the next. Uses are counted in boxes, sixty-four
to a stretch; all of a box count until a whole stretch after its end. So the limit is never exceeded, the count stays small whatever
the limit, and the price is that a place comes free up to a sixty-fourth of the stretch late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import TypeAlias

BOXES = 64  # to a stretch
SOONEST = 0.001  # seconds; nobody is told to ask again at once

Used: TypeAlias = tuple[tuple[float, int], ...]  # (end of the box, uses in it), the oldest first


@dataclass(frozen=True, slots=True)
class Taken:
    """``granted`` uses of those asked for; ``wait``: seconds after which the next place comes free, 0.0 when all were granted."""

    granted: int
    wait: float
    used: Used


def take(used: Used, now: float, limit: int, per: float, wanted: int = 1, late: float = 0.0) -> Taken:
    """Up to ``wanted`` of what is left. ``now`` in seconds of any clock that is always the same one; they are used within ``late`` seconds.

    Where the clock was set back, what was used counts as if it had just been.
    """
    width = per / BOXES
    end = (floor((now + late) / width) + 1) * width
    kept = tuple((min(box, end), count) for box, count in used if box + per > now)
    granted = max(0, min(wanted, limit - sum(count for _, count in kept)))
    after = _with(kept, end, granted) if granted else kept
    if granted == wanted:
        return Taken(granted, 0.0, after)
    return Taken(granted, _until_free(after, now, limit, per), after)


def _with(used: Used, end: float, count: int) -> Used:
    if used and used[-1][0] == end:
        return (*used[:-1], (end, used[-1][1] + count))
    return (*used, (end, count))


def _until_free(used: Used, now: float, limit: int, per: float) -> float:
    """When so much of the oldest has passed that one more fits; a limit of nothing is asked about once a stretch."""
    over = sum(count for _, count in used) - limit + 1
    for end, count in used:
        over -= count
        if over <= 0:
            return max(SOONEST, end + per - now)
    return per


def read_used(raw: Sequence[Sequence[float]]) -> Used:
    """From its JSON form, a list of pairs."""
    return tuple((float(end), int(count)) for end, count in raw)
