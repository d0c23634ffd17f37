"""What is stored of the map: what one source declares (a policy of the kind ``map``, its id the source: a file, or ``by hand``), and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from engine.errors import Invalid
from engine.graph.declared import raw as read
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Knowledge, Told
from engine.graph.discovery.suggestions import Suggestion

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


def suggested_body(one: Suggestion) -> dict[str, Any]:
    return {
        "source": one.source,
        "target": one.target,
        "confidence": one.confidence,
        "together": one.together,
        "lift": list(one.lift),
        "because": one.because,
    }


def suggested_from(raw: Any) -> Suggestion:
    """Of ``suggested_body``; more may stand beside it. Raises Invalid."""
    found = read.mapping(raw, "A suggestion")
    lift = [read.number(one, "“lift”", 0, 1e15) for one in read.sequence(found.get("lift"), "“lift”")]
    if len(lift) != 3:
        raise Invalid("“lift” has three numbers.")
    return Suggestion(
        source=read.identity(found.get("source"), "“source”"),
        target=read.identity(found.get("target"), "“target”"),
        confidence=read.number(found.get("confidence"), "“confidence”", 0, 1),
        together=read.whole(found.get("together"), "“together”", 0, 10**9),
        lift=(lift[0], lift[1], lift[2]),
        because=read.words(found.get("because"), "“because”", 1_000),
    )
