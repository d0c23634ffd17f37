"""Which column each box stands in: at least that of its kind, right of everything that needs it, and no more columns than can be read.

Circles are broken where the fewest arrows turn back (Eades, Lin and Smyth 1993, weighted so that arrows against the order of kinds turn first);
those arrows are drawn leading to the left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.pictures.labels import needed
from bot.pictures.layout import MARGIN, Edge, Node, Sheet

BANDS = {"source": 0, "schedule": 0, "person": 0, "channel": 0, "workflow": 1, "service": 2, "component": 3, "platform": 4, "infra": 4}
BANDS["external"] = 4
NARROWEST, WIDEST, GAP = 112.0, 230.0, 56.0  # of a column, and the least between two
HIT = {"stops": 0, "risk": 1, "idle": 1, "survives": 2}  # groups of workflows, from top to bottom; then come the others
ARC = 0.5  # how much worse an arrow within a column is than a box more in it
AGAINST = 0.2  # weight of an arrow that leads back from kind to kind


@dataclass(frozen=True, slots=True)
class Layers:
    """``column`` and ``group`` of each node by its index (a group stands together in its column); ``alone``: nodes that no arrow touches."""

    column: tuple[int, ...]
    group: tuple[int, ...]
    count: int
    alone: tuple[int, ...]


def layered(nodes: Sequence[Node], edges: Sequence[Edge], at: Mapping[str, int], sheet: Sheet) -> Layers:
    touched = {at[end] for edge in edges for end in (edge.source, edge.target)}
    alone = tuple(index for index in range(len(nodes)) if index not in touched)
    bands = _bands(nodes)
    beside = _beside(nodes, edges)
    pairs = [(at[edge.source], at[edge.target]) for edge in edges if edge.source != edge.target and edge.kind not in beside]
    forward = _forward(len(nodes), pairs, bands)
    column = _longest(len(nodes), forward, bands)
    _nearer(column, forward, bands)
    compact = {old: new for new, old in enumerate(sorted({column[index] for index in touched}))}
    column = [compact.get(old, 0) for old in column]
    held = [[nodes[index] for index in touched if column[index] == at] for at in range(len(compact))]
    sizes = [(len(column), min(WIDEST, max(NARROWEST, *(needed(node) for node in column)))) for column in held]
    folded = _folded(sizes, Counter((column[one], column[other]) for one, other in forward), sheet)
    group = [HIT.get(node.state, len(HIT)) if node.kind == "workflow" else len(HIT) for node in nodes]
    split = _split([folded[old] if folded else 0 for old in column], touched, group, sheet.tallest)
    return Layers(tuple(split), tuple(group), max((split[index] for index in touched), default=-1) + 1, alone)


def _split(column: Sequence[int], touched: Collection[int], group: Sequence[int], tallest: int) -> list[int]:
    """A column that is too tall becomes several side by side; what is hit stands in the right one, next to what it needs."""
    new = list(column)
    shift = 0
    for at in range(max((column[index] for index in touched), default=-1) + 1):
        held = sorted((index for index in touched if column[index] == at), key=lambda index: (-group[index], index))
        parts = max(1, -(-len(held) // tallest))
        for place, index in enumerate(held):
            new[index] = at + shift + place * parts // len(held)
        shift += parts - 1
    return new


def _beside(nodes: Sequence[Node], edges: Sequence[Edge]) -> set[str]:
    """Kinds of arrows that move no box: what stands in for another, what nobody has confirmed, and the few workflows that run others among many."""
    runs = sum(1 for edge in edges if edge.kind == "runs")
    few = 3 * runs <= sum(1 for node in nodes if node.kind == "workflow")
    return {"alternative", "suggested", *(["runs"] if few else [])}


def _bands(nodes: Sequence[Node]) -> list[int]:
    """Of each node, counting only kinds that are there."""
    given = [BANDS.get(node.kind, BANDS["service"]) for node in nodes]
    dense = {band: place for place, band in enumerate(sorted(set(given)))}
    return [dense[band] for band in given]


Pair = tuple[int, int]


def _forward(count: int, pairs: Sequence[Pair], bands: Sequence[int]) -> list[Pair]:
    """The pairs without circles: those that lead back in the best order found are turned round."""
    order = _sequence(count, pairs, bands)
    place = {index: rank for rank, index in enumerate(order)}
    return list(dict.fromkeys((one, other) if place[one] < place[other] else (other, one) for one, other in pairs))


def _sequence(count: int, pairs: Sequence[Pair], bands: Sequence[int]) -> list[int]:
    """Sinks to the end, sources to the start, then whoever gives most more than it takes; for a graph without circles a topological order."""
    out: list[dict[int, float]] = [{} for _ in range(count)]
    into: list[dict[int, float]] = [{} for _ in range(count)]
    for one, other in pairs:
        weight = 1.0 if bands[one] <= bands[other] else AGAINST
        out[one][other] = into[other][one] = out[one].get(other, 0.0) + weight
    left = dict.fromkeys(range(count))
    start: list[int] = []
    end: list[int] = []

    def take(index: int, where: list[int]) -> list[int]:
        """Its neighbours, which may be free now."""
        where.append(index)
        del left[index]
        for other in out[index]:
            del into[other][index]
        for other in into[index]:
            del out[other][index]
        return [*out[index], *into[index]]

    waiting = list(left)
    while left:
        while waiting:
            index = waiting.pop()
            if index in left and not out[index]:
                waiting += take(index, end)
            elif index in left and not into[index]:
                waiting += take(index, start)
        if left:
            waiting += take(max(left, key=lambda index: (sum(out[index].values()) - sum(into[index].values()), -index)), start)
    return [*start, *reversed(end)]


def _longest(count: int, pairs: Sequence[Pair], bands: Sequence[int]) -> list[int]:
    """The least column of each that is right of everything before it."""
    after: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for one, other in pairs:
        after[one].append(other)
        missing[other] += 1
    column = list(bands)
    free = [index for index in range(count) if not missing[index]]
    for index in free:  # grows while it is read
        for other in after[index]:
            column[other] = max(column[other], column[index] + 1)
            missing[other] -= 1
            if not missing[other]:
                free.append(other)
    return column


def _nearer(column: list[int], pairs: Sequence[Pair], bands: Sequence[int]) -> None:
    """What needs more than need it moves right, up to what it needs: shorter arrows. Kinds that have a column of their own stay in it."""
    after: dict[int, list[int]] = {}
    before: dict[int, int] = {}
    for one, other in pairs:
        after.setdefault(one, []).append(other)
        before[other] = before.get(other, 0) + 1
    for index in sorted(after, key=lambda index: -column[index]):
        free = column[index] > bands[index] or len(set(bands)) == 1
        if free and before.get(index, 0) < len(after[index]):
            column[index] = max(column[index], min(column[other] for other in after[index]) - 1)


def _folded(columns: Sequence[tuple[int, float]], between: Mapping[Pair, int], sheet: Sheet) -> list[int]:
    """The new column of each, given (boxes, width) and the arrows between any two: neighbours become one until few enough are left, or all fit.

    First those with the fewest arrows between them, which become arcs, and the fewest boxes.
    """
    groups = [([index], size, wide) for index, (size, wide) in enumerate(columns)]
    room = sheet.widest - 2 * MARGIN

    def fits() -> bool:
        return len(groups) <= 2 * sheet.columns and sum(wide + GAP for _, _, wide in groups) <= room

    def cost(at: int) -> tuple[float, int]:
        (left, size, _), (right, more, _) = groups[at : at + 2]
        return ARC * sum(between.get((one, other), 0) for one in left for other in right) + size + more, at

    while len(groups) > sheet.columns and not fits():
        at = min(range(len(groups) - 1), key=cost)
        (one, size, wide), (other, more, wider) = groups[at : at + 2]
        groups[at : at + 2] = [(one + other, size + more, max(wide, wider))]
    return [new for new, (old, _, _) in enumerate(groups) for _ in old]
