"""Pieces of evidence put together: which is the newest, who gave it, and each kind of each origin once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from engine.graph.declared.component import MOST_EVIDENCE
from engine.graph.declared.evidence import Evidence, EvidenceKind

EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
SPOKEN: Final = (EvidenceKind.WORKFLOW, EvidenceKind.DECLARED)  # somebody said it, rather than that it was seen


def latest(evidence: Iterable[Evidence]) -> datetime:
    """EARLIEST where no moment is known."""
    return max((one.latest for one in evidence if one.latest is not None), default=EARLIEST)


def origin(evidence: Iterable[Evidence]) -> str:
    """Of the newest that has one."""
    named = [one for one in evidence if one.origin]
    return max(named, key=lambda one: (one.latest or EARLIEST, one.origin)).origin if named else ""


def strength(evidence: Iterable[Evidence]) -> int:
    """2: a workflow says so. 1: somebody declares it. 0: seen, suggested or only named."""
    kinds = {one.kind for one in evidence}
    return 2 if EvidenceKind.WORKFLOW in kinds else 1 if EvidenceKind.DECLARED in kinds else 0


def joined(pieces: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Once for each kind and origin: since the first, seen last, with the volume of the latest; the surest and newest first."""
    found: dict[tuple[EvidenceKind, str], Evidence] = {}
    for piece in pieces:
        before = found.get((piece.kind, piece.origin))
        found[piece.kind, piece.origin] = piece if before is None else _one(before, piece)
    ordered = sorted(found.values(), key=lambda one: (one.kind.rank, EARLIEST - (one.latest or EARLIEST), one.origin))
    return tuple(ordered[:MOST_EVIDENCE])


def _one(one: Evidence, other: Evidence) -> Evidence:
    newer, older = (one, other) if _order(one) >= _order(other) else (other, one)
    since = min((piece.since for piece in (one, other) if piece.since is not None), default=None)
    return replace(newer, since=since, per_hour=older.per_hour if newer.per_hour is None else newer.per_hour)


def _order(piece: Evidence) -> tuple[datetime, bool, float, float]:
    return piece.latest or EARLIEST, piece.seen is not None, -1.0 if piece.per_hour is None else piece.per_hour, piece.confidence
