"""What is usual at this time: a profile of the day and one of the week, learnt as the days go by, and a level that drifts.

Everything is a logarithm, so that twice as slow is the same distance everywhere. A value's distance from what is usual is split among level,
day and week by how fast each may move; that is stochastic gradient descent on ``level + day[slot] + week[block]``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

DAY, WEEK = 86_400.0, 604_800.0
SLOTS = 96  # of the day: 15 minutes each
BLOCKS = 42  # of the week: 4 hours each
MONDAY = 4 * DAY  # the epoch began on a Thursday
VISITS_OF_A_SLOT = 3.0  # days over which a slot of the day is learnt
VISITS_OF_A_BLOCK = 2.0  # weeks, likewise
DRIFT = 0.8 * DAY  # seconds over which a level is learnt
STEP = 120.0  # seconds: a longer pause between two values counts as this long


@dataclass(slots=True)
class Season:
    """``day_seen`` and ``week_seen``: seconds learnt in each part."""

    day: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    day_seen: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    week: list[float] = field(default_factory=lambda: [0.0] * BLOCKS)
    week_seen: list[float] = field(default_factory=lambda: [0.0] * BLOCKS)
    learnt: float = 0.0

    def usual(self, at: float) -> tuple[float, float, float]:
        """The distance from the level that is usual now, and the least and the most of a quarter of an hour around."""
        slot = int(at % DAY * SLOTS / DAY)
        block = self.week[int((at - MONDAY) % WEEK * BLOCKS / WEEK)]
        here, before, after = self.day[slot], self.day[slot - 1], self.day[(slot + 1) % SLOTS]
        low, high = (before, after) if before < after else (after, before)
        return here + block, min(here, low) + block, max(here, high) + block

    def visited(self, at: float) -> tuple[float, float]:
        """On how many days this time of day was learnt, about, and in how many weeks this part of the week."""
        days = self.day_seen[int(at % DAY * SLOTS / DAY)] * SLOTS / DAY
        return days, self.week_seen[int((at - MONDAY) % WEEK * BLOCKS / WEEK)] * BLOCKS / WEEK

    def learn(self, at: float, off: float, since: float) -> None:
        """``off``: distance of what was seen from what is usual. ``since``: seconds it stands for, at most ``STEP``."""
        slot = int(at % DAY * SLOTS / DAY)
        block = int((at - MONDAY) % WEEK * BLOCKS / WEEK)
        one, four = DAY / SLOTS, WEEK / BLOCKS
        self.day[slot] += off * since / (min(VISITS_OF_A_SLOT * one, self.day_seen[slot] + one))
        self.week[block] += off * since / (min(VISITS_OF_A_BLOCK * four, self.week_seen[block] + four))
        self.day_seen[slot] += since
        self.week_seen[block] += since
        self.learnt += since

    def snapshot(self) -> dict[str, Any]:
        """Copied list by list: all accounts are saved together, and ``asdict`` would look at every number of theirs."""
        known = {"day": self.day, "day_seen": self.day_seen, "week": self.week, "week_seen": self.week_seen}
        return {**{name: [*numbers] for name, numbers in known.items()}, "learnt": self.learnt}


@dataclass(slots=True)
class Level:
    """Where one operation usually lies (a logarithm), and how far its values stray: ``stray`` is about one standard deviation."""

    middle: float = 0.0
    stray: float = 0.3
    seen: int = 0
    learnt: float = 0.0
    last: float = 0.0
    recent: float = 0.0  # excess of late, over about five minutes

    def learn(self, off: float, since: float) -> None:
        self.seen += 1
        rate = max(since / min(DRIFT, self.learnt + 600.0), 1 / self.seen if self.seen <= 50 else 0.0)
        self.middle += off * rate
        wide = max(since / min(DRIFT, self.learnt + 3600.0), 0.5 / self.seen if self.seen <= 50 else 0.0)
        self.stray += (1.2533 * abs(off) - self.stray) * wide
        self.learnt += since

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)
