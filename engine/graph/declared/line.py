"""A line of the map: one component needs, calls or listens to another.

::

    checkout ──needs──▶ payments          checkout cannot do without
    checkout ──calls──▶ search            traffic goes there; taken as a need unless it is soft
    reports  ──listens──▶ orders          idle without its events, not broken
    flow     ──starts──▶ other flow       and does not wait for it
    flow     ──needs──▶ jira     ┐ one group with at_least 1:
    flow     ──alternative──▶ asana ┘ either will do
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.component import evidence_of
from engine.graph.declared.evidence import Evidence

FIELDS: Final = ("from", "to", "kind", "group", "at_least", "soft", "evidence")
LARGEST_GROUP: Final = 100
Key = tuple[str, str, str, str]


class LineKind(StrEnum):
    NEEDS = "needs"
    CALLS = "calls"
    LISTENS = "listens"
    STARTS = "starts"
    ALTERNATIVE = "alternative"

    @property
    def can_break(self) -> bool:
        """Whether the source may stop working when the target does."""
        return self in (LineKind.NEEDS, LineKind.CALLS, LineKind.ALTERNATIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Of the lines of one ``source`` with one ``group``, ``at_least`` many must hold; without a group the line stands for itself.

    ``soft``: the source does without the target, only worse.
    """

    source: str
    target: str
    kind: LineKind = LineKind.NEEDS
    group: str = ""
    at_least: int = 1
    soft: bool = False
    evidence: tuple[Evidence, ...] = ()

    @property
    def key(self) -> Key:
        """What makes two lines the same line."""
        return self.source, self.target, self.kind.value, self.group

    @property
    def per_hour(self) -> float | None:
        """The largest volume that any evidence knows; None: nobody counted."""
        return max((one.per_hour for one in self.evidence if one.per_hour is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        made: dict[str, Any] = {"from": self.source, "to": self.target, "kind": self.kind.value}
        if self.group:
            made |= {"group": self.group, "at_least": self.at_least}
        if self.soft:
            made["soft"] = True
        if self.evidence:
            made["evidence"] = [one.to_json() for one in self.evidence]
        return made

    @classmethod
    def from_json(cls, raw: Any) -> Line:
        """Raises Invalid with a sentence."""
        found = read.mapping(raw, "A line")
        read.only(found, FIELDS, "A line")
        source, target = read.identity(found.get("from"), "“from”"), read.identity(found.get("to"), "“to”")
        if source == target:
            raise Invalid(f"{read.shown(source)} cannot need itself.")
        group = read.words(found.get("group"), "“group”")
        if not group and found.get("at_least", 1) != 1:
            raise Invalid("“at_least” belongs to lines with a “group”.")
        return cls(
            source=source,
            target=target,
            kind=read.word(found.get("kind", "needs"), LineKind, "The kind of a line"),
            group=group,
            at_least=read.whole(found.get("at_least", 1), "“at_least”", 1, LARGEST_GROUP),
            soft=read.truth(found.get("soft", False), "“soft”"),
            evidence=evidence_of(found.get("evidence")),
        )
