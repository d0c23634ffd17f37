"""Who stands above whom in each column: few crossings, groups together.

An arrow that passes columns has a lane in each, a vertex like a box. Then by turns from left to right and back each column is sorted by the
mean place of its neighbours (Sugiyama, Tagawa and Toda 1981), and neighbours are exchanged as long as that saves crossings; the best order seen
is kept.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.pictures.columns import Layers
from bot.pictures.layout import Edge, Node

STARTS, USUAL = 8, 250  # starts, for a graph of so many vertices; fewer for larger ones
SWEEPS = 14
APART = ("fallback", "suggested", "alternative")  # kinds of lines that are told from others by how they look
PATIENCE = 4  # sweeps without a better order
EXCHANGED = 1_500  # vertices up to which neighbours are exchanged; beyond, sorting alone is good enough and quick


@dataclass(slots=True)
class Order:
    """``columns``: vertices from top to bottom; those beyond the nodes are lanes. ``ways``: of each edge, by its index, every vertex it passes
    from left to right, its ends included; edges within a column and to themselves have none. ``group``: of each vertex."""

    columns: list[list[int]]
    ways: dict[int, list[int]]
    group: list[int]
    alone: tuple[int, ...]
    arcs: dict[int, list[int]] = field(default_factory=dict)  # of each vertex, its neighbours in its own column
    before: list[list[int]] = field(default_factory=list)  # of each vertex, its neighbours in the column on its left
    after: list[list[int]] = field(default_factory=list)


def ordered(nodes: Sequence[Node], edges: Sequence[Edge], layers: Layers) -> Order:
    at = {node.id: index for index, node in enumerate(nodes)}
    alone = set(layers.alone)
    columns: list[list[int]] = [[] for _ in range(layers.count)]
    for index in _together(nodes, edges, at):
        if index not in alone:
            columns[layers.column[index]].append(index)
    order = Order(columns, {}, list(layers.group), layers.alone)
    _lay_lanes(order, edges, at, layers)
    _link(order)
    for column in columns:
        column.sort(key=lambda vertex: order.group[vertex])
    return _untangled(order)


def _together(nodes: Sequence[Node], edges: Sequence[Edge], at: Mapping[str, int]) -> list[int]:
    """Joined parts one after the other, each from its first node on in breadth."""
    beside: list[list[int]] = [[] for _ in nodes]
    for edge in edges:
        beside[at[edge.source]].append(at[edge.target])
        beside[at[edge.target]].append(at[edge.source])
    found: dict[int, None] = {}
    for start in range(len(nodes)):
        waiting = [start]
        for index in waiting:  # grows while it is read
            if index not in found:
                found[index] = None
                waiting += beside[index]
    return list(found)


def _lay_lanes(order: Order, edges: Sequence[Edge], at: Mapping[str, int], layers: Layers) -> None:
    """Arrows of one kind to the same box share their lanes: fifty that lead to one database are one line soon, and the columns stay low."""
    laid: dict[tuple[str, str], Edge] = {}
    shared: dict[tuple[object, ...], int] = {}
    for number, edge in enumerate(edges):
        if alike(edge, laid.get((edge.target, edge.source))):
            continue  # both are one line
        laid[edge.source, edge.target] = edge
        one, other = sorted((at[edge.source], at[edge.target]), key=lambda index: layers.column[index])
        if layers.column[one] == layers.column[other]:
            order.arcs.setdefault(one, []).append(other)
            order.arcs.setdefault(other, []).append(one)
            continue
        way = [one]
        for column in range(layers.column[one] + 1, layers.column[other]):
            lane = shared.setdefault(
                (other, at[edge.target] == other, edge.state, edge.kind in APART and edge.kind, column), len(order.group)
            )
            if lane == len(order.group):
                order.group.append(-1)
                order.columns[column].append(lane)
            way.append(lane)
        order.ways[number] = [*way, other]


def alike(edge: Edge, other: Edge | None) -> bool:
    """Whether two arrows look the same, so that one line can stand for both."""
    return other is not None and edge.state == other.state and (edge.kind == other.kind or not {edge.kind, other.kind} & {*APART})


def _link(order: Order) -> None:
    order.before = [[] for _ in order.group]
    order.after = [[] for _ in order.group]
    for one, other in dict.fromkeys(pair for way in order.ways.values() for pair in pairwise(way)):
        order.after[one].append(other)
        order.before[other].append(one)


# --- fewer crossings --------------------------------------------------------------------------------------------------------


def _untangled(order: Order) -> Order:
    """The best of some starts: sorting by means ends in dead ends that depend on where it began. Always the same for the same graph."""
    starts = max(1, min(STARTS, STARTS * USUAL // max(1, len(order.group))))
    first = [list(column) for column in order.columns]
    least, best = _swept(order)
    for start in range(1, starts):
        if not least:
            break
        order.columns = [_dealt(column, start, order.group) for column in first]
        found, columns = _swept(order)
        if found < least:
            least, best = found, columns
    order.columns = best
    return order


def _dealt(column: Sequence[int], start: int, group: Sequence[int]) -> list[int]:
    """As if shuffled (Knuth's multiplicative hash), groups one below the other."""
    dealt = sorted(column, key=lambda vertex: (vertex * start + start) * 2_654_435_761 % 2**32)
    return sorted(dealt, key=lambda vertex: group[vertex])


def _swept(order: Order) -> tuple[int, list[list[int]]]:
    """Crossings and columns of the best order on the way."""
    place = _places(order.columns)
    best, least = [list(column) for column in order.columns], crossings(order, place)
    waited = 0
    for sweep in range(SWEEPS):
        _sort(order, place, rightwards=sweep % 2 == 0, turned=sweep % 4 > 1)
        if len(order.group) <= EXCHANGED:
            _exchange(order, place)
        found = crossings(order, place)
        waited = 0 if found < least else waited + 1
        if found < least:
            best, least = [list(column) for column in order.columns], found
        if waited >= PATIENCE or not least:
            break
    return least, best


def _places(columns: Sequence[Sequence[int]]) -> dict[int, int]:
    return {vertex: place for column in columns for place, vertex in enumerate(column)}


def _sort(order: Order, place: dict[int, int], *, rightwards: bool, turned: bool) -> None:
    """``turned``: those with the same mean change places, which leads out of dead ends."""
    beside = order.before if rightwards else order.after
    last = len(order.columns) - 1
    for at, column in enumerate(order.columns) if rightwards else reversed(list(enumerate(order.columns))):
        other = order.columns[max(0, at - 1) if rightwards else min(last, at + 1)]
        scale = len(other) / len(column)  # places of its own column in those of the one that it is sorted by
        means = {
            vertex: _mean(
                [*(place[one] for one in beside[vertex]), *(scale * place[one] for one in order.arcs.get(vertex, ()))],
                scale * place[vertex],
            )
            for vertex in column
        }
        _set(column, sorted(reversed(column) if turned else column, key=lambda vertex: means[vertex]), order.group)
        place.update({vertex: at for at, vertex in enumerate(column)})


def _set(column: list[int], wanted: Sequence[int], group: Sequence[int]) -> None:
    """The order that is wanted, with the groups one below the other; lanes (group −1) stay between whom they were wanted."""
    boxes = iter(sorted((vertex for vertex in wanted if group[vertex] >= 0), key=lambda vertex: group[vertex]))
    column[:] = [vertex if group[vertex] < 0 else next(boxes) for vertex in wanted]


def _mean(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _exchange(order: Order, place: dict[int, int]) -> None:
    for column in order.columns:
        better = True
        while better:
            better = False
            for at in range(len(column) - 1):
                one, other = column[at], column[at + 1]
                if _apart(order.group[one], order.group[other]):
                    continue
                if _saved(order, place, one, other) > 0:
                    column[at], column[at + 1] = other, one
                    place[one], place[other] = at + 1, at
                    better = True


def _apart(one: int, other: int) -> bool:
    return one != other and one >= 0 and other >= 0


def _saved(order: Order, place: Mapping[int, int], one: int, other: int) -> int:
    """Crossings fewer if two neighbours changed places."""
    saved = 0
    for beside in (order.before, order.after):
        mine, theirs = sorted(place[vertex] for vertex in beside[one]), sorted(place[vertex] for vertex in beside[other])
        saved += _inversions(mine, theirs) - _inversions(theirs, mine)
    return saved


def _inversions(upper: Sequence[int], lower: Sequence[int]) -> int:
    """How many of ``upper``'s lines cross one of ``lower``'s; both sorted."""
    return sum(bisect_left(lower, at) for at in upper)


def crossings(order: Order, place: Mapping[int, int]) -> int:
    """Of all lines between neighbouring columns; an arc counts as half of the boxes it passes."""
    total = sum(abs(place[one] - place[other]) - 1 for one, others in order.arcs.items() for other in others if one != other) // 4
    for column in order.columns:
        seen: list[int] = []
        for vertex in column:
            ends = sorted(place[other] for other in order.after[vertex])
            total += sum(len(seen) - _above(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _above(seen: Sequence[int], end: int) -> int:
    """Lines that end at ``end`` or above it do not cross one that ends there."""
    return bisect_left(seen, end + 1)
