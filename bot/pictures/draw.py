"""A drawing (plain values, see ``engine.graph.drawing``) as PNG. Runs in a process of its own and imports only what it draws with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.pictures.font import drawable, files
from bot.pictures.layout import MAX_BOXES, Edge, Layout, Node, arrange
from bot.pictures.svg import svg

ZOOM = 2.0  # 2,160 pixels wide: sharp on dense screens, readable at 1,080
PIXELS = 2_700_000.0  # beyond, the zoom is lowered: pictures stay below half a megabyte


def png(drawing: Mapping[str, Any]) -> bytes:
    """Raises ValueError for what is no drawing. Texts may hold anything: what the font cannot show is left out, the rest is escaped."""
    import resvg_py

    layout = laid_out(drawing)
    more = drawing.get("more")
    text = svg(
        layout,
        drawable(str(drawing.get("headline") or ""), "Impact"),
        drawable(str(drawing.get("subline") or ""), "–"),
        (more if isinstance(more, int) else 0) + max(0, len(_parts(drawing, "nodes")) - MAX_BOXES),
    )
    zoom = min(ZOOM, (PIXELS / (layout.width * layout.height)) ** 0.5)
    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=zoom, skip_system_fonts=True, font_files=list(files())))


def laid_out(drawing: Mapping[str, Any]) -> Layout:
    nodes = [_node(node) for node in _parts(drawing, "nodes")]
    return arrange(nodes, [_edge(edge) for edge in _parts(drawing, "edges")])


def _parts(drawing: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    parts = drawing.get(key, [])
    if not isinstance(parts, Sequence) or not all(isinstance(part, Mapping) for part in parts):
        raise ValueError(f"A drawing's {key} must be a list of fields.")
    return parts


def _node(node: Mapping[str, Any]) -> Node:
    id = str(node.get("id", ""))
    return Node(
        id=id,
        label=drawable(str(node.get("label", "")), drawable(id.removeprefix("source:"), "?")),
        badge=drawable(str(node.get("badge") or ""), "")[:12],
        kind=str(node.get("kind", "service")),
        state=str(node.get("state", "ok")),
    )


def _edge(edge: Mapping[str, Any]) -> Edge:
    return Edge(*(str(edge.get(key, "")) for key in ("source", "target", "kind", "state")))
