"""A recommendation: of what kind, for which step, which runs support it, what it is expected to bring, why, and the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from engine.prediction.advice.change import Change
from engine.prediction.advice.gain import Gain

NAMED = 20  # runs that are kept as evidence, the newest


class Kind(StrEnum):
    RETRY = "retry"
    FALLBACK = "fallback"
    CACHE = "cache"
    PARALLEL = "parallel"
    TIMEOUT = "timeout"
    SCHEDULE = "schedule"
    SPLIT = "split"
    DEAD_STEP = "dead_step"


WORDS: Mapping[Kind, str] = {
    Kind.RETRY: "try again",
    Kind.FALLBACK: "stand in",
    Kind.CACHE: "keep the answer",
    Kind.PARALLEL: "at once",
    Kind.TIMEOUT: "patience",
    Kind.SCHEDULE: "another time",
    Kind.SPLIT: "split",
    Kind.DEAD_STEP: "leave out",
}
# What takes something away or reorders what people see is never done without a person.
NEVER_ALONE = frozenset({Kind.DEAD_STEP, Kind.SPLIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """``title``: what to do, in a line; ``because``: one sentence with figures. ``evidence``: how much supports it; a dismissed one comes back when that
    has doubled. ``gain`` None: there is not enough data to tell. ``change`` None: a person has to do it by hand.
    """

    kind: Kind
    step: str
    title: str
    because: str
    runs: tuple[str, ...]
    evidence: int
    gain: Gain | None
    change: Change | None

    def id(self, workflow: str) -> str:
        """The same advice for the same step keeps its id, whatever its figures are."""
        return "rec_" + blake2b(f"{workflow}/{self.kind}/{self.step}".encode(), digest_size=6).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "step": self.step,
            "title": self.title,
            "because": self.because,
            "runs": list(self.runs[:NAMED]),
            "evidence": self.evidence,
            "gain": self.gain.to_json() if self.gain else None,
            "change": self.change.to_json() if self.change else None,
        }
