"""A drawing (plain values, see ``engine.graph.portrait``) as PNG, or laid out for a page. Runs in a process of its own and imports only what it draws with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.pictures.font import drawable, files
from bot.pictures.layout import CHAT, MARGIN, SCREEN, Arrow, Box, Edge, Layout, Node, Sheet, arrange
from bot.pictures.looks import LIGHT, THEMES, line_name, look_name
from bot.pictures.svg import Words, corner, path, svg, thickness

LEAST, USUAL = 1_080.0, 2_000.0  # pixels wide: what chats show at most, and twice that, sharp on dense screens
PIXELS = 2_100_000.0  # beyond, the picture becomes less wide, down to LEAST: pictures stay below half a megabyte
LINE = 6_500  # pixels fewer for each line above a hundred: they weigh more than boxes
HEAVIEST = 500 * 1024 - 1  # bytes; what has more is drawn again, smaller


def png(drawing: Mapping[str, Any]) -> bytes:
    """Raises ValueError for what is no drawing. Texts may hold anything: what the font cannot show is left out, the rest is escaped.

    ``drawing["theme"]``: light (else) or dark.
    """
    data = b""
    for arrows in (CHAT.arrows, CHAT.arrows // 2, CHAT.arrows // 4):  # fewer only where everything is joined to everything
        data = _drawn(drawing, laid_out(drawing, replace(CHAT, arrows=arrows)))
        if len(data) <= HEAVIEST:
            break
    return data


def _drawn(drawing: Mapping[str, Any], layout: Layout) -> bytes:
    headline, subline = (
        drawable(str(drawing.get(name) or ""), otherwise) for name, otherwise in (("headline", "Impact"), ("subline", "–"))
    )
    text = svg(layout, Words(headline, subline, _rest(drawing, layout)), THEMES.get(str(drawing.get("theme")), LIGHT))
    width, height = layout.width, layout.height + 2 * MARGIN
    room = PIXELS - LINE * max(0, len(layout.arrows) - 100)
    pixels = max(LEAST, min(USUAL, (room * width / height) ** 0.5))
    data = _raster(text, pixels / width)
    if len(data) > HEAVIEST and pixels > LEAST:
        data = _raster(text, max(LEAST, pixels * (HEAVIEST / len(data)) ** 0.7) / width)
    return data


def _raster(text: str, zoom: float) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=zoom, skip_system_fonts=True, font_files=list(files())))


def laid_out(drawing: Mapping[str, Any], sheet: Sheet = CHAT) -> Layout:
    """Labels as the bundled font can draw them; on the SCREEN as they are, for a browser that has every script."""
    plain = sheet is not SCREEN
    nodes = [_node(node, plain=plain) for node in _parts(drawing, "nodes")]
    return arrange(nodes, [_edge(edge) for edge in _parts(drawing, "edges")], sheet)


def page(drawing: Mapping[str, Any]) -> dict[str, Any]:
    """The layout as plain values, for a page that draws it itself. How a service is by now is not in it, only room for its sign.

    Raises ValueError likewise.
    """
    roomy = [{**node, "health": "offline" if node.get("kind") != "workflow" else ""} for node in _parts(drawing, "nodes")]
    layout = laid_out({**drawing, "nodes": roomy}, SCREEN)
    return {
        "width": layout.width,
        "height": layout.height,
        "boxes": [_plain_box(box) for box in layout.boxes],
        "arrows": [_plain_arrow(arrow) for arrow in layout.arrows],
        "captions": [{"kind": caption.kind, "count": caption.count, "x": caption.x, "y": caption.y} for caption in layout.captions],
        "unseen": layout.unseen,
    }


def _plain_box(box: Box) -> dict[str, Any]:
    placed = {"x": round(box.x, 1), "y": round(box.y, 1), "width": round(box.width, 1), "height": box.height, "lines": box.lines}
    known = {"id": box.id, "label": box.label, "kind": box.kind, "state": box.state, "badge": box.badge}
    return known | placed | {"look": look_name(box.kind, box.state), "corner": corner(box.kind, box.height)}


def _plain_arrow(arrow: Arrow) -> dict[str, Any]:
    line = line_name(arrow.kind, arrow.state, arrow.volume)
    return {
        "source": arrow.source,
        "target": arrow.target,
        "line": line,
        "width": round(thickness(LIGHT.lines[line].width, arrow.volume), 1),
        "d": path(arrow),
        "heads": [[round(x, 1), round(y, 1), way] for x, y, way in arrow.heads],
        "note": arrow.note,
        "at": arrow.at,
    }


def _rest(drawing: Mapping[str, Any], layout: Layout) -> str:
    """What is not drawn, in words; the drawing's own where the sheet had room for all of it."""
    more = drawing.get("more")
    unseen = (more if isinstance(more, int) else 0) + layout.unseen[0]
    told = str(drawing.get("rest") or "")
    said = [drawable(told, f"{unseen:,}") if told and not layout.unseen[0] else f"{unseen:,}"] if unseen > 0 else []
    return " and ".join([*said, *([f"{layout.unseen[1]:,} lines"] if layout.unseen[1] else [])])


def _parts(drawing: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    parts = drawing.get(key, [])
    if not isinstance(parts, Sequence) or not all(isinstance(part, Mapping) for part in parts):
        raise ValueError(f"A drawing's {key} must be a list of fields.")
    return parts


def _node(node: Mapping[str, Any], *, plain: bool) -> Node:
    id = str(node.get("id", ""))
    label = str(node.get("label", ""))
    return Node(
        id=id,
        label=drawable(label, drawable(id.removeprefix("source:"), "?")) if plain else " ".join(label.split())[:400] or id or "?",
        badge=drawable(str(node.get("badge") or ""), "")[:12],
        kind=str(node.get("kind", "service")),
        state=str(node.get("state", "ok")),
        health=str(node.get("health") or ""),
    )


def _edge(edge: Mapping[str, Any]) -> Edge:
    source, target, kind, state = (str(edge.get(key, "")) for key in ("source", "target", "kind", "state"))
    volume, share = _number(edge.get("volume")), _number(edge.get("confidence"))
    note = f"{min(1.0, share):.0%}" if share and kind == "suggested" else _rate(volume)
    return Edge(source, target, kind, state, volume, note)


def _number(value: Any) -> float:
    usable = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return max(0.0, float(value)) if usable else 0.0


def _rate(volume: float) -> str:
    """Calls an hour, as short as a line has room for: 12/h, 3.4k/h, 5/d."""
    if volume >= 999.5:
        for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
            if volume >= size * 0.9995:
                return f"{volume / size:.3g}{unit}/h"
    return f"{volume:.0f}/h" if volume >= 0.95 else f"{volume * 24:.0f}/d" if volume * 24 >= 0.95 else ""
