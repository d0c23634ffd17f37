"""What a vendor says is left of its limits, in headers or in the body, and what follows: go, go slowly, or wait until it starts anew."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from connectors._kit.described_wire import Quota
from connectors._kit.picking import at
from connectors._kit.wire import WireAnswer

LOW = 0.1  # of the limit; from there on what is left is spread over the time that is left
USED_OF = re.compile(r"(\d{1,15})\s*/\s*(\d{1,15})", re.ASCII)
FARTHEST = 32 * 86_400.0  # seconds; no vendor counts over more than a month
SAFETY = 0.2  # seconds after the vendor's own moment


@dataclass(frozen=True, slots=True)
class Reading:
    """``limit`` 0 = not said; ``resets_at`` in seconds of the clock, None = not said; ``cost`` of the request that was answered."""

    limit: int
    remaining: int
    resets_at: float | None
    cost: int = 1


def read_quota(said: Quota, answer: WireAnswer, now: float) -> Reading | None:
    """None when this answer says nothing of it."""
    body = answer.json() if said.body else None

    def value(name: str) -> Any:
        if not name:
            return None
        return at(body, name) if said.body else answer.headers.get(name.lower())

    if said.used_of and (match := USED_OF.search(str(value(said.used_of) or ""))):
        used, limit = int(match[1]), int(match[2])
        return Reading(limit, max(limit - used, 0), _moment(value(said.reset), said.reset_in, now))
    remaining = _number(value(said.remaining))
    if remaining is None:
        return None
    cost = max(int(_number(value(said.cost)) or 1), 1)
    return Reading(int(_number(value(said.limit)) or 0), int(max(remaining, 0)), _moment(value(said.reset), said.reset_in, now), cost)


def quota_name(said: Quota, answer: WireAnswer) -> str:
    """Which of the vendor's quotas the answer speaks of, where it has several."""
    return answer.headers.get(said.name.lower(), "") if said.name else ""


def _number(value: Any) -> float | None:
    """None also for “unlimited”, “NaN” and the like: an answer that came is not lost for what stands beside it."""
    try:
        number = None if value is None or isinstance(value, bool) else float(str(value).strip())
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _moment(value: Any, kind: str, now: float) -> float | None:
    if kind == "date":
        return _date(value)
    number = _number(value)
    if number is None:
        return None
    return min(number if kind == "unix" else now + (number / 1000 if kind == "ms" else number), now + FARTHEST)


def _date(value: Any) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(str(value))
        except (ValueError, TypeError):
            continue
        return moment.timestamp() if moment.tzinfo else None
    return None


class Allowance:
    """What is known of one quota of the vendor's. ``remaining`` counts what was sent since the last answer as used."""

    __slots__ = ("_as_of", "_last", "_under_way", "limit", "remaining", "resets_at")

    def __init__(self) -> None:
        self.limit = self.remaining = 0
        self.resets_at: float | None = None
        self._as_of = self._last = float("-inf")
        self._under_way = 0

    def sent(self, units: int, now: float) -> None:
        self._under_way += units
        self.remaining -= units
        self._last = now

    def ended(self, units: int) -> None:
        self._under_way -= units

    def told(self, reading: Reading, sent_at: float, own: int = 0) -> None:
        """An answer to what was sent at ``sent_at``, whose ``own`` units are among those under way still. One that was overtaken by a later one only
        counts when it says less."""
        anew = self.resets_at is None or reading.resets_at is None or reading.resets_at > self.resets_at + 1.0
        left = reading.remaining - (self._under_way - own)
        self.remaining = left if anew or sent_at >= self._as_of else min(self.remaining, left)
        self.limit, self.resets_at, self._as_of = reading.limit or self.limit, reading.resets_at, max(self._as_of, sent_at)

    def wait(self, now: float, *, person: bool, ahead: int = 0, units: int = 1) -> float:
        """Seconds before so many units may go, after ``ahead`` others. People are not slowed down while enough is left."""
        if self.resets_at is None or self.resets_at + SAFETY <= now:
            return 0.0
        left = self.resets_at + SAFETY - now
        if self.remaining < ahead + units and not (self._under_way == 0 and self.remaining >= self.limit > 0):
            return left
        if person or self.remaining > self.limit * LOW:
            return 0.0
        return max(self._last + (units + ahead) * left / (self.remaining + units) - now, 0.0)

    def current(self, now: float) -> bool:
        """Whether what was told still holds."""
        return self._as_of > float("-inf") and (self.resets_at is None or self.resets_at > now)
