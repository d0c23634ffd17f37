"""Where boxes and arrows stand: nothing over anything."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.draw import laid_out, png
from bot.pictures.font import drawable, metrics
from bot.pictures.layout import WIDTH, Arrow, Box, Edge, Layout, Node, arrange
from bot.pictures.svg import svg
from tests.engine.graph.houses import graph, random_house

KINDS = ("source", "workflow", "service")


def overlapping(layout: Layout) -> list[tuple[str, str]]:
    def over(one: Box, other: Box) -> bool:
        return one.x < other.right and other.x < one.right and one.y < other.y + other.height and other.y < one.y + one.height

    return [(one.id, other.id) for one, other in itertools.combinations(layout.boxes, 2) if over(one, other)]


def walked(arrow: Arrow) -> Iterator[tuple[float, float]]:
    """Points along the drawn path."""
    (_, x, y), *rest = arrow.points
    for left, right, level in rest:
        half = (x + left) / 2
        for step in range(21):
            t = step / 20
            yield (
                (1 - t) ** 3 * x + 3 * (1 - t) ** 2 * t * half + 3 * (1 - t) * t * t * half + t**3 * left,
                (1 - t) ** 3 * y + 3 * (1 - t) ** 2 * t * y + 3 * (1 - t) * t * t * level + t**3 * level,
            )
        yield from ((left + (right - left) * step / 10, level) for step in range(11)) if (left, right, level) != rest[-1] else ()
        x, y = right, level


def pierced(layout: Layout) -> list[str]:
    return [
        box.id
        for arrow in layout.arrows
        for x, y in walked(arrow)
        for box in layout.boxes
        if box.x + 1 < x < box.right - 1 and box.y + 1 < y < box.y + box.height - 1
    ]


def check(layout: Layout) -> None:
    assert overlapping(layout) == []
    assert pierced(layout) == []
    assert layout.width >= WIDTH
    for box in layout.boxes:
        assert box.x >= 0
        assert box.right <= layout.width
        assert box.y >= 0
        assert box.y + box.height <= layout.height
        assert metrics().width(box.label, 15) <= box.width


@pytest.mark.parametrize(("seed", "count"), [(1, 1), (2, 4), (3, 12), (4, 26), (5, 60), (6, 300)])
def test_no_box_lies_over_another_and_no_arrow_goes_through_one(seed: int, count: int) -> None:
    house = graph(*random_house(seed, count))
    for service in ("trello", "chat", "github", "stripe"):
        check(laid_out(house.drawing(house.impact(service))))
    check(laid_out(house.drawing()))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    """Any graph at all: circles, edges to itself, doubled edges, boxes with no edge."""
    count = draw(st.integers(0, 14))
    nodes = [
        Node(f"n{index}", draw(st.text(max_size=30)), draw(st.sampled_from(["", "16/h"])), draw(st.sampled_from(KINDS)), "ok")
        for index in range(count)
    ]
    ends = st.sampled_from([node.id for node in nodes] or ["n0"]) | st.just("nobody")
    edges = draw(
        st.lists(
            st.builds(Edge, ends, ends, st.sampled_from(["step", "fallback", "runs"]), st.sampled_from(["plain", "broken", "?"])),
            max_size=30,
        )
    )
    return nodes, edges


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_any_graph_can_be_laid_out(parts: tuple[list[Node], list[Edge]]) -> None:
    nodes, edges = parts
    layout = arrange([Node(node.id, drawable(node.label, node.id), node.badge, node.kind, node.state) for node in nodes], edges)
    check(layout)
    assert len(layout.boxes) == len(nodes)
    ET.fromstring(svg(layout, "x", "y", 3))


def test_the_same_drawing_is_laid_out_the_same_way() -> None:
    house = graph(*random_house(4, 26))
    drawing = house.drawing(house.impact("trello"))
    assert laid_out(drawing) == laid_out(drawing)


def test_straight_lines_stay_straight() -> None:
    layout = arrange([Node("a", "A", "", "workflow", "ok"), Node("b", "B", "", "service", "ok")], [Edge("a", "b", "step", "plain")])
    assert layout.boxes[0].middle == layout.boxes[1].middle


HOSTILE = [
    "<script>alert(1)</script>",
    "]]>&amp;&#0;\"'",
    "\x00\x01\x1b[31m",
    "\u202egnp.exe",
    "שלום עולם",
    "リリース",
    "🚀🔥",
    "a" * 5_000,
    "",
    "\ud800",
    "W" * 120,
    "x\n\ny\t z",
]


def hostile(label: str) -> dict[str, Any]:
    nodes = [{"id": "trello", "label": label, "kind": "service", "state": "down", "badge": label}]
    nodes += [
        {"id": f"wf_{index:08x}", "label": text, "kind": "workflow", "state": "stops", "badge": "3/h"} for index, text in enumerate(HOSTILE)
    ]
    edges = [{"source": node["id"], "target": "trello", "kind": label, "state": label} for node in nodes[1:]]
    return {"headline": label, "subline": label, "focus": label, "more": 5, "nodes": nodes, "edges": edges}


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_names_are_drawn_as_names(label: str) -> None:
    drawing = hostile(label)
    check(laid_out(drawing))
    assert png(drawing).startswith(b"\x89PNG")


def test_a_name_the_font_cannot_draw_is_shown_by_its_id() -> None:
    labels = {box.id: box.label for box in laid_out(hostile("x")).boxes}
    assert labels["wf_00000005"] == "wf_00000005"
    assert labels["wf_00000000"] == "<script>alert(1)</script>"
    assert labels["wf_00000003"] == "gnp.exe"
    assert labels["wf_00000007"].endswith("…")
    assert labels["wf_0000000b"] == "x y z"


@pytest.mark.parametrize("drawing", [{"nodes": 5}, {"nodes": ["x"]}, {"nodes": [], "edges": {"a": 1}}])
def test_what_is_no_drawing_is_refused(drawing: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be a list"):
        png(drawing)


def test_an_empty_graph_is_a_picture_too() -> None:
    assert png(graph().drawing()).startswith(b"\x89PNG")


def test_sixty_boxes_stay_below_half_a_megabyte_and_wider_than_a_chat_shows() -> None:
    house = graph(*random_house(3, 300), runs={number: number for number in range(300)})
    data = png(house.drawing(house.impact("jira")))
    assert len(data) < 500 * 1024
    assert int.from_bytes(data[16:20], "big") >= 1_080
