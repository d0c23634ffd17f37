"""Lines from what was seen: calls that runs made, events that reached somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.graph.declared.evidence import MOST_PER_HOUR, Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.map import Knowledge
from engine.graph.traffic import SPAN, Traffic

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """``source`` called ``target``, or got events of it, ``count`` times between ``first`` and ``last``."""

    source: str
    target: str
    count: int
    first: datetime
    last: datetime


def calls(seen: Iterable[Seen], *, origin: str = "calls", window: timedelta | None = None) -> Knowledge:
    """``window``: over how long was counted; without it, from a pair's first call to its last, an hour at least."""
    return _lines(seen, LineKind.CALLS, EvidenceKind.OBSERVED, origin, window)


def events(seen: Iterable[Seen], *, origin: str = "events", window: timedelta | None = None) -> Knowledge:
    """``source`` is who listens."""
    return _lines(seen, LineKind.LISTENS, EvidenceKind.EVENT, origin, window)


def traffic(rows: Iterable[Traffic], *, window: timedelta | None = None) -> Knowledge:
    """From the sums of the calls that runs made: workflows call services."""
    return calls(
        (Seen(source=row.source, target=row.target, count=row.count, first=row.at, last=row.at + SPAN) for row in rows), window=window
    )


def _lines(seen: Iterable[Seen], kind: LineKind, evidence: EvidenceKind, origin: str, window: timedelta | None) -> Knowledge:
    sums: dict[tuple[str, str], Seen] = {}
    for one in seen:
        if one.count <= 0 or one.source == one.target or not one.source or not one.target:
            continue
        before = sums.get((one.source, one.target))
        sums[one.source, one.target] = one if before is None else _both(before, one)
    made = []
    for pair in sorted(sums):
        one = sums[pair]
        per_hour = min(one.count / (max(window or one.last - one.first, HOUR) / HOUR), MOST_PER_HOUR)
        piece = Evidence(kind=evidence, origin=origin, since=one.first, seen=one.last, per_hour=round(per_hour, 6))
        made.append(Line(source=one.source, target=one.target, kind=kind, evidence=(piece,)))
    return Knowledge(lines=tuple(made))


def _both(one: Seen, other: Seen) -> Seen:
    return Seen(
        source=one.source,
        target=one.target,
        count=one.count + other.count,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )
