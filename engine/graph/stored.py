"""What one source declares of the map, as it is stored: a policy of the kind ``map``, its id the source (a file, or ``by hand``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Knowledge, Told

KIND: Final = "map"
BY_HAND: Final = "by hand"
SUGGESTED: Final = "map:suggested"  # stream under which suggestions are kept as they were found last
ANSWERS: Final = "suggestion"  # kind of the policies that hold what people answered, by the id of the suggestion


def body_of(told: Told) -> dict[str, Any]:
    return {
        "components": [one.to_json() for one in told.components],
        "lines": [one.to_json() for one in told.lines],
        "alternatives": [one.to_json() for one in told.alternatives],
    }


def knowledge_of(body: Mapping[str, Any]) -> Knowledge:
    """Of ``body_of``. Raises Invalid."""
    if not isinstance(body, Mapping):
        raise Invalid("What is declared of the map must be an object.")
    return Knowledge(
        components=tuple(Component.from_json(one) for one in read.sequence(body.get("components"), "“components”")),
        lines=tuple(Line.from_json(one) for one in read.sequence(body.get("lines"), "“lines”")),
        alternatives=tuple(Alternative.from_json(one) for one in read.sequence(body.get("alternatives"), "“alternatives”")),
    )
