"""Answers of reading actions that may be used again for a while."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.ports import Answer, Call, Clock

MOST = 2_000  # answers
MOST_BYTES = 32_000_000  # of all of them, as JSON
LARGEST = 1_000_000  # bytes of one; a larger one is asked for anew


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Answer
    until: datetime
    size: int


class Reads:
    """Bounded in number and in bytes; what was not used for longest goes first. Gone with the process: an answer is only ever asked again."""

    def __init__(self, clock: Clock, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._clock = clock
        self._most, self._most_bytes = most, most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def known(self, key: str) -> Answer | None:
        """The answer, marked as one that was kept; None when there is none (any more)."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= self._clock.now():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def keep(self, key: str, answer: Answer, seconds: float) -> None:
        size = len(json.dumps(answer.output, default=str))
        if answer.pending or size > LARGEST:
            return
        self._drop(key)
        self._kept[key] = _Kept(replace(answer, cached=True), self._clock.now() + timedelta(seconds=seconds), size)
        self._bytes += size
        while len(self._kept) > self._most or self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size


def read_key(call: Call, said: str) -> str:
    """What tells one read from another: whom it is put to, and what the definition says, or else everything that is asked.

    The workflow belongs to it where the definition says a key: two teams may both call theirs ``today``.
    """
    whom = [call.service, call.operation, call.account]
    what = [call.workflow, said] if said else ["", json.dumps(dict(call.arguments), sort_keys=True, default=str)]
    return json.dumps([*whom, *what])
