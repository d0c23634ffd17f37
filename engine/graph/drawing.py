"""The graph as a drawing: boxes, arrows and their states as plain values, cut to what one picture can hold.

    {"headline", "subline", "focus": service id or "", "more": boxes left out,
     "nodes": [{"id", "label", "kind": source|workflow|service, "state": down|degraded|stops|risk|survives|carrier|ok|paused, "badge"}],
     "edges": [{"source", "target", "kind": trigger|step|fallback|runs, "state": broken|risk|carrying|spare|plain}]}

An arrow leads from left to right: from an event's source to the workflow, from the workflow to what it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.graph.impact import Impact
from engine.graph.needs import Flow
from engine.graph.words import amount, badge, per_hour
from engine.workflow.definition import WorkflowState

MAX_NODES = 60
SOURCE = "source:"  # a service in its part as a source of events stands on the left, apart from itself as one that is asked

Edge = tuple[str, str, str]


def draw(flows: Mapping[str, Flow], names: Mapping[str, str], edges: Iterable[Edge], impact: Impact | None) -> dict[str, Any]:
    """Of an impact, or of everything when there is none. ``edges``: (who needs, what, how)."""
    arrows = [_arrow(edge) for edge in edges]
    states = _states(flows, impact)
    kept, more = _kept(flows, arrows, impact)
    nodes = [_node(id, flows, names, states) for id in kept]
    shown = set(kept)
    return {
        "headline": f"{names[impact.service]} is {impact.state}" if impact else "Who needs whom",
        "subline": _subline(impact, names) if impact else _summary(nodes),
        "focus": impact.service if impact else "",
        "more": more,
        "nodes": nodes,
        "edges": [_edge(arrow, states) for arrow in arrows if arrow[0] in shown and arrow[1] in shown],
    }


def _arrow(edge: Edge) -> Edge:
    """The direction of the drawing, with event sources as boxes of their own."""
    source, target, kind = edge
    return (SOURCE + target, source, kind) if kind == "trigger" else edge


def _states(flows: Mapping[str, Flow], impact: Impact | None) -> dict[str, str]:
    states = {id: "paused" for id, flow in flows.items() if flow.workflow.state is WorkflowState.PAUSED}
    if impact is None:
        return states
    states[impact.service] = states[SOURCE + impact.service] = impact.state
    lost = "stops" if impact.state == "down" else "risk"
    for one in impact.workflows:
        states[one.id] = "survives" if one.survives_by else lost
    return states


def _kept(flows: Mapping[str, Flow], arrows: list[Edge], impact: Impact | None) -> tuple[list[str], int]:
    """At most MAX_NODES boxes, the nearest to what is hit first; and how many were left out."""
    joined = dict.fromkeys(id for arrow in arrows for id in arrow[:2])
    first = _hit_first(flows, impact)
    if impact and impact.service not in joined and SOURCE + impact.service in joined:
        first[0] = SOURCE + impact.service  # nobody asks it, its events are all that is used of it
    everything = list(dict.fromkeys([*first, *joined, *flows]))
    if impact is None or len(everything) > MAX_NODES:
        near = _neighbourhood(everything, arrows)
        return near[:MAX_NODES], max(0, len(everything) - MAX_NODES)
    return everything, 0


def _hit_first(flows: Mapping[str, Flow], impact: Impact | None) -> list[str]:
    if impact is None:
        return sorted(flows, key=lambda id: (-flows[id].per_hour, flows[id].name))
    return [impact.service, *(one.id for one in impact.workflows)]


def _neighbourhood(order: list[str], arrows: list[Edge]) -> list[str]:
    """Each box of ``order`` followed by what it is joined to, so that a cut leaves connected parts."""
    beside: dict[str, list[str]] = {}
    for source, target, _ in arrows:
        beside.setdefault(source, []).append(target)
        beside.setdefault(target, []).append(source)
    first = order[0] if order else ""
    found: dict[str, None] = {}
    for id in order:
        found[id] = None
        if id != first:  # the service that is hit has its workflows in order of importance already
            found |= dict.fromkeys(beside.get(id, ()))
    return list(found)


def _node(id: str, flows: Mapping[str, Flow], names: Mapping[str, str], states: Mapping[str, str]) -> dict[str, Any]:
    kind = "workflow" if id in flows else "source" if id.startswith(SOURCE) else "service"
    label = names.get(id.removeprefix(SOURCE), id.removeprefix(SOURCE))
    note = badge(flows[id].per_hour) if id in flows else ""
    return {"id": id, "label": label, "kind": kind, "state": states.get(id, "ok"), "badge": note}


def _edge(arrow: Edge, states: Mapping[str, str]) -> dict[str, Any]:
    source, target, kind = arrow
    return {"source": source, "target": target, "kind": kind, "state": _edge_state(source, target, kind, states)}


def _edge_state(source: str, target: str, kind: str, states: Mapping[str, str]) -> str:
    """What an arrow tells: broken or at risk towards what is hit, carrying where a fallback does the work."""
    if kind == "fallback":
        hit = states.get(target) in ("down", "degraded")
        return "spare" if hit or states.get(source) != "survives" else "carrying"
    hit_state = states.get(source) if kind == "trigger" else states.get(target)
    if hit_state not in ("down", "degraded"):
        return "plain"
    workflow = states.get(target if kind == "trigger" else source, "ok")
    return {"stops": "broken", "risk": "risk", "survives": "carrying"}.get(workflow, "plain")


def _subline(impact: Impact, names: Mapping[str, str]) -> str:
    stops = [one for one in impact.workflows if not one.survives_by]
    carried = [one for one in impact.workflows if one.survives_by]
    verb = "may fail" if impact.state == "degraded" else "stops" if len(stops) == 1 else "stop"
    parts = [f"{amount(len(stops), 'workflow')} {verb}"]
    if carried:
        by = ", ".join(dict.fromkeys(names.get(one.survives_by, one.survives_by) for one in carried))
        parts.append(f"{len(carried)} {'carries' if len(carried) == 1 else 'carry'} on by {by}")
    if impact.runs_lost_per_hour:
        parts.append(f"{per_hour(impact.runs_lost_per_hour)} {'at risk' if impact.state == 'degraded' else 'lost'}")
    if impact.people:
        parts.append("1 person" if len(impact.people) == 1 else f"{len(impact.people)} people")
    return " · ".join([*parts, f"severity {impact.severity}"])


def _summary(nodes: list[dict[str, Any]]) -> str:
    flows = sum(1 for node in nodes if node["kind"] == "workflow")
    services = {node["id"].removeprefix(SOURCE) for node in nodes if node["kind"] != "workflow"}
    return f"{amount(flows, 'workflow')} · {amount(len(services), 'service')}"
