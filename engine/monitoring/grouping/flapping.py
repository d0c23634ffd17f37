"""Flapping: something that is down and up again so often that another message about it tells nobody anything.

Two views, either is enough. *Changes*: of the last 21 observations, how many differ from the one before, the newest weighing most
(.8 … 1.2), as Nagios has counted since its second version; it begins over HIGH and ends under LOW. *Openings*: alerts opened within an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

KEPT: Final = 21  # observations: twenty changes between them
LOW: Final = 0.20
HIGH: Final = 0.35
OLDEST: Final = 0.8  # weight of the oldest change; the newest weighs 2 - OLDEST
OPENINGS: Final = 4
WINDOW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Flapping:
    """What is remembered of one fingerprint. ``seen``: True = good, oldest first; ``openings`` within WINDOW, oldest first."""

    seen: tuple[bool, ...] = ()
    openings: tuple[datetime, ...] = ()
    flapping: bool = False

    def observed(self, good: bool) -> Flapping:
        """After one more check."""
        return replace(self, seen=(*self.seen, good)[-KEPT:])

    def opened(self, at: datetime) -> Flapping:
        """After an alert was opened (or reopened)."""
        return replace(self, openings=tuple(sorted((*self.openings, at)))[-2 * OPENINGS :])

    @property
    def changes(self) -> float:
        """Weighted share of changes, 0..1. Fewer than KEPT observations count as if the missing ones had been steady."""
        pairs = list(zip(self.seen, self.seen[1:], strict=False))
        step = (2 - 2 * OLDEST) / (KEPT - 2)
        first = KEPT - 1 - len(pairs)
        return sum(OLDEST + step * (first + place) for place, (one, other) in enumerate(pairs) if one != other) / (KEPT - 1)

    def judged(self, now: datetime) -> Flap:
        """Whether it flaps as of ``now``, why, and what to remember."""
        recent = tuple(at for at in self.openings if now - at <= WINDOW)
        limit = LOW if self.flapping else HIGH
        often = len(recent) >= (OPENINGS // 2 if self.flapping else OPENINGS)
        restless = self.changes > limit
        counted = f"opened {'once' if len(recent) == 1 else f'{len(recent)} times'} within {_minutes(WINDOW)} minutes"
        changed = f"{self.changes:.0%} of its last {KEPT} checks differ from the one before, the newest weighing most"
        if restless or often:
            since = "still " if self.flapping else ""
            reasons = [text for true, text in ((often, f"it {counted}"), (restless, f"{changed} (limit {limit:.0%})")) if true]
            because = f"It is {since}flapping: {'; '.join(reasons)}."
        else:
            because = f"Not flapping: it {counted} ({OPENINGS} would be); {changed} (limit {limit:.0%})."
        flapping = restless or often
        return Flap(flapping, because, replace(self, openings=recent, flapping=flapping))


@dataclass(frozen=True, slots=True)
class Flap:
    """``next`` is what to remember."""

    flapping: bool
    because: str
    next: Flapping


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)
