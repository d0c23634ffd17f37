"""One limit of a vendor as a sliding window: what was used of it lately, and how long until more fits. Pure.

The vendor counts a request at some moment between its leaving here and its answer's coming. So what is under way counts as used, and what was
answered counts for a whole window from its answer on: however slow the way is, the vendor never sees more than its limit.
"""

from __future__ import annotations

from collections import deque
from math import ceil

BOXES = 256  # to a window of a large limit; what is in a box counts until a whole window after the box's end
SLACK = 0.01  # of the window, for clocks that are not quite alike …
MOST_SLACK = 0.2  # … but at most so many seconds


class Window:
    """At most ``limit`` units in any ``per`` seconds. Moments are seconds of any one clock; one that is set back counts as standing still."""

    __slots__ = ("_box", "_under_way", "_used", "_uses", "limit", "per")

    def __init__(self, limit: int, per: float) -> None:
        self.limit = limit
        self.per = per + min(per * SLACK, MOST_SLACK)
        self._box = self.per / BOXES if limit > BOXES else 0.0
        self._uses: deque[tuple[float, int]] = deque()  # (moment of the answer, units), oldest first
        self._used = self._under_way = 0  # the first includes the second

    def used(self, now: float) -> int:
        self._forget(now)
        return self._used

    def wait(self, units: int, now: float, ahead: int = 0) -> float:
        """Seconds until so many fit, after ``ahead`` others have gone; 0.0: now. What is larger than the limit fits when nothing else is there."""
        self._forget(now)
        wanted = min(units, self.limit) + ahead
        laps, wanted = divmod(wanted, self.limit) if wanted > self.limit else (0, wanted)
        if not wanted:
            laps, wanted = laps - 1, self.limit
        return laps * self.per + self._until_free(wanted, now)

    def _until_free(self, wanted: int, now: float) -> float:
        missing, wait = self._used + wanted - self.limit, 0.0
        for moment, units in self._uses:
            if missing <= 0:
                break
            missing -= units
            wait = moment + self.per - now
        return max(wait, 0.0) if missing <= 0 else self.per  # what is under way is not answered yet

    def take(self, units: int) -> None:
        """They leave now; each must ``land``."""
        self._used += units
        self._under_way += units

    def land(self, units: int, now: float) -> None:
        """They were answered, or will not be."""
        self._forget(now)
        self._under_way -= units
        moment = ceil(now / self._box) * self._box if self._box else now
        if self._uses and self._uses[-1][0] >= moment:
            moment, before = self._uses.pop()
            self._uses.append((moment, before + units))
        else:
            self._uses.append((moment, units))

    def resets_in(self, now: float) -> float:
        """Seconds until nothing of what was used counts any more."""
        self._forget(now)
        if self._under_way:
            return self.per
        return max(self._uses[-1][0] + self.per - now, 0.0) if self._uses else 0.0

    def _forget(self, now: float) -> None:
        if self._uses and self._uses[-1][0] > now + self.per:  # the clock was set back
            self._uses = deque([(now, self._used - self._under_way)])
        while self._uses and self._uses[0][0] + self.per <= now:
            self._used -= self._uses.popleft()[1]
