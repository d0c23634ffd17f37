"""What a drawing of the graph says, in words: for those who cannot see it and for headlines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from engine.graph.impact import AffectedWorkflow
from engine.workflow.catalogue import listed

NAMED = 12  # workflows that are named before the rest is counted
TOLD = 1_800  # characters, so that every chat takes them
STATES = (("stops", "Stops"), ("risk", "May fail"), ("idle", "Gets no events"), ("survives", "Carries on"), ("carrier", "Stands in"), ("paused", "Paused"))
HEALTH = (("offline", "Offline"), ("unhealthy", "Unhealthy"), ("degraded", "Degraded"), ("misconfigured", "Not set up"))
KINDS = {
    "source": ("event source", "event sources"),
    "schedule": ("schedule", "schedules"),
    "person": ("person", "people"),
    "channel": ("channel", "channels"),
    "workflow": ("workflow", "workflows"),
    "service": ("service", "services"),
    "component": ("component", "components"),
    "platform": ("platform", "platforms"),
    "infra": ("piece of infrastructure", "pieces of infrastructure"),
    "external": ("external service", "external services"),
}


def sentence(affected: Sequence[AffectedWorkflow], lost: float, active: int, state: str, names: Callable[[str], str] = str) -> str:
    """“2 of 5 active workflows stop, 1 carries on by Asana; 41 runs an hour lost.” ``names``: id → name."""
    stops = [one for one in affected if not one.survives_by]
    carried = [one for one in affected if one.survives_by]
    verb = "may fail" if state == "degraded" else "stops" if 1 in (len(stops), active) else "stop"
    parts = [f"{len(stops)} of {amount(active, 'active workflow')} {verb}"]
    if carried:
        by = listed(dict.fromkeys(names(one.survives_by) for one in carried))
        parts.append(f"{len(carried)} {'carry' if len(carried) != 1 else 'carries'} on by {by}")
    runs = f"; {per_hour(lost)} {'at risk' if state == 'degraded' else 'lost'}" if stops and lost else ""
    return f"{', '.join(parts)}{runs}."


def per_hour(rate: float) -> str:
    """``41 runs an hour``, ``3 runs a day``, ``1 run a week`` – whichever is a number people can picture."""
    for times, unit in ((1, "an hour"), (24, "a day"), (24 * 7, "a week")):
        if rate * times >= 0.95:
            return f"{amount(round(rate * times), 'run')} {unit}"
    return "less than a run a week" if rate else "no runs"


def badge(rate: float) -> str:
    """``16/h``, ``3/d``, ``1/wk``; empty when nothing is expected."""
    for times, unit in ((1, "h"), (24, "d"), (24 * 7, "wk")):
        if rate * times >= 0.95:
            return f"{round(rate * times):,}/{unit}"
    return ""


def kind_amount(count: int, kind: str) -> str:
    """``1 platform``, ``3 people``; a kind that has no words counts as services."""
    return f"{count:,} {KINDS.get(kind, KINDS['service'])[count != 1]}"


def rest(left_out: Mapping[str, int]) -> str:
    """“280 workflows and 12 services” of what is not drawn, the most first; "" when all is."""
    return listed([kind_amount(count, kind) for kind, count in sorted(left_out.items(), key=lambda one: (-one[1], one[0])) if count > 0])


def amount(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def alt_text(drawing: Mapping[str, Any]) -> str:
    """The picture's content as text, within 2,000 characters; total over any drawing."""
    nodes = [node for node in _list(drawing, "nodes") if isinstance(node, Mapping)]
    edges = [edge for edge in _list(drawing, "edges") if isinstance(edge, Mapping)]
    said = [f"{_text(drawing.get('headline'))}. {_text(drawing.get('subline'))}."]
    hit = {_hashable(node.get("id")) for node in nodes if node.get("state") in ("down", "degraded")}
    for key, words in (("state", STATES), ("health", HEALTH)):
        for state, word in words:
            labels = [
                _labelled(node) for node in nodes if node.get(key) == state and not (key == "health" and _hashable(node.get("id")) in hit)
            ]
            if labels and not (state == "paused" and drawing.get("focus")):
                said.append(f"{word}: {_first(dict.fromkeys(labels))}.")
    said += _connections(nodes, edges) if not drawing.get("focus") else []
    said += _special(nodes, edges)
    if drawing.get("more"):
        said.append(f"{_text(drawing.get('rest')) or _text(drawing['more'])} more are not drawn.")
    return _cut(said)


def _connections(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many, and what most of them lead to."""
    names = {_hashable(node.get("id")): _text(node.get("label")) for node in nodes}
    most = Counter(name for edge in edges if (name := names.get(_hashable(edge.get("target")))))
    said = [f"{amount(len(edges), 'connection')} between {amount(len(nodes), 'node')}."]
    needed = [f"{name} ({count})" for name, count in sorted(most.items(), key=lambda one: (-one[1], one[0])) if count > 1][:5]
    return [*said, f"Needed most: {', '.join(needed)}."] if needed else said


def _special(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> list[str]:
    """What dashes, widths and numbers on lines tell those who see them."""
    names = {_hashable(node.get("id")): _text(node.get("label")) for node in nodes}
    found: dict[str, list[str]] = {}
    for edge in edges:
        ends = f"{names.get(_hashable(edge.get('source')), '?')} to {names.get(_hashable(edge.get('target')), '?')}"
        kind, share, volume = edge.get("kind"), edge.get("confidence"), edge.get("volume")
        if kind == "suggested":
            found.setdefault("Suggested, not confirmed", []).append(ends + (f" ({share:.0%})" if _number(share) else ""))
        elif kind == "alternative":
            found.setdefault("Stand in for each other", []).append(ends.replace(" to ", " and "))
        elif _number(volume):
            found.setdefault("Calls", []).append(f"{ends} ({badge(volume) or 'few'})")
    return [f"{word}: {_first(ends)}." for word, ends in found.items()]


def _cut(sentences: Sequence[str]) -> str:
    """Whole sentences as far as there is room; the last one, what is not drawn, in any case."""
    text, last = " ".join(sentences[:-1]), sentences[-1]
    return text[: TOLD - len(last)].rstrip() + (" " if text else "") + last[:TOLD]


def _first(labels: Iterable[str]) -> str:
    named = list(labels)
    return ", ".join(named[:NAMED]) + (f" and {len(named) - NAMED:,} more" if len(named) > NAMED else "")


def _list(drawing: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = drawing.get(key)
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool)) else None


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _labelled(node: Mapping[str, Any]) -> str:
    note = _text(node.get("badge"))
    return _text(node.get("label")) + (f" ({note})" if note else "")


def _text(value: Any) -> str:
    return " ".join(str(value or "").split())[:120]
