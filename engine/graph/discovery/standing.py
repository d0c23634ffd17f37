"""Whether a line still counts: what is declared stays, what was observed fades once it has been silent for longer than chance explains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.graph.declared.evidence import Evidence, EvidenceKind

SILENT: Final = timedelta(days=30)
LONGEST: Final = timedelta(days=120)  # however seldom it was seen
GAPS: Final = 3  # times the usual gap between two calls; calls at random leave a gap that long once in twenty (e⁻³)
_SEEN: Final = (EvidenceKind.OBSERVED, EvidenceKind.EVENT)


@dataclass(frozen=True, slots=True)
class Standing:
    """``because`` is a sentence. ``denied``: somebody said no, and nothing newer or surer says yes."""

    active: bool
    because: str
    denied: bool = False


def standing(evidence: Iterable[Evidence], at: datetime) -> Standing:
    """Workflow lines always count; declared ones until they are denied; observed ones until they fade; suggested ones never."""
    known = list(evidence)
    if any(one.kind is EvidenceKind.WORKFLOW for one in known):
        return Standing(True, "A workflow uses it.")
    denial = max((one for one in known if one.kind is EvidenceKind.DENIED), key=_when, default=None)
    declared = max((one for one in known if one.kind is EvidenceKind.DECLARED), key=_when, default=None)
    if declared is not None and (denial is None or _when(declared) > _when(denial)):
        return Standing(True, f"{_by(declared)} declares it.")
    if denial is not None:
        return Standing(False, f"{denial.origin or 'Somebody'} said that there is no such line{_on(denial)}.", denied=True)
    seen = max((one for one in known if one.kind in _SEEN), key=_when, default=None)
    if seen is None:
        return Standing(False, "It is only suggested; nobody has said yes.")
    return _faded(seen, at)


def patience(evidence: Evidence) -> timedelta:
    """How long an observed line may be silent: SILENT, or GAPS times its usual gap where it is seldom, at most LONGEST."""
    if not evidence.per_hour:
        return SILENT
    hours = min(GAPS / evidence.per_hour, LONGEST / timedelta(hours=1))
    return max(SILENT, timedelta(hours=hours))


def _faded(seen: Evidence, at: datetime) -> Standing:
    latest, what = seen.latest, "calls" if seen.kind is EvidenceKind.OBSERVED else "events"
    if latest is None:
        return Standing(True, f"There were {what}; when is not known.")
    silent = at - latest
    if silent <= patience(seen):
        return Standing(True, f"There were {what} until {day(latest)}.")
    return Standing(False, f"No {what} since {day(latest)}, {silent.days} days ago.")


def _when(evidence: Evidence) -> float:
    return evidence.latest.timestamp() if evidence.latest else float("-inf")


def _by(evidence: Evidence) -> str:
    return evidence.origin or "Somebody"


def _on(evidence: Evidence) -> str:
    return f", on {day(evidence.latest)}" if evidence.latest else ""


def day(at: datetime) -> str:
    """``3 November 2026``."""
    return f"{at.day} {at:%B %Y}"
