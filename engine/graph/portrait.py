"""Any graph as a drawing in plain values: boxes and arrows of every kind, cut to the neighbourhood that one picture can hold.

    {"headline", "subline", "focus": id or "", "more": boxes left out, "rest": those in words,
     "nodes": [{"id", "label", "kind", "state", "badge", "health"?}],
     "edges": [{"source", "target", "kind", "state", "volume"?, "confidence"?}]}

    kinds of nodes  source schedule person channel │ workflow │ service │ component │ platform infra external     (from left to right)
    states          down degraded stops risk idle survives carrier ok paused        what a failure makes of it
    health          healthy degraded unhealthy offline misconfigured unknown        how it is at this moment
    kinds of edges  trigger step fallback runs                                      from workflows
                    declared observed suggested alternative                         from catalogues, calls, guesses, equivalence
    states          broken risk carrying spare plain

An arrow leads from who needs to what is needed. What the picture does not know is drawn as a service, or as a plain line.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from engine.graph.words import rest

MAX_NODES = 60  # in one picture; more cannot be read at the width of a chat
CROWD = 30  # of a kind that stands in one column: a taller one would be a strip of paper
IN_A_COLUMN = frozenset({"workflow", "source", "schedule", "person", "channel"})
HIT = frozenset({"down", "degraded", "stops", "risk", "idle", "survives", "carrier"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A box to be. ``rate``: its runs or calls an hour, by which it is chosen; ``badge``: what is written into it."""

    id: str
    label: str
    kind: str = "service"
    state: str = "ok"
    badge: str = ""
    health: str = ""
    rate: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An arrow to be. ``volume``: calls an hour that were observed; ``confidence``: of a suggestion, 0 to 1. 0 = not known."""

    source: str
    target: str
    kind: str = "declared"
    state: str = "plain"
    volume: float = 0.0
    confidence: float = 0.0


def portrait(
    spots: Sequence[Spot], lines: Iterable[Line], *, headline: str, subline: str = "", focus: str = "", hops: int = 0, most: int = MAX_NODES
) -> dict[str, Any]:
    """The drawing. ``hops`` around ``focus``, both ways (0: any distance); beyond ``most`` boxes the least important are left out.

    Total: a focus that is not there is none, arrows to boxes that are not there are left out.
    """
    known = {spot.id: spot for spot in spots}
    drawn = [line for line in lines if line.source in known and line.target in known]
    kept = chosen(list(known.values()), [(line.source, line.target) for line in drawn], focus, hops, most)
    shown = set(kept)
    left_out = Counter(spot.kind for spot in known.values() if spot.id not in shown)
    return {
        "headline": headline,
        "subline": subline,
        "focus": focus if focus in shown else "",
        "more": len(known) - len(kept),
        "rest": rest(left_out),
        "nodes": [_node(known[id]) for id in kept],
        "edges": [_edge(line) for line in drawn if line.source in shown and line.target in shown],
    }


def _node(spot: Spot) -> dict[str, Any]:
    node: dict[str, Any] = {"id": spot.id, "label": spot.label, "kind": spot.kind, "state": spot.state, "badge": spot.badge}
    return node | ({"health": spot.health} if spot.health else {})


def _edge(line: Line) -> dict[str, Any]:
    edge: dict[str, Any] = {"source": line.source, "target": line.target, "kind": line.kind, "state": line.state}
    edge |= {"volume": round(line.volume, 4)} if line.volume > 0 else {}
    return edge | ({"confidence": round(line.confidence, 4)} if line.confidence > 0 else {})


# --- who is drawn -----------------------------------------------------------------------------------------------------------

Pair = tuple[str, str]


def chosen(spots: Sequence[Spot], pairs: Iterable[Pair], focus: str = "", hops: int = 0, most: int = MAX_NODES) -> list[str]:
    """Ids, at most ``most``, growing from the focus: what is hit first, then by rate, then by distance. Without a focus from the busiest.

    Each is joined to the focus through others that are drawn. What the drawn ones share comes before what only one of them needs.
    """
    index = {spot.id: place for place, spot in enumerate(spots)}
    beside: dict[str, list[str]] = {spot.id: [] for spot in spots}
    for source, target in pairs:
        if source in index and target in index and source != target:
            beside[source].append(target)
            beside[target].append(source)
    far = _distances(beside, focus) if focus in index else {}
    known = [spot for spot in spots if not (far and hops) or far.get(spot.id, hops + 1) <= hops]
    if far and len(known) > most:
        known = [spot for spot in known if spot.id in far]  # what the focus has to do with, before all else
    if len(known) <= most:
        return [spot.id for spot in sorted(known, key=lambda spot: (spot.id != focus, index[spot.id]))]
    return _grown({spot.id: spot for spot in known}, beside, far, index, focus, most)


def _distances(beside: Mapping[str, Sequence[str]], focus: str) -> dict[str, int]:
    found, edge = {focus: 0}, [focus]
    for far in count(1):
        edge = list(dict.fromkeys(other for id in edge for other in beside[id] if other not in found))
        if not edge:
            break
        found |= dict.fromkeys(edge, far)
    return found


Weight = tuple[bool, float, int, int]


@dataclass(slots=True)
class _Growth:
    """Those drawn so far, and who is next to be."""

    known: Mapping[str, Spot]
    beside: Mapping[str, Sequence[str]]
    weight: Callable[[str], Weight]
    seeds: Iterator[str]
    kept: dict[str, None] = field(default_factory=dict)
    crowds: Counter[str] = field(default_factory=Counter)
    waiting: list[tuple[Weight, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def grow(self, room: int) -> None:
        """Up to ``room`` boxes, each joined to one that is there, as long as there are such; then from the next seed."""
        while len(self.kept) < room:
            if not self.waiting:
                seed = next((id for id in self.seeds if id not in self.seen), None)
                if seed is None:
                    return
                self._see(seed)
            id = heapq.heappop(self.waiting)[1]
            if self._take(id):
                for other in dict.fromkeys(self.beside[id]):
                    if other in self.known and other not in self.seen:
                        self._see(other)

    def complete(self, room: int) -> None:
        """What most of those already drawn are joined to."""
        common = Counter(other for id in self.kept for other in set(self.beside[id]) if other in self.known and other not in self.kept)
        for id in sorted(common, key=lambda id: (-common[id], *self.weight(id))):
            if len(self.kept) < room:
                self._take(id)

    def _see(self, id: str) -> None:
        self.seen.add(id)
        heapq.heappush(self.waiting, (self.weight(id), id))

    def _take(self, id: str) -> bool:
        kind = self.known[id].kind
        if id in self.kept or (kind in IN_A_COLUMN and self.crowds[kind] >= CROWD):
            return False
        self.crowds[kind] += 1
        self.kept[id] = None
        return True


def _grown(
    known: Mapping[str, Spot], beside: Mapping[str, Sequence[str]], far: Mapping[str, int], index: Mapping[str, int], focus: str, most: int
) -> list[str]:
    def weight(id: str) -> Weight:
        return (known[id].state not in HIT, -known[id].rate, far.get(id, 0), index[id])

    growth = _Growth(known, beside, weight, iter([focus] if focus in known else sorted(known, key=weight)))
    growth.grow(most * 4 // 5)  # the rest is for what those have in common
    growth.complete(most)
    growth.grow(most)
    return list(growth.kept)
