"""What may never happen in a layout, found by walking over it: boxes over boxes, arrows through boxes, labels that do not fit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from bot.pictures.font import metrics
from bot.pictures.labels import beside
from bot.pictures.layout import LABEL, Arrow, Box, Layout, Node
from bot.pictures.routes import along


def overlapping(layout: Layout) -> list[tuple[str, str]]:
    def over(one: Box, other: Box) -> bool:
        return one.x < other.right and other.x < one.right and one.y < other.y + other.height and other.y < one.y + one.height

    return [(one.id, other.id) for one, other in itertools.combinations(layout.boxes, 2) if over(one, other)]


def walked(arrow: Arrow, steps: int = 16) -> Iterator[tuple[float, float]]:
    """Points along the drawn path."""
    start = arrow.start
    for curve in arrow.curves:
        yield from (along(start, curve, step / steps) for step in range(steps + 1))
        start = curve[4:]


def pierced(layout: Layout) -> list[tuple[str, str, str]]:
    """(source, target, box) wherever an arrow runs over a box, be it its own."""
    columns: dict[tuple[float, float], list[Box]] = {}
    for box in layout.boxes:
        columns.setdefault((box.x, box.right), []).append(box)
    found = []
    for arrow in layout.arrows:
        for x, y in walked(arrow):
            for (left, right), boxes in columns.items():
                if left + 1 < x < right - 1:
                    found += [(arrow.source, arrow.target, box.id) for box in boxes if box.y + 1 < y < box.y + box.height - 1]
    return found


def outside(layout: Layout) -> list[str]:
    boxes = [
        box.id
        for box in layout.boxes
        if not (box.x >= 0 and box.right <= layout.width and box.y >= 0 and box.y + box.height <= layout.height)
    ]
    arrows = [
        f"{arrow.source} → {arrow.target}"
        for arrow in layout.arrows
        if any(not (0 <= x <= layout.width and -1 <= y <= layout.height + 1) for x, y in walked(arrow))
    ]
    return boxes + arrows


def too_long(layout: Layout) -> list[str]:
    """Lines of labels that would leave their box."""
    found = []
    for box in layout.boxes:
        able = metrics(bold=box.state in ("down", "degraded"))
        room = box.width - beside(Node(box.id, box.label, box.badge, box.kind, box.state, box.health))
        found += [line for line in box.lines if able.width(line, LABEL) > room + 0.5 and len(line) > 1]
    return found


def badly_noted(layout: Layout) -> list[str]:
    """Notes on lines that touch a box or each other."""
    spots = [(arrow.at, metrics(bold=True).width(arrow.note, 12.5) / 2, arrow.note) for arrow in layout.arrows if arrow.at]
    found = [
        note
        for (x, y), half, note in spots
        for box in layout.boxes
        if box.x < x + half and x - half < box.right and box.y < y + 6 and y - 6 < box.y + box.height
    ]
    pairs = itertools.combinations(spots, 2)
    return found + [
        one[2] for one, other in pairs if abs(one[0][0] - other[0][0]) < one[1] + other[1] and abs(one[0][1] - other[0][1]) < 12
    ]


def check(layout: Layout) -> None:
    assert overlapping(layout) == []
    assert pierced(layout) == []
    assert outside(layout) == []
    assert too_long(layout) == []
    assert badly_noted(layout) == []
