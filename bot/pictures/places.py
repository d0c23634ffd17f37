"""Where boxes and lanes stand: columns as wide as their labels need, heights as near to their neighbours as there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from bot.pictures.columns import GAP, NARROWEST, WIDEST
from bot.pictures.labels import ONE, box_height, needed, wrapped
from bot.pictures.layout import MARGIN, Box, Caption, Edge, Layout, Node, Sheet
from bot.pictures.order import Order
from bot.pictures.routes import Spans, routed

GAP_MOST = 190.0  # between columns
APART = 11.0  # between boxes
GROUPS_APART = 15.0  # more, between groups
EMPTY = 30.0  # from part to part, at most
LANE = 14.0  # room of an arrow that passes a column
CAPTION = 26.0  # room above the columns
UPRIGHT, BROAD = 0.66, 1_080.0  # width over height of the paper at least, as far as that is no wider
SWEEPS = 10
STRAIGHT = 4.0  # how much more a lane wishes to go on in line with a lane than a box with a box


def placed(nodes: Sequence[Node], edges: Sequence[Edge], order: Order, sheet: Sheet) -> Layout:
    if not nodes:
        return Layout(sheet.narrowest, 0.0, (), ())
    spans = _spans(nodes, order, sheet)
    shown = {
        index: wrapped(nodes[index], _width(index, order, spans)) for column in order.columns for index in column if index < len(nodes)
    }
    tall = {index: box_height(lines) for index, lines in shown.items()}
    middles = _heights(order, tall)
    column = {vertex: at for at, vertices in enumerate(order.columns) for vertex in vertices}
    boxes = {
        index: _box(nodes[index], lines, spans.lefts[column[index]], middles[index], spans.widths[column[index]])
        for index, lines in shown.items()
    }
    bottom = max((box.y + box.height for box in boxes.values()), default=0.0)
    bottom = max([bottom, *(middles[vertex] + LANE / 2 for vertex in middles)])
    width = max(sheet.narrowest, spans.right + MARGIN if boxes else min(BROAD, 90.0 * len(order.alone)))
    grid = _grid([nodes[index] for index in order.alone], width, bottom + 2 * CAPTION if boxes else CAPTION)
    captions = [*_captions(nodes, order, spans), *([Caption("alone", len(grid), MARGIN, grid[0].y - CAPTION)] if grid and boxes else [])]
    arrows = routed(edges, order, {nodes[index].id: box for index, box in boxes.items()}, middles, column, spans)
    every = {box.id: box for box in (*boxes.values(), *grid)}
    return Layout(
        width=width,
        height=max([bottom, *(box.y + box.height for box in grid)]),
        boxes=tuple(every[node.id] for node in nodes),
        arrows=tuple(arrows),
        captions=tuple(captions),
    )


def _box(node: Node, lines: tuple[str, ...], x: float, middle: float, width: float) -> Box:
    height = box_height(lines)
    return Box(node.id, node.label, lines, node.badge, node.kind, node.state, node.health, x, middle - height / 2, width, height)


# --- from left to right -----------------------------------------------------------------------------------------------------


def _spans(nodes: Sequence[Node], order: Order, sheet: Sheet) -> Spans:
    """Columns and the gaps between them; on a sheet that is too narrow first the gaps give way, then the widest columns."""
    if not order.columns:
        return Spans((), (), (), MARGIN)
    widths = [min(WIDEST, max([NARROWEST, *(needed(nodes[index]) for index in column if index < len(nodes))])) for column in order.columns]
    gaps = [min(GAP_MOST, GAP + 12 + 1.6 * lines) for lines in _lines(order)]
    gaps[-1] = GAP if order.arcs else 0.0  # right of the last one only arcs between its own boxes
    room = sheet.widest - 2 * MARGIN
    if (over := sum(widths) + sum(gaps) - room) > 0:
        gaps = [gap - (gap - GAP) * min(1.0, over / max(1.0, sum(gaps) - GAP * len(gaps))) if gap else 0.0 for gap in gaps]
    while sum(widths) + sum(gaps) > room and max(widths) > NARROWEST:
        widest = max(range(len(widths)), key=lambda at: widths[at])
        widths[widest] = max(NARROWEST, widths[widest] - 8)
    gaps = _stretched(widths, gaps, _narrowest(nodes, order, sheet) - 2 * MARGIN)
    lefts = list(accumulate((width + gap for width, gap in zip(widths, gaps, strict=True)), initial=MARGIN))
    return Spans(tuple(lefts[:-1]), tuple(widths), tuple(gaps), lefts[-1])


def _narrowest(nodes: Sequence[Node], order: Order, sheet: Sheet) -> float:
    """A tall graph gets wider paper, or it would be a strip."""
    tallest = max(sum(1 for index in column if index < len(nodes)) for column in order.columns)
    return max(sheet.narrowest, min(UPRIGHT * tallest * (ONE + APART), BROAD))


def _lines(order: Order) -> list[int]:
    """How many lines leave each column for the next."""
    return [sum(len(order.after[vertex]) for vertex in column) for column in order.columns]


def _stretched(widths: Sequence[float], gaps: list[float], room: float) -> list[float]:
    """Gaps that fill a narrow sheet, within reason."""
    between = gaps[:-1]
    if not between or (spare := room - sum(widths) - sum(gaps)) <= 0:
        return gaps
    return [*(gap + spare / len(between) for gap in between), gaps[-1]]


def _width(index: int, order: Order, spans: Spans) -> float:
    return next(spans.widths[at] for at, column in enumerate(order.columns) if index in column)


# --- from top to bottom -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Column:
    vertices: list[int]
    gaps: list[float]  # between the middles of each and the one before it


def _heights(order: Order, tall: Mapping[int, float]) -> dict[int, float]:
    """The middle of each vertex: columns begin stacked and centred, then each vertex moves towards its neighbours as far as there is room."""
    columns = [_Column(column, _gaps(column, order, tall)) for column in order.columns]
    middles: dict[int, float] = {}
    for column in columns:
        middles.update(zip(column.vertices, _spread([0.0] * len(column.vertices), [1.0] * len(column.vertices), column.gaps), strict=True))
    for _ in range(SWEEPS):
        for column in (*columns, *reversed(columns)):
            wishes = [_wish(vertex, order, middles, tall) for vertex in column.vertices]
            weights = [1.0 if vertex in tall else 0.5 for vertex in column.vertices]
            middles.update(zip(column.vertices, _spread(wishes, weights, column.gaps), strict=True))
    return _closed(middles, tall)


def _closed(middles: Mapping[int, float], tall: Mapping[int, float]) -> dict[int, float]:
    """From the captions down, without stretches that are empty in every column: parts that nothing joins would stand far apart."""
    placed: dict[int, float] = {}
    moved, bottom = 0.0, 0.0
    for vertex in sorted(middles, key=lambda vertex: middles[vertex] - _room(vertex, tall) / 2):
        top = middles[vertex] - _room(vertex, tall) / 2
        if not placed:
            moved, bottom = CAPTION - top, top
        moved -= max(0.0, top - bottom - EMPTY)
        bottom = max(bottom, top + _room(vertex, tall))
        placed[vertex] = middles[vertex] + moved
    return placed


def _gaps(column: Sequence[int], order: Order, tall: Mapping[int, float]) -> list[float]:
    gaps = [0.0]
    for one, other in pairwise(column):
        between = APART if one in tall and other in tall else 0.0
        if order.group[one] != order.group[other] and min(order.group[one], order.group[other]) >= 0:
            between += GROUPS_APART
        gaps.append((_room(one, tall) + _room(other, tall)) / 2 + between)
    return gaps


def _room(vertex: int, tall: Mapping[int, float]) -> float:
    """A lane keeps its distance itself."""
    return tall.get(vertex, LANE)


def _wish(vertex: int, order: Order, middles: Mapping[int, float], tall: Mapping[int, float]) -> float:
    """Between its neighbours; a lane rather in line with its own lanes."""
    total = weights = 0.0
    for other in (*order.before[vertex], *order.after[vertex], *order.arcs.get(vertex, ())):
        weight = STRAIGHT if vertex not in tall and other not in tall else 1.0
        total, weights = total + weight * middles[other], weights + weight
    return total / weights if weights else middles[vertex]


def _spread(wishes: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Middles in the order of ``wishes``, at least ``gaps`` apart, moved as little as may be (weighted least squares, by pooling neighbours)."""
    offsets = list(accumulate(gaps))
    blocks: list[tuple[float, float, int]] = []  # sum of weighted wishes without offsets, weight, count
    for wish, weight, offset in zip(wishes, weights, offsets, strict=True):
        blocks.append((weight * (wish - offset), weight, 1))
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, heavy, count = blocks.pop()
            blocks[-1] = (blocks[-1][0] + total, blocks[-1][1] + heavy, blocks[-1][2] + count)
    levels = [total / heavy for total, heavy, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


# --- beside the arrows ------------------------------------------------------------------------------------------------------


def _captions(nodes: Sequence[Node], order: Order, spans: Spans) -> list[Caption]:
    """Above columns that hold one kind only; those side by side that hold the same share one."""
    found: list[Caption] = []
    before = ""
    for at, column in enumerate(order.columns):
        kinds = [nodes[index].kind for index in column if index < len(nodes)]
        kind = kinds[0] if len(set(kinds)) == 1 else ""
        if kind and kind == before:
            found[-1] = replace(found[-1], count=found[-1].count + len(kinds))
        elif kind:
            found.append(Caption(kind, len(kinds), spans.lefts[at], 0.0))
        before = kind
    return found


def _grid(alone: Sequence[Node], width: float, top: float) -> list[Box]:
    """What no arrow touches, in rows below the rest."""
    if not alone:
        return []
    room = width - 2 * MARGIN
    wide = min(WIDEST, max(NARROWEST, *(needed(node) for node in alone)))
    across = max(1, int((room + 16) // (wide + 16)))
    boxes: list[Box] = []
    y = top
    for start in range(0, len(alone), across):
        row = alone[start : start + across]
        lines = [wrapped(node, wide) for node in row]
        tall = max(box_height(each) for each in lines)
        boxes += [
            _box(node, each, MARGIN + at * (wide + 16), y + tall / 2, wide) for at, (node, each) in enumerate(zip(row, lines, strict=True))
        ]
        y += tall + APART
    return boxes
