"""How often each action of each service has succeeded, all workflows together: lately, and at all.

What was counted of an action is drawn to its service as far as it is little, and the service to what is usual (hierarchical shrinkage). Beside it stands
what was heard of each service in the last minutes, which fades with time: an outage that others have met is known before this workflow meets it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from engine.prediction.success.circumstances import Part

USUAL: Final = 0.985  # of the calls of an action of which nothing is known yet
DRAWN: Final = 8.0  # calls that the service counts for in its action, and what is usual in the service
FADES: Final = 0.998  # of what was counted, a call
HALF: Final = 900.0  # seconds in which what was heard lately counts for half
LATELY: Final = 4.0  # calls that the usual rate counts for in the last minutes
LAST: Final = 40  # calls of which it is remembered how each ended, as evidence
MOST: Final = 2_000  # actions that are remembered; the one not heard of for longest is forgotten first


class Records:
    """A dictionary of at most 2,000 actions, and their services. ``at``: seconds since 1970, all of one clock."""

    __slots__ = ("actions", "last", "lately", "services")

    def __init__(self) -> None:
        self.actions: dict[str, list[float]] = {}
        self.services: dict[str, list[float]] = {}
        self.lately: dict[str, list[float]] = {}  # succeeded, calls, as they stood at that moment
        self.last: dict[
            str, list[int]
        ] = {}  # of actions and services: how the last calls ended, in binary with the newest at the end; and how many

    def heard(self, part: Part, succeeded: bool, at: float) -> None:
        value = 1.0 if succeeded else 0.0
        for book, name in ((self.actions, f"{part.service} {part.action}"), (self.services, part.service)):
            good, calls = book.pop(name, (0.0, 0.0))
            book[name] = [good * FADES + value, calls * FADES + 1.0]
            ends, count = self.last.get(name, (0, 0))
            self.last[name] = [(ends << 1 | (not succeeded)) & (1 << LAST) - 1, min(LAST, count + 1)]
            if len(book) > MOST:
                gone = next(iter(book))
                del book[gone]
                self.lately.pop(gone, None)
                self.last.pop(gone, None)
        good, calls, since = self.lately.get(part.service, (0.0, 0.0, at))
        kept = _kept(at - since)
        self.lately[part.service] = [good * kept + value, calls * kept + 1.0, max(at, since)]

    def at_all(self, part: Part) -> float:
        """The chance that one call of it succeeds."""
        service = self._drawn(self.services.get(part.service), USUAL)
        return self._drawn(self.actions.get(f"{part.service} {part.action}"), service)

    def now(self, part: Part, at: float) -> float:
        """The same with what was heard of its service in the last minutes."""
        before = self.at_all(part)
        good, calls, since = self.lately.get(part.service, (0.0, 0.0, at))
        kept = _kept(at - since)
        return min(before, (good * kept + LATELY * before) / (calls * kept + LATELY))

    def failed_lately(self, service: str, action: str = "") -> tuple[int, int]:
        """How many of the last calls failed, and how many calls that are, at most 40."""
        ends, count = self.last.get(f"{service} {action}" if action else service, (0, 0))
        return int(ends).bit_count(), count

    def known(self, parts: Iterable[Part]) -> float:
        """Calls that are remembered of the least known of them; 0 without any."""
        return min((self.actions.get(f"{part.service} {part.action}", (0.0, 0.0))[1] for part in parts), default=0.0)

    @staticmethod
    def _drawn(counts: list[float] | None, to: float) -> float:
        good, calls = counts or (0.0, 0.0)
        return (good + DRAWN * to) / (calls + DRAWN)

    def state(self) -> dict[str, Any]:
        return {"actions": self.actions, "services": self.services, "lately": self.lately, "last": self.last}

    @classmethod
    def restore(cls, state: Any) -> Records:
        """Raises ValueError, TypeError, AttributeError or KeyError for what is no state of records."""
        records = cls()
        for book, name, length in ((records.actions, "actions", 2), (records.services, "services", 2), (records.lately, "lately", 3)):
            for key, given in state[name].items():
                counts = [float(value) for value in given]
                if len(counts) != length or not 0.0 <= counts[0] <= counts[1] + 1e-9 or not all(map(math.isfinite, counts)):
                    raise ValueError("not counts")
                book[str(key)] = counts
        for key, (ends, count) in state["last"].items():
            if not 0 <= count <= LAST or not 0 <= ends < 1 << LAST:
                raise ValueError("not the ends of calls")
            records.last[str(key)] = [int(ends), int(count)]
        return records


def _kept(seconds: float) -> float:
    return float(0.5 ** (max(0.0, seconds) / HALF))
