"""Where boxes and arrows stand: nothing over anything, everything readable."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.pictures.draw import laid_out, page, png
from bot.pictures.font import drawable
from bot.pictures.layout import CHAT, LABEL, SCREEN, Edge, Layout, Node, arrange
from bot.pictures.looks import DARK, KINDS, LIGHT, THEMES
from bot.pictures.svg import Words, svg
from engine.graph.portrait import HIT
from tests.bot.pictures.geometry import check, overlapping, pierced
from tests.engine.graph.houses import graph, random_house

LEAST = 13.0  # pixels of a label where a picture is shown 1,080 pixels wide
LINES = ("step", "fallback", "trigger", "runs", "declared", "observed", "suggested", "alternative")
STATES = ("ok", "paused", *sorted(HIT))


@pytest.mark.parametrize(("seed", "count"), [(1, 1), (2, 4), (3, 12), (5, 60), (6, 300)])
def test_no_box_lies_over_another_and_no_arrow_goes_through_one(seed: int, count: int) -> None:
    house = graph(*random_house(seed, count))
    for service in ("trello", "chat", "stripe"):
        check(laid_out(house.drawing(house.impact(service))))
    check(laid_out(house.drawing()))


NAMES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["x" * 300, "one two three four five six seven eight nine ten", "שלום עולם", "🚀🔥", "a-b_c/d.e:f" * 9, "リリース"]),
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    """Any graph at all: circles, edges to itself, doubled edges, parts that nothing joins, long names and ones in other scripts."""
    count = draw(st.integers(0, 16))
    nodes = [
        Node(
            f"n{index}", drawable(draw(NAMES), f"n{index}"), draw(st.sampled_from(["", "16/h"])), draw(st.sampled_from((*KINDS, "?"))),
            draw(st.sampled_from(STATES)), draw(st.sampled_from(["", "healthy", "degraded", "offline"])),
        )
        for index in range(count)
    ]  # fmt: skip
    ends = st.sampled_from([node.id for node in nodes] or ["n0"]) | st.just("nobody")
    line = st.builds(
        Edge, ends, ends, st.sampled_from(LINES), st.sampled_from(["plain", "broken", "carrying", "?"]), st.sampled_from([0.0, 3.0, 1e6]),
        st.sampled_from(["", "62%", "1.2k/h"]),
    )  # fmt: skip
    return nodes, draw(st.lists(line, max_size=40))


@settings(max_examples=60, deadline=None)
@given(graphs(), st.booleans())
def test_any_graph_can_be_laid_out(parts: tuple[list[Node], list[Edge]], screen: bool) -> None:
    nodes, edges = parts
    layout = arrange(nodes, edges, SCREEN if screen else CHAT)
    check(layout)
    assert [box.id for box in layout.boxes] == [node.id for node in nodes]
    ET.fromstring(svg(layout, Words("x", "y", "3"), DARK if screen else LIGHT))
    known = {node.id for node in nodes}
    asked = {(edge.source, edge.target) for edge in edges if edge.source in known and edge.target in known}
    drawn = {(arrow.source, arrow.target) for arrow in layout.arrows}
    assert asked == drawn | {(target, source) for source, target in drawn if (target, source) in asked}


def dense(seed: int, count: int, lines: int) -> tuple[list[Node], list[Edge]]:
    dice = random.Random(seed)
    kinds = [dice.choice(KINDS) for _ in range(count)]
    nodes = [Node(f"n{index}", f"{kind} number {index} of the house", "3/h", kind, "ok") for index, kind in enumerate(kinds)]
    ends = [(dice.choice(nodes).id, dice.choice(nodes).id) for _ in range(lines)]
    return nodes, [Edge(one, other, dice.choice(LINES), "plain") for one, other in ends]


@pytest.mark.parametrize(("count", "lines"), [(18, 30), (60, 60), (60, 180), (60, 2_000)])
def test_at_the_width_of_a_chat_every_label_is_thirteen_pixels_high(count: int, lines: int) -> None:
    layout = arrange(*dense(count + lines, count, lines))
    assert overlapping(layout) == []
    assert pierced(layout) == []
    assert LABEL * 1_080 / layout.width >= LEAST
    assert layout.unseen == (0, max(0, layout.unseen[1]))


def test_a_chain_of_sixty_is_folded_and_all_of_it_drawn() -> None:
    nodes = [Node(f"n{index}", f"part {index}", "", "component", "ok") for index in range(60)]
    layout = arrange(nodes, [Edge(f"n{index}", f"n{index + 1}", "declared", "plain") for index in range(59)])
    check(layout)
    assert len(layout.arrows) == 59
    assert LABEL * 1_080 / layout.width >= LEAST


def test_who_needs_something_stands_on_its_left_even_in_a_circle() -> None:
    nodes = [Node(id, id, "", "component", "ok") for id in "abc"]
    layout = arrange(nodes, [Edge("a", "b", "declared", "plain"), Edge("b", "c", "declared", "plain"), Edge("c", "a", "declared", "plain")])
    assert len(layout.arrows) == 3
    assert sum(way for arrow in layout.arrows for _, _, way in arrow.heads) == 1  # two lead to the right, one back
    left = {box.id: box.x for box in layout.boxes}
    assert len(set(left.values())) == 3


def test_two_that_need_each_other_are_one_line_with_two_tips_and_oneself_is_a_loop() -> None:
    nodes = [Node(id, id, "", "component", "ok") for id in "ab"]
    layout = arrange(nodes, [Edge("a", "b", "declared", "plain"), Edge("b", "a", "declared", "plain"), Edge("b", "b", "declared", "plain")])
    assert [len(arrow.heads) for arrow in layout.arrows] == [2, 1]
    check(layout)


def test_a_line_back_that_is_only_suggested_is_a_line_of_its_own() -> None:
    nodes = [Node(id, id, "", "component", "ok") for id in "ab"]
    layout = arrange(nodes, [Edge("a", "b", "observed", "plain"), Edge("b", "a", "suggested", "plain")])
    assert [(arrow.kind, len(arrow.heads)) for arrow in layout.arrows] == [("observed", 1), ("suggested", 1)]
    check(layout)


def test_what_is_hit_stands_at_the_top_together() -> None:
    states = ["ok", "stops", "ok", "survives", "stops", "ok"]
    nodes = [
        Node("s", "Jira", "", "service", "down"),
        *(Node(f"w{at}", f"flow {at}", "", "workflow", state) for at, state in enumerate(states)),
    ]
    layout = arrange(nodes, [Edge(f"w{at}", "s", "step", "plain") for at in range(6)])
    shown = [box.state for box in sorted(layout.boxes, key=lambda box: box.y) if box.kind == "workflow"]
    assert shown == ["stops", "stops", "survives", "ok", "ok", "ok"]


def test_fifty_lines_past_a_column_to_one_database_share_a_lane() -> None:
    nodes = [Node("db", "postgres", "", "infra", "ok"), *(Node(f"w{at}", f"flow {at}", "", "workflow", "ok") for at in range(50))]
    nodes += [Node("s", "Jira", "", "service", "ok")]
    layout = arrange(nodes, [Edge(f"w{at}", end, "step", "plain") for at in range(50) for end in ("db", "s")], SCREEN)
    assert len({arrow.curves[-1] for arrow in layout.arrows if arrow.target == "db"}) == 1
    check(layout)


def test_what_no_arrow_touches_stands_in_rows_below() -> None:
    layout = arrange([Node(f"n{index}", f"n{index}", "", "workflow", "ok") for index in range(30)], [])
    check(layout)
    assert layout.height < 500


def test_three_hundred_boxes_are_laid_out_for_a_screen() -> None:
    layout = arrange(*dense(3, 300, 600), SCREEN)
    assert overlapping(layout) == []
    assert pierced(layout) == []
    assert layout.unseen == (0, 0)


def test_the_same_drawing_is_laid_out_the_same_way() -> None:
    house = graph(*random_house(4, 26))
    drawing = house.drawing(house.impact("trello"))
    assert laid_out(drawing) == laid_out(drawing)


def test_straight_lines_stay_straight() -> None:
    layout = arrange([Node("a", "A", "", "workflow", "ok"), Node("b", "B", "", "service", "ok")], [Edge("a", "b", "step", "plain")])
    assert layout.boxes[0].middle == layout.boxes[1].middle


# --- what one sees ----------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """WCAG 2.2."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    brighter, darker = sorted((light(one), light(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_words_and_lines_have_enough_contrast_on_white_and_on_dark(name: str) -> None:
    theme = THEMES[name]
    assert min(contrast(colour, theme.paper) for colour in (theme.ink, theme.soft)) >= 4.5
    for look in theme.boxes.values():
        assert contrast(look.ink, look.fill) >= 4.5, look
        assert contrast(look.badge_ink, look.badge) >= 4.5, look
        assert contrast(look.stroke, theme.paper) >= 3, look
    assert [stroke for stroke in theme.lines.values() if contrast(stroke.colour, theme.paper) < 3] == []
    assert [colour for colour in theme.health.values() if contrast(colour, theme.paper) < 3] == []


def said(text: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]


def small(state: str = "ok", kind: str = "step") -> Layout:
    nodes = [Node("w", "release", "3/h", "workflow", state), Node("s", "Jira", "", "service", "ok", "offline")]
    return arrange(nodes, [Edge("w", "s", kind, "plain", 12.0, "12/h")])


def test_the_legend_holds_what_occurs_and_nothing_else() -> None:
    texts = said(svg(small(), Words("Who needs whom", "1 workflow · 1 service")))
    assert texts == ["Who needs whom", "1 workflow · 1 service", "release", "3/h", "Jira", "12/h", "Workflow", "Service", "workflow", "service", "offline now", "observed calls, wider: more"]  # fmt: skip
    assert "stops" in said(svg(small("stops"), Words("x", "y")))
    assert "suggested, not confirmed" in said(svg(small(kind="suggested"), Words("x", "y")))


def test_what_is_not_drawn_is_said_in_the_picture() -> None:
    assert "and 280 workflows and 12 services more, not drawn" in said(svg(small(), Words("x", "y", "280 workflows and 12 services")))


def test_a_long_subline_goes_on_below_so_that_the_severity_is_seen() -> None:
    subline = "72 workflows stop · 12 carry on by " + ", ".join(f"service {number}" for number in range(14)) + " · severity high"
    assert any(text.endswith("severity high") for text in said(svg(small(), Words("x", subline))))


def test_a_page_gets_where_everything_stands_with_names_as_they_are() -> None:
    drawing = {
        "nodes": [{"id": "a", "label": "שלום 🚀"}, {"id": "b", "label": "B"}],
        "edges": [{"source": "a", "target": "b", "volume": 1_234}],
    }
    laid = page(drawing)
    assert [box["label"] for box in laid["boxes"]] == ["שלום 🚀", "B"]
    assert laid["arrows"][0]["d"].startswith("M")
    assert laid["arrows"][0]["note"] == "1.23k/h"


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
    layout = laid_out(drawing)
    check(layout)
    ET.fromstring(svg(layout, Words(drawable(label, "x"), "y")))
    assert label != HOSTILE[0] or png(drawing).startswith(b"\x89PNG")


def test_a_name_the_font_cannot_draw_is_shown_by_its_id() -> None:
    labels = {box.id: box.label for box in laid_out(hostile("x")).boxes}
    assert labels["wf_00000005"] == "wf_00000005"
    assert labels["wf_00000000"] == "<script>alert(1)</script>"
    assert labels["wf_00000003"] == "gnp.exe"
    assert labels["wf_00000007"].startswith("aaa")
    assert labels["wf_0000000b"] == "x y z"


@pytest.mark.parametrize("drawing", [{"nodes": 5}, {"nodes": ["x"]}, {"nodes": [], "edges": {"a": 1}}])
def test_what_is_no_drawing_is_refused(drawing: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be a list"):
        png(drawing)


def test_an_empty_graph_is_a_picture_too() -> None:
    assert png(graph().drawing()).startswith(b"\x89PNG")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_sixty_boxes_stay_below_half_a_megabyte_and_wider_than_a_chat_shows(theme: str) -> None:
    house = graph(*random_house(3, 300), runs={number: number for number in range(300)})
    data = png({**house.drawing(house.impact("jira")), "theme": theme})
    assert len(data) < 500 * 1024
    assert int.from_bytes(data[16:20], "big") >= 1_080


def test_everything_joined_to_everything_stays_below_half_a_megabyte_too() -> None:
    nodes, edges = dense(4, 60, 3_000)
    drawing = {
        "nodes": [{"id": node.id, "label": node.label, "kind": node.kind, "badge": "3/h"} for node in nodes],
        "edges": [{"source": edge.source, "target": edge.target} for edge in edges],
    }
    data = png(drawing)
    assert len(data) < 500 * 1024
    assert int.from_bytes(data[16:20], "big") >= 1_080
