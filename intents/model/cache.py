"""Checked answers, kept in memory for a while, so that the same question is not paid for twice."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from intents.merging import Reading

MOST = 256  # answers
LIFE = timedelta(hours=24)
_MOMENTS = ("until", "start", "at")


class Cache:
    """Least recently used go first. ``hits`` and ``misses`` since the start."""

    def __init__(self, *, most: int = MOST, life: timedelta = LIFE) -> None:
        self._most, self._life = most, life
        self._kept: OrderedDict[str, tuple[datetime, Reading]] = OrderedDict()
        self.hits = self.misses = 0

    def get(self, key: str, now: datetime) -> Reading | None:
        at, reading = self._kept.get(key, (now, None))
        if reading is None or now - at > self._life or now < at:
            self._kept.pop(key, None)
            self.misses += 1
            return None
        self._kept.move_to_end(key)
        self.hits += 1
        return reading

    def put(self, key: str, reading: Reading, now: datetime) -> None:
        """What names a moment is not kept: “in two hours” means another one a minute later."""
        if names_moment(reading.arguments):
            return
        self._kept[key] = (now, reading)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def key_of(workspace: str, shown: Mapping[str, Any], now: datetime) -> str:
    """Everything an answer depends on, as it is sent (redacted); of the clock only the day, as answers that name a moment are never kept."""
    parts = [workspace, {name: value for name, value in shown.items() if name != "now"}, now.date().isoformat()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


def names_moment(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any((name in _MOMENTS and isinstance(inner, str)) or names_moment(inner) for name, inner in value.items())
    return isinstance(value, list) and any(map(names_moment, value))
