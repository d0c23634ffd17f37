"""Where boxes and arrows of a drawing stand: layers from left to right, no box over another, no arrow through a box.

    columns.py   which column a box stands in      by kind, and right of whoever needs it; circles are broken, deep graphs folded
    order.py     who stands above whom             few crossings; what is hit together, at the top
    places.py    where that is                     widths from the labels, heights from the neighbours
    routes.py    how the arrows go                 through lanes of their own past the columns, in curves between them

Curves live only between columns and lanes only between boxes: that is why nothing is crossed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Curve = tuple[float, float, float, float, float, float]  # two control points and the end, as SVG's C
LABEL = 15.0  # font sizes
NOTE = 12.5
MARGIN = 28.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a layout has to fit. Widths in units; a label is LABEL units high, whatever the sheet. ``columns``: more only where they fit; ``tallest``: boxes in one."""

    boxes: int
    arrows: int
    columns: int
    tallest: int
    narrowest: float
    widest: float


# Labels of 13 pixels at the 1,080 that chats show at most: 1,246 units wide. A screen can be moved over more.
CHAT = Sheet(boxes=60, arrows=220, columns=5, tallest=34, narrowest=760.0, widest=1_246.0)
SCREEN = Sheet(boxes=1_000, arrows=6_000, columns=14, tallest=44, narrowest=760.0, widest=4_200.0)


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    badge: str
    kind: str
    state: str
    health: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """``note``: what stands on the line where there is room; ``volume``: calls an hour, 0 = not known."""

    source: str
    target: str
    kind: str
    state: str
    volume: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """``lines``: the label as it fits, one or two."""

    id: str
    label: str
    lines: tuple[str, ...]
    badge: str
    kind: str
    state: str
    health: str
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Arrow:
    """``heads``: (x, y, 1 to the right or −1 to the left) of each tip. ``at``: the middle of its note, None where that has no room."""

    source: str
    target: str
    kind: str
    state: str
    volume: float
    start: Point
    curves: tuple[Curve, ...]
    heads: tuple[tuple[float, float, int], ...]
    note: str = ""
    at: Point | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands above a column: a kind and how many there are."""

    kind: str
    count: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """``unseen``: boxes and arrows that the sheet has no room for."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    captions: tuple[Caption, ...] = ()
    unseen: tuple[int, int] = (0, 0)


RANK = {"broken": 0, "risk": 1, "carrying": 2, "plain": 3, "spare": 4}


def arrange(nodes: Sequence[Node], edges: Sequence[Edge], sheet: Sheet = CHAT) -> Layout:
    """Total over any graph: circles, edges to itself, parts that nothing joins. Edges to nodes that are not there are left out."""
    from bot.pictures.columns import layered
    from bot.pictures.order import ordered
    from bot.pictures.places import placed

    everything = list({node.id: node for node in nodes}.values())
    kept = everything[: sheet.boxes]
    at = {node.id: index for index, node in enumerate(kept)}
    found = _single(edge for edge in edges if edge.source in at and edge.target in at)
    drawn = _most_telling(found, sheet.arrows)
    layers = layered(kept, drawn, at, sheet)
    layout = placed(kept, drawn, ordered(kept, drawn, layers), sheet)
    return Layout(
        layout.width, layout.height, layout.boxes, layout.arrows, layout.captions, (len(everything) - len(kept), len(found) - len(drawn))
    )


def _single(edges: Iterable[Edge]) -> list[Edge]:
    """One arrow from a box to another: the one that tells most, first what tells most of all."""
    found: dict[tuple[str, str], Edge] = {}
    for edge in sorted(edges, key=lambda edge: (RANK.get(edge.state, 5), edge.kind == "suggested", -edge.volume)):
        found.setdefault((edge.source, edge.target), edge)
    return list(found.values())


def _most_telling(edges: list[Edge], most: int) -> list[Edge]:
    """Where not all have room: first those that join a box which nothing joins yet, so that none seems to stand on its own."""
    if len(edges) <= most:
        return edges
    joined: set[str] = set()
    first: dict[int, None] = {}
    for number, edge in enumerate(edges):
        if not {edge.source, edge.target} <= joined and edge.source != edge.target:
            first[number] = None
            joined |= {edge.source, edge.target}
    chosen = set(list(dict.fromkeys([*first, *range(len(edges))]))[:most])
    return [edge for number, edge in enumerate(edges) if number in chosen]
