"""The map of who needs whom: components, lines with their evidence, its history, what is odd, suggestions, and files taken in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from bot.faces.rest.models.envelope import In, Out

Plain = dict[str, Any]


class FindingOut(BaseModel):
    oddity: str = Field(description="unseen, undeclared, faded, circle, alike, weaker or conflict.")
    subject: str = Field(description="A component, or `source>target`.")
    text: str


class MapOut(Out):
    """As the house exports it, with what is known and does not count."""

    components: dict[str, Plain] = Field(description="By id: name, kind, owner, tier, criticality, aliases, evidence …")
    lines: list[Plain] = Field(description="`from` needs `to`; `kind`, `group`, `at_least`, `soft` and the `evidence` of each.")
    alternatives: list[Plain]
    quiet: list[Plain] = Field(description="Lines that do not count, each with its reason.")
    conflicts: list[Plain]


class ChangeOut(BaseModel):
    at: datetime
    subject: str
    text: str
    by: str = Field(description="The actor; empty for what the house saw by itself.")
    body: Plain


class HistoryOut(Out):
    changes: list[ChangeOut] = Field(description="Newest first.")


class CheckedOut(Out):
    findings: list[FindingOut]


class SuggestionOut(BaseModel):
    id: str = Field(examples=["sg_0123456789"])
    source: str = Field(description="Needs `target`, perhaps.")
    target: str
    confidence: float
    together: int = Field(description="How often they began to fail together.")
    because: str


class SuggestionsOut(Out):
    suggestions: list[SuggestionOut]
    learnt_at: datetime | None = Field(description="When past incidents were looked through last.")


class MapTextOut(Out):
    text: str


class ProblemOut(BaseModel):
    message: str
    line: int | None = Field(description="1-based, where it is known.")


class ChangeNote(BaseModel):
    subject: str
    text: str


class ImportOut(Out):
    applied: bool = Field(description="Whether it was taken in, or only shown.")
    source: str = Field(description="The name it is kept under; the same again replaces it.")
    form: str
    summary: str
    replaces: bool
    components: int
    lines: int
    alternatives: int
    change_count: int
    changes: list[ChangeNote] = Field(description="The first thousand.")
    lost: list[ProblemOut] = Field(description="What was not taken.")
    doubts: list[ProblemOut] = Field(description="What was taken, and wants a look.")
    more_problems: int


class LineIn(In):
    source: str = Field(min_length=1, max_length=120, examples=["checkout"])
    target: str = Field(min_length=1, max_length=120, examples=["payments"])
    because: str = Field(default="", max_length=200)
    soft: bool = False
