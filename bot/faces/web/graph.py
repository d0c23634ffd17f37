"""The graph as an open page asks for it: where everything stands, kept as long as nothing moves, and how everything is at this moment."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol

from bot.pictures.looks import ICONS, LIGHT, WORDS
from engine.graph.words import alt_text
from engine.workflow.definition import Json

KEPT = 12  # layouts: of the whole graph and of the neighbourhoods that people look at


class GraphView(Protocol):
    """What there is to be drawn, as plain values (``engine.graph.portrait``)."""

    async def drawing(self, focus: str, hops: int, down: bool, most: int) -> Mapping[str, Json]:
        """Around ``focus`` (an id or a name; "" = everything) up to ``hops`` away (0: any distance), at most ``most`` boxes. ``down``: what
        happens when the focus fails. Raises NotFound, with the nearest names, for a focus nobody knows."""
        ...


class Draughtsman(Protocol):
    """Off the event loop. Raises Rejected for what cannot be drawn, Transient when drawing failed."""

    async def impact(self, drawing: Mapping[str, Json]) -> bytes:
        """PNG."""
        ...

    async def page(self, drawing: Mapping[str, Json]) -> bytes:
        """JSON (``bot.pictures.draw.page``)."""
        ...


class GraphPage:
    """``most``: boxes on the page; it can be moved over them and searched."""

    def __init__(self, view: GraphView, pictures: Draughtsman, *, most: int = 1_000) -> None:
        self._view, self._pictures, self._most = view, pictures, most
        self._layouts: OrderedDict[str, dict[str, Any]] = OrderedDict()

    async def shown(self, focus: str, hops: int, down: bool) -> dict[str, Any]:
        """Everything a page needs. ``layout`` names where things stand: while it stays, only states are new. ``version`` names all of it."""
        drawing = await self._view.drawing(focus, hops, down, self._most)
        name, layout = await self._layout(drawing)
        health = {str(node["id"]): node.get("health", "") for node in _nodes(drawing)}
        body = {
            **{key: drawing.get(key, "") for key in ("headline", "subline", "focus", "more", "rest")},
            "layout": name,
            "graph": layout,
            "health": {id: state for id, state in health.items() if state},
            "alt": alt_text(drawing),
            "icons": dict(ICONS),
            "words": {**WORDS, **{line: stroke.word for line, stroke in LIGHT.lines.items()}},
        }
        return {**body, "version": _name(body)}

    async def picture(self, focus: str, hops: int, down: bool, theme: str) -> bytes:
        """PNG, of as much as a picture holds."""
        return await self._pictures.impact({**await self._view.drawing(focus, hops, down, 60), "theme": theme})

    async def _layout(self, drawing: Mapping[str, Json]) -> tuple[str, dict[str, Any]]:
        nodes = [{key: value for key, value in node.items() if key != "health"} for node in _nodes(drawing)]
        still: dict[str, Any] = {"nodes": nodes, "edges": drawing.get("edges", [])}
        name = _name(still)
        if name not in self._layouts:
            self._layouts[name] = json.loads(await self._pictures.page(still))
            while len(self._layouts) > KEPT:
                self._layouts.popitem(last=False)
        self._layouts.move_to_end(name)
        return name, self._layouts[name]


def _nodes(drawing: Mapping[str, Json]) -> list[dict[str, Any]]:
    found = drawing.get("nodes")
    return [node for node in found if isinstance(node, dict)] if isinstance(found, list) else []


def _name(value: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]
