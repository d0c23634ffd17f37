"""Any graph as a drawing in plain values: boxes and arrows of every kind, cut to the neighbourhood that one picture can hold.

    {"headline", "subline", "focus": id or "", "more": boxes left out, "left_out": {kind: how many},
     "nodes": [{"id", "label", "kind", "state", "badge", "health"?}],
     "edges": [{"source", "target", "kind", "state", "volume"?, "confidence"?}]}

    kinds of nodes  source schedule person channel │ workflow │ service │ component │ platform infra external     (from left to right)
    states          down degraded stops risk survives carrier ok paused             what a failure makes of it
    health          healthy degraded unhealthy offline misconfigured unknown        how it is at this moment
    kinds of edges  trigger step fallback runs                                      from workflows
                    declared observed suggested alternative                         from catalogues, calls, guesses, equivalence
    states          broken risk carrying spare plain

An arrow leads from who needs to what is needed. What the picture does not know is drawn as a service, or as a plain line.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

MAX_NODES = 60  # in one picture; more cannot be read at the width of a chat
CROWD = 30  # of one kind, as long as others wait: a taller column would be a strip of paper
HIT = frozenset({"down", "degraded", "stops", "risk", "survives", "carrier"})


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
        "left_out": dict(left_out.most_common()),
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


def _grown(
    known: Mapping[str, Spot], beside: Mapping[str, Sequence[str]], far: Mapping[str, int], index: Mapping[str, int], focus: str, most: int
) -> list[str]:
    def weight(id: str) -> tuple[bool, float, int, int]:
        return (known[id].state not in HIT, -known[id].rate, far.get(id, 0), index[id])

    seeds = iter([focus] if focus in known else sorted(known, key=weight))
    kept: dict[str, None] = {}
    crowds: Counter[str] = Counter()
    waiting: list[tuple[tuple[bool, float, int, int], str]] = []
    seen: set[str] = set()
    room = most * 4 // 5  # the rest is for what those have in common
    while len(kept) < room:
        if not waiting:
            seed = next((id for id in seeds if id not in seen), None)
            if seed is None:
                break
            seen.add(seed)
            waiting.append((weight(seed), seed))
        _, id = heapq.heappop(waiting)
        if crowds[known[id].kind] >= CROWD:
            continue
        crowds[known[id].kind] += 1
        kept[id] = None
        for other in dict.fromkeys(beside[id]):
            if other in known and other not in seen:
                seen.add(other)
                heapq.heappush(waiting, (weight(other), other))
    return _completed(kept, known, beside, weight, crowds, most)


def _completed(
    kept: dict[str, None], known: Mapping[str, Spot], beside: Mapping[str, Sequence[str]], weight: Any, crowds: Counter[str], most: int
) -> list[str]:
    """Filled up by what most of those already drawn are joined to; crowds grow only when nothing else is left."""
    common = Counter(other for id in kept for other in set(beside[id]) if other in known and other not in kept)
    for crowded in (False, True):
        for id in sorted(common, key=lambda id: (-common[id], *weight(id))):
            if len(kept) < most and id not in kept and (crowded or crowds[known[id].kind] < CROWD):
                crowds[known[id].kind] += 1
                kept[id] = None
    return list(kept)
