"""What is odd in the map: what is declared and never seen or the other way round, faded, circular, doubtful, or a trap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from engine.graph.declared.component import ComponentKind
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.declared.names import same_letters
from engine.graph.discovery.map import Map
from engine.graph.discovery.requirements import requirements
from engine.graph.discovery.standing import SILENT
from engine.workflow.catalogue import listed

if TYPE_CHECKING:
    import networkx as nx

MOST: Final = 200  # of a kind
CIRCLE: Final = 8  # names of a circle that are told


class Oddity(StrEnum):
    UNSEEN = "unseen"  # declared, and no call in SILENT though its source was watched all the while
    UNDECLARED = "undeclared"  # seen, and its source's declarations do not name it
    FADED = "faded"
    CIRCLE = "circle"
    ALIKE = "alike"
    SHARED = "shared"  # an alternative needs what it is to replace needs too
    WEAKER = "weaker"  # an important component cannot do without a less important one
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject``: a component, or ``source>target``. ``text`` is a sentence that says what to do where there is something to do."""

    oddity: Oddity
    subject: str
    text: str


def findings(map: Map, at: datetime) -> tuple[Finding, ...]:
    """At most MOST of each kind, in the order of Oddity."""
    found: list[Finding] = []
    for look in (_unseen, _undeclared, _faded, _circles, _alike, _shared, _weaker, _conflicts):
        for number, one in enumerate(look(map, at)):
            if number >= MOST:
                break
            found.append(one)
    return tuple(found)


def _unseen(map: Map, at: datetime) -> Iterator[Finding]:
    """Only where silence means something: calls of the same source were seen before and after."""
    watched = _watched(map)
    for line in map.lines:
        declared = _of(line, EvidenceKind.DECLARED)
        since = min((one.since for one in declared if one.since), default=None)
        if not declared or line.kind not in (LineKind.NEEDS, LineKind.CALLS) or since is None or at - since < SILENT:
            continue
        first, last = watched.get(line.source, (None, None))
        seen = max((one.latest for one in _of(line, EvidenceKind.OBSERVED) if one.latest), default=None)
        if first is None or last is None or at - first < SILENT or at - last > SILENT or (seen is not None and at - seen < SILENT):
            continue
        text = f"{_names(line, map)} is declared ({declared[0].origin or 'by hand'}), but no call was seen in {SILENT.days} days, and others of “{map.label(line.source)}” were. Is it still true?"  # fmt: skip
        yield Finding(Oddity.UNSEEN, _subject(line), text)


def _watched(map: Map) -> dict[str, tuple[datetime, datetime]]:
    """Source → from when until when calls of it were seen at all."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for line in (*map.lines, *(one.line for one in map.quiet)):
        for one in _of(line, EvidenceKind.OBSERVED):
            if one.since is not None and one.latest is not None:
                before = spans.get(line.source, (one.since, one.latest))
                spans[line.source] = (min(before[0], one.since), max(before[1], one.latest))
    return spans


def _undeclared(map: Map, at: datetime) -> Iterator[Finding]:
    """Of sources for whom somebody keeps declarations; where nobody declares anything, nothing is missing."""
    kept = {line.source for line in map.lines if _of(line, EvidenceKind.DECLARED)}
    for line in map.lines:
        if line.source in kept and {one.kind for one in line.evidence} <= {EvidenceKind.OBSERVED, EvidenceKind.SUGGESTED}:
            often = f"{line.per_hour:,.3g} calls an hour" if line.per_hour else "calls"
            text = f"{_names(line, map)} is not declared, but {often} go there. Add it where “{map.label(line.source)}” is declared, or say that it is no line."
            yield Finding(Oddity.UNDECLARED, _subject(line), text)


def _faded(map: Map, at: datetime) -> Iterator[Finding]:
    for one in map.quiet:
        if {piece.kind for piece in one.line.evidence} & {EvidenceKind.OBSERVED, EvidenceKind.EVENT} and not _of(
            one.line, EvidenceKind.DENIED
        ):
            yield Finding(Oddity.FADED, _subject(one.line), f"{_names(one.line, map)} no longer counts. {one.because}")


def _circles(map: Map, at: datetime) -> Iterator[Finding]:
    import networkx as nx  # takes a moment to load, and most processes never ask

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((one.node, way[0]) for one in requirements(map) if len(one.ways) == 1 for way in one.ways)
    for circle in sorted(sorted(part) for part in nx.strongly_connected_components(graph) if len(part) > 1):
        names = [f"“{map.label(id)}”" for id in circle[:CIRCLE]]
        more = f" and {len(circle) - CIRCLE} more" if len(circle) > CIRCLE else ""
        said = listed(names) if not more else ", ".join(names) + more
        yield Finding(Oddity.CIRCLE, circle[0], f"{said} need each other in a circle: if one of them is down, none comes up by itself.")


def _alike(map: Map, at: datetime) -> Iterator[Finding]:
    by_letters: dict[str, list[str]] = {}
    for id, component in map.components.items():
        if component.kind not in (ComponentKind.WORKFLOW, ComponentKind.TEAM) and ":" not in id:
            by_letters.setdefault(same_letters(id), []).append(id)
    for ids in by_letters.values():
        if len(ids) > 1:
            names = listed(f"“{id}”" for id in sorted(ids))
            yield Finding(Oddity.ALIKE, sorted(ids)[0], f"{names} may be one thing. If so, make one an alias of the other.")


def _shared(map: Map, at: datetime) -> Iterator[Finding]:
    """What both cannot do without, as far as the map knows: the trap of a fallback."""
    hard: dict[str, list[str]] = {}
    for one in requirements(map):
        if len(one.ways) == 1:
            hard.setdefault(one.node, []).append(one.ways[0][0])
    for service, other in dict.fromkeys((one.service, one.other) for one in map.alternatives):
        both = _cannot_without(service, hard) & _cannot_without(other, hard) - {service, other}
        if both:
            names = listed(f"“{map.label(id)}”" for id in sorted(both)[:CIRCLE])
            text = f"“{map.label(other)}” stands in for “{map.label(service)}”, but both need {names}: without it neither works."
            yield Finding(Oddity.SHARED, f"{service}>{other}", text)


def _cannot_without(id: str, hard: Mapping[str, list[str]]) -> set[str]:
    found, waiting = {id}, [id]
    while waiting:
        for other in hard.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _weaker(map: Map, at: datetime) -> Iterator[Finding]:
    for one in requirements(map):
        if len(one.ways) > 1:
            continue
        strong, weak = map.components[one.node], map.components[one.ways[0][0]]
        if strong.tier is not None and weak.tier is not None and weak.tier - strong.tier >= 2:
            text = f"“{strong.label}” (tier {strong.tier}) cannot do without “{weak.label}” (tier {weak.tier}): it is no better than that."
            yield Finding(Oddity.WEAKER, f"{strong.id}>{weak.id}", text)


def _conflicts(map: Map, at: datetime) -> Iterator[Finding]:
    return (Finding(Oddity.CONFLICT, one.subject, one.text) for one in map.conflicts)


def _of(line: Line, kind: EvidenceKind) -> list[Evidence]:
    return [one for one in line.evidence if one.kind is kind]


def _names(line: Line, map: Map) -> str:
    verb = {LineKind.NEEDS: "needs", LineKind.CALLS: "calls", LineKind.LISTENS: "listens to", LineKind.STARTS: "starts"}.get(
        line.kind, "falls back on"
    )
    return f"That “{map.label(line.source)}” {verb} “{map.label(line.target)}”"


def _subject(line: Line) -> str:
    return f"{line.source}>{line.target}"
