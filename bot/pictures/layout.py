"""Where boxes and arrows of a drawing stand: layers from left to right, no box over another, no arrow through a box.

The order within layers comes from fast-sugiyama, which minimises crossings. Each layer is a column; arrows that pass a column do so in a lane
of their own, and curves live only between columns: that is why nothing is crossed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from bot.pictures.font import Metrics, metrics

MAX_BOXES = 60
WIDTH = 1_080.0  # the least; Slack and Discord show pictures about so wide
MARGIN = 32.0
TOP = 96.0  # below headline and subline
BOTTOM = 64.0  # for the legend
BOX_HEIGHT = 34.0
PITCH = 46.0  # from box to box
LANE = 16.0  # room of an arrow that passes a column
LABEL = 15.0  # font sizes
NOTE = 12.0
PADDING = 14.0
NARROWEST, WIDEST = 120.0, 270.0
GAP_LEAST, GAP_MOST = 110.0, 300.0
SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Box:
    id: str
    label: str
    badge: str
    kind: str
    state: str
    x: float
    y: float
    width: float
    height: float = BOX_HEIGHT

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Arrow:
    """``points``: (x where it enters a column, x where it leaves it, y), from the source's right side to the target's left."""

    kind: str
    state: str
    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    badge: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    kind: str
    state: str


def arrange(nodes: Sequence[Node], edges: Sequence[Edge]) -> Layout:
    """Total over any graph; edges to nodes that are not there, to themselves, or that close a circle are left out."""
    nodes = list({node.id: node for node in nodes[:MAX_BOXES]}.values())
    at = {node.id: index for index, node in enumerate(nodes)}
    kept = _acyclic(_single(edge for edge in edges if edge.source in at and edge.target in at and edge.source != edge.target))
    if not nodes:
        return Layout(WIDTH, TOP + BOTTOM, (), ())
    return _placed(nodes, kept, at, _ordered(nodes, [(at[edge.source], at[edge.target]) for edge in kept]))


def _single(edges: Iterable[Edge]) -> list[Edge]:
    """One arrow between two boxes: the one that tells most."""
    rank = {"broken": 0, "risk": 1, "carrying": 2, "plain": 3, "spare": 4}
    found: dict[tuple[str, str], Edge] = {}
    for edge in sorted(edges, key=lambda edge: rank.get(edge.state, 5)):
        found.setdefault((edge.source, edge.target), edge)
    return list(found.values())


def _acyclic(edges: Iterable[Edge]) -> list[Edge]:
    """Without the edges that would close a circle: the layouter ends the process on some of those."""
    after: dict[str, list[str]] = {}
    kept = []
    for edge in edges:
        if not _leads(after, edge.target, edge.source):
            after.setdefault(edge.source, []).append(edge.target)
            kept.append(edge)
    return kept


def _leads(after: Mapping[str, Sequence[str]], start: str, end: str) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        if (at := waiting.pop()) == end:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(after.get(at, ()))
    return False


# --- order -----------------------------------------------------------------------------------------------------------------

Pair = tuple[int, int]


@dataclass(slots=True)
class _Order:
    """``columns``: vertices from top to bottom; those beyond the nodes are lanes. ``lanes``: what an edge (by its ends) passes on its way."""

    columns: list[list[int]]
    lanes: dict[Pair, list[int]]

    def beside(self) -> dict[int, list[int]]:
        """Each vertex's neighbours in the columns before and after."""
        found: dict[int, list[int]] = {}
        for (source, target), lanes in self.lanes.items():
            for one, other in pairwise([source, *lanes, target]):
                found.setdefault(one, []).append(other)
                found.setdefault(other, []).append(one)
        return found


def _ordered(nodes: Sequence[Node], pairs: Sequence[Pair]) -> _Order:
    """A hidden root before everything keeps sources, workflows and services in columns of their own."""
    import fast_sugiyama

    root, hidden = len(nodes), len(nodes) + 1
    entered = {target for _, target in pairs}
    threads: list[Pair] = []
    for index, node in enumerate(nodes):
        if index not in entered:
            depth = {"source": 0, "workflow": 1}.get(node.kind, 2)
            chain = [root, *range(hidden, hidden + depth), index]
            threads += pairwise(chain)
            hidden += depth
    layouts = fast_sugiyama.from_edges([*pairs, *threads], vertex_spacing=10, dummy_vertices=True, dummy_size=1.0, check_layout=False)
    spots = {int(vertex): spot for spots, *_ in layouts for vertex, spot in spots}
    lanes = _lanes([pair for *_, found in layouts for pair in found or ()], pairs, hidden)
    seen = {*range(len(nodes)), *(lane for run in lanes.values() for lane in run)}
    return _read(spots, seen, lanes)


def _lanes(found: Iterable[tuple[Any, Any]], pairs: Iterable[Pair], first: int) -> dict[Pair, list[int]]:
    """The layouter splits long edges by vertices of its own, from ``first`` on; here they are joined again."""
    after: dict[int, list[int]] = {}
    for source, target in found:
        after.setdefault(int(source), []).append(int(target))
    wanted = set(pairs)
    lanes: dict[Pair, list[int]] = {pair: [] for pair in wanted}
    for source in {source for source, _ in wanted}:
        for step in after.get(source, ()):
            run = []
            while step >= first and after.get(step):
                run.append(step)
                step = after[step][0]
            if (source, step) in wanted:
                lanes[(source, step)] = run
    return lanes


def _read(spots: Mapping[int, tuple[float, float]], seen: set[int], lanes: dict[Pair, list[int]]) -> _Order:
    """Columns from the layouter's rows; those that hold nothing to be seen are dropped."""
    rows: dict[int, list[int]] = {}
    for vertex in seen & spots.keys():
        rows.setdefault(round(-spots[vertex][1]), []).append(vertex)
    columns = [sorted(rows[row], key=lambda vertex: (spots[vertex][0], vertex)) for row in sorted(rows)]
    return _Order(columns, lanes)


# --- places ----------------------------------------------------------------------------------------------------------------


def _heights(order: _Order, boxes: int) -> dict[int, float]:
    """The middle of each vertex: columns begin stacked and centred, then each vertex moves towards its neighbours as far as there is room."""
    rooms = [[PITCH if vertex < boxes else LANE for vertex in column] for column in order.columns]
    middles: dict[int, float] = {}
    for column, room in zip(order.columns, rooms, strict=True):
        middles.update(zip(column, _spread([0.0] * len(column), room), strict=True))
    beside = order.beside()
    for _ in range(SWEEPS):
        for column, room in (*zip(order.columns, rooms, strict=True), *reversed(list(zip(order.columns, rooms, strict=True)))):
            wishes = [_wish(vertex, beside.get(vertex, ()), middles) for vertex in column]
            middles.update(zip(column, _spread(wishes, room), strict=True))
    top = min(middles[vertex] - (BOX_HEIGHT / 2 if vertex < boxes else LANE / 2) for vertex in middles)
    return {vertex: middle - top + TOP for vertex, middle in middles.items()}


def _wish(vertex: int, beside: Sequence[int], middles: Mapping[int, float]) -> float:
    """Between its neighbours."""
    return sum(middles[other] for other in beside) / len(beside) if beside else middles[vertex]


def _spread(wishes: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """Middles in the order of ``wishes``, at least half of both rooms apart, moved as little as may be (least squares, by pooling neighbours)."""
    gaps = [0.0, *((before + after) / 2 for before, after in pairwise(rooms))]
    offsets = list(accumulate(gaps))
    blocks: list[list[float]] = []  # sum of wishes without offsets, count
    for wish, offset in zip(wishes, offsets, strict=True):
        blocks.append([wish - offset, 1.0])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    levels = [total / count for total, count in blocks for _ in range(int(count))]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _widths(order: _Order, nodes: Sequence[Node]) -> list[float]:
    """Of each column: what its widest label needs, within bounds; nothing where only lanes pass."""
    plain, bold = metrics(), metrics(bold=True)
    found = []
    for column in order.columns:
        needs = [_needed(nodes[vertex], plain, bold) for vertex in column if vertex < len(nodes)]
        found.append(min(max([NARROWEST, *needs]), WIDEST) if needs else 0.0)
    return found


def _needed(node: Node, plain: Metrics, bold: Metrics) -> float:
    return plain.width(node.label, LABEL) + 2 * PADDING + (_badge_room(node.badge, bold) if node.badge else 0.0)


def _badge_room(badge: str, bold: Metrics) -> float:
    return badge_width(badge, bold) + 10.0


def badge_width(badge: str, bold: Metrics) -> float:
    return bold.width(badge, NOTE) + 16.0


def _placed(nodes: Sequence[Node], edges: Sequence[Edge], at: Mapping[str, int], order: _Order) -> Layout:
    widths, middles = _widths(order, nodes), _heights(order, len(nodes))
    room = WIDTH - 2 * MARGIN - sum(widths)
    gap = min(GAP_MOST, max(GAP_LEAST, room / (len(widths) - 1))) if len(widths) > 1 else 0.0
    lefts = [MARGIN, *(MARGIN + total for total in accumulate(width + gap for width in widths))]
    column = {vertex: index for index, vertices in enumerate(order.columns) for vertex in vertices}
    span = {vertex: (lefts[index], lefts[index] + widths[index]) for vertex, index in column.items()}
    boxes = [_box(node, *span[index], middles[index]) for index, node in enumerate(nodes)]
    arrows = [Arrow(edge.kind, edge.state, tuple((*span[vertex], middles[vertex]) for vertex in _run(edge, at, order))) for edge in edges]
    bottom = max(middles.values(), default=TOP) + BOX_HEIGHT / 2
    return Layout(max(WIDTH, lefts[len(widths) - 1] + (widths[-1] if widths else 0) + MARGIN), bottom + BOTTOM, tuple(boxes), tuple(arrows))


def _run(edge: Edge, at: Mapping[str, int], order: _Order) -> list[int]:
    source, target = at[edge.source], at[edge.target]
    return [source, *order.lanes[(source, target)], target]


def _box(node: Node, left: float, right: float, middle: float) -> Box:
    plain, bold = metrics(), metrics(bold=True)
    room = right - left - 2 * PADDING - (_badge_room(node.badge, bold) if node.badge else 0.0)
    label = plain.fitted(node.label, LABEL, room)
    return Box(node.id, label, node.badge, node.kind, node.state, left, middle - BOX_HEIGHT / 2, right - left)
