"""How arrows go: level through the columns they pass, an S between columns, an arc where both ends share one, a loop back to oneself.

Each arrow has a place of its own on the side of its box, in the order of where it leads, so that few cross at the box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.pictures.font import metrics
from bot.pictures.layout import NOTE, Arrow, Box, Curve, Edge, Point
from bot.pictures.order import Order, alike

HEAD = 8.0  # length of a tip
PORTS = 7.0  # between two arrows on one side of a box, at most
EDGE = 7.0  # no arrow is nearer to a box's corner
SAME = 6.0  # steps of an arrow so small that it is drawn straight instead
NOTED = 30  # notes on lines; more would hide them


@dataclass(frozen=True, slots=True)
class Spans:
    """Of each column where it begins and how wide it is, and the gap on its right; ``right``: where the last gap ends."""

    lefts: tuple[float, ...]
    widths: tuple[float, ...]
    gaps: tuple[float, ...]
    right: float


@dataclass(slots=True)
class _Way:
    """An arrow from left to right. ``back``: it leads to the left; ``both``: its counterpart is drawn with it."""

    edge: Edge
    left: Box
    right: Box
    lanes: list[tuple[float, float, float]]  # x of the column's sides, y
    bundle: int  # the last lane, which others may share; −1 = none
    back: bool
    both: bool
    leaves: float = 0.0
    enters: float = 0.0


def routed(
    edges: Sequence[Edge], order: Order, boxes: Mapping[str, Box], middles: Mapping[int, float], column: Mapping[int, int], spans: Spans
) -> list[Arrow]:
    ways, arcs, loops = _sorted(edges, order, boxes, middles, column, spans)
    _ports(ways, arcs)
    gap_of = {box.id: gap for box in boxes.values() for left, gap in zip(spans.lefts, spans.gaps, strict=True) if left == box.x}
    arrows = [_crossing(way) for way in ways]
    arrows += [_arc(way, gap_of[way.left.id]) for way in arcs]
    arrows += [_loop(edge, boxes[edge.source]) for edge in loops]
    return _noted(arrows, list(boxes.values()))


def _sorted(
    edges: Sequence[Edge], order: Order, boxes: Mapping[str, Box], middles: Mapping[int, float], column: Mapping[int, int], spans: Spans
) -> tuple[list[_Way], list[_Way], list[Edge]]:
    there = {(edge.source, edge.target): edge for edge in edges}
    drawn: set[tuple[str, str]] = set()
    ways: list[_Way] = []
    arcs: list[_Way] = []
    loops: list[Edge] = []
    for number, edge in enumerate(edges):
        pair, turned = (edge.source, edge.target), (edge.target, edge.source)
        if edge.source == edge.target:
            loops.append(edge)
        elif (
            not (both := alike(edge, there.get(turned))) or turned not in drawn
        ):  # two alike that lead to each other are one line with two tips
            drawn.add(pair)
            source, target = boxes[edge.source], boxes[edge.target]
            vertices = order.ways.get(number, [])[1:-1]
            lanes = [
                (spans.lefts[column[lane]], spans.lefts[column[lane]] + spans.widths[column[lane]], middles[lane]) for lane in vertices
            ]
            back = source.x > target.x
            left, right = (target, source) if back else (source, target)
            (arcs if source.x == target.x else ways).append(
                _Way(edge, left, right, lanes, vertices[-1] if vertices else -1, back, both or edge.kind == "alternative")
            )
    return ways, arcs, loops


# --- where they leave and enter ---------------------------------------------------------------------------------------------


def _ports(ways: Sequence[_Way], arcs: Sequence[_Way]) -> None:
    """Side by side, in the order of where they lead; those that come by one lane enter as one."""
    leaving: dict[str, list[_Port]] = {}
    entering: dict[str, list[_Port]] = {}
    for number, way in enumerate(ways):
        leaving.setdefault(way.left.id, []).append((way.lanes[0][2] if way.lanes else way.right.middle, number, -1, way, "leaves"))
        entering.setdefault(way.right.id, []).append(
            (way.lanes[-1][2] if way.lanes else way.left.middle, number, way.bundle, way, "enters")
        )
    for number, way in enumerate(arcs, start=len(ways)):
        leaving.setdefault(way.left.id, []).append((way.right.middle, number, -1, way, "leaves"))
        leaving.setdefault(way.right.id, []).append((way.left.middle, number, -1, way, "enters"))
    for sides in (leaving, entering):
        for found in sides.values():
            _side_by_side(found)
    for way in ways:
        if not way.lanes and abs(way.leaves - way.enters) <= SAME:
            way.leaves = way.enters = _within(way.left, _within(way.right, (way.leaves + way.enters) / 2))


_Port = tuple[float, int, int, _Way, str]  # where it leads, its number, the lane it shares, itself, which of its ends


def _side_by_side(found: list[_Port]) -> None:
    found.sort(key=lambda port: port[:2])
    places: dict[tuple[int, int], int] = {}
    for _, number, bundle, _, _ in found:
        places.setdefault((bundle, -1) if bundle >= 0 else (-1, number), len(places))
    way, end = found[0][3:]
    box = way.left if end == "leaves" else way.right
    step = min(PORTS, (box.height - 2 * EDGE) / max(1, len(places) - 1))
    for _, number, bundle, way, end in found:
        place = places[(bundle, -1) if bundle >= 0 else (-1, number)]
        setattr(way, end, box.middle + (place - (len(places) - 1) / 2) * step)


def _within(box: Box, y: float) -> float:
    return max(box.y + EDGE, min(box.y + box.height - EDGE, y))


# --- curves -----------------------------------------------------------------------------------------------------------------


def _crossing(way: _Way) -> Arrow:
    forth, back = way.both or not way.back, way.both or way.back
    x, y = way.left.right, way.leaves
    end = way.right.x
    heads = [*([(end, way.enters, 1)] if forth else []), *([(x, y, -1)] if back else [])]
    start = (x + (HEAD if back else 0.0), y)
    curves: list[Curve] = []
    x, y = start
    for left, right, level in way.lanes:
        curves += [_bent(x, y, left, level), _straight(left, right, level)]
        x, y = right, level
    curves.append(_bent(x, y, end - (HEAD if forth else 0.0), way.enters))
    return _arrow(way.edge, start, curves, heads)


def _bent(x: float, y: float, end: float, level: float) -> Curve:
    half = (x + end) / 2
    return (half, y, half, level, end, level)


def _straight(x: float, end: float, y: float) -> Curve:
    return (x + (end - x) / 3, y, x + 2 * (end - x) / 3, y, end, y)


def _arc(way: _Way, gap: float) -> Arrow:
    """On the right of the column, the farther the ends are apart the wider, never as wide as the gap."""
    x = way.left.right
    forth, back = way.both or not way.back, way.both or way.back
    out = min(0.55 * gap, 15 + 0.14 * abs(way.enters - way.leaves)) / 0.75
    start, end = (x + (HEAD if back else 0.0), way.leaves), (x + (HEAD if forth else 0.0), way.enters)
    heads = [*([(x, way.enters, -1)] if forth else []), *([(x, way.leaves, -1)] if back else [])]
    return _arrow(way.edge, start, [(x + out, start[1], x + out, end[1], *end)], heads)


def _loop(edge: Edge, box: Box) -> Arrow:
    x, y = box.right, box.middle
    return _arrow(edge, (x, y - 9), [(x + 26, y - 21, x + 26, y + 21, x + HEAD, y + 9)], [(x, y + 9, -1)])


def _arrow(edge: Edge, start: Point, curves: Sequence[Curve], heads: Sequence[tuple[float, float, int]]) -> Arrow:
    return Arrow(edge.source, edge.target, edge.kind, edge.state, edge.volume, start, tuple(curves), tuple(heads), edge.note)


# --- what stands on them ----------------------------------------------------------------------------------------------------


def _noted(arrows: Sequence[Arrow], boxes: Sequence[Box]) -> list[Arrow]:
    """Notes where they touch neither a box nor another note; the others are told by the line's width or in words."""
    taken = [(box.x, box.y, box.right, box.y + box.height) for box in boxes]
    taken += [(x - 9, y - 5, x + 9, y + 5) for arrow in arrows for x, y, _ in arrow.heads]
    noted = 0
    found = []
    for arrow in arrows:
        spot = _free(arrow, taken) if arrow.note and noted < NOTED else None
        if spot:
            noted += 1
            taken.append(_around(spot, arrow.note))
        found.append(replace(arrow, at=spot))
    return found


def _free(arrow: Arrow, taken: Sequence[tuple[float, float, float, float]]) -> Point | None:
    """On its first curve: lanes are shared with others."""
    start, curve = arrow.start, arrow.curves[0]
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73):
        spot = along(start, curve, t)
        left, top, right, bottom = _around(spot, arrow.note)
        if not any(left < x2 and x1 < right and top < y2 and y1 < bottom for x1, y1, x2, y2 in taken):
            return spot
    return None


def _around(spot: Point, note: str) -> tuple[float, float, float, float]:
    half = metrics(bold=True).width(note, NOTE) / 2 + 3
    return spot[0] - half, spot[1] - 9, spot[0] + half, spot[1] + 9


def along(start: Point, curve: Curve, t: float) -> Point:
    """The point of a Bézier curve at ``t``, 0 to 1."""
    a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3
    return (a * start[0] + b * curve[0] + c * curve[2] + d * curve[4], a * start[1] + b * curve[1] + c * curve[3] + d * curve[5])
