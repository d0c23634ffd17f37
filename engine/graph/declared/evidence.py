"""Evidence: who or what says that a line is there, since when, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.graph.declared import raw as read

FIELDS = ("kind", "origin", "since", "seen", "per_hour", "confidence")
MOST_PER_HOUR = 1e12


class EvidenceKind(StrEnum):
    """From the surest to the least sure; ``denied`` says that there is no line."""

    WORKFLOW = "workflow"  # a stored definition says so: exact
    DECLARED = "declared"  # a person, or a file that people keep
    OBSERVED = "observed"  # calls were seen
    EVENT = "event"  # events of one reached the other
    SUGGESTED = "suggested"  # they failed together; nobody has said yes
    DENIED = "denied"  # a person said no

    @property
    def rank(self) -> int:
        """0 is the surest."""
        return list(EvidenceKind).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """``origin``: the file, workflow, run or person. ``seen``: when it was last true, as far as is known. ``per_hour``: calls or events.

    ``confidence`` is 0..1; what was said or seen is 1. Times are in UTC.
    """

    kind: EvidenceKind
    origin: str = ""
    since: datetime | None = None
    seen: datetime | None = None
    per_hour: float | None = None
    confidence: float = 1.0

    @property
    def latest(self) -> datetime | None:
        """When it was said or seen last."""
        return self.seen or self.since

    def to_json(self) -> dict[str, Any]:
        """What has its default is left out."""
        made: dict[str, Any] = {"kind": self.kind.value}
        if self.origin:
            made["origin"] = self.origin
        made |= {name: at.isoformat() for name, at in (("since", self.since), ("seen", self.seen)) if at is not None}
        if self.per_hour is not None:
            made["per_hour"] = self.per_hour
        if self.confidence != 1.0:
            made["confidence"] = self.confidence
        return made

    @classmethod
    def from_json(cls, raw: Any) -> Evidence:
        """Raises Invalid with a sentence."""
        found = read.mapping(raw, "Evidence")
        read.only(found, FIELDS, "Evidence")
        return cls(
            kind=read.word(found.get("kind"), EvidenceKind, "The kind of evidence"),
            origin=read.words(found.get("origin"), "The origin of evidence", 200),
            since=read.moment(found.get("since"), "“since”"),
            seen=read.moment(found.get("seen"), "“seen”"),
            per_hour=None if found.get("per_hour") is None else read.number(found["per_hour"], "“per_hour”", 0, MOST_PER_HOUR),
            confidence=read.number(found.get("confidence", 1.0), "“confidence”", 0, 1),
        )
