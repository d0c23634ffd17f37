"""The graph of the stored workflows as a drawing: what an impact does to them, or who needs whom.

The shape of a drawing is in ``engine.graph.portrait``. An arrow leads from left to right: from an event's source to the workflow, from the
workflow to what it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.graph.impact import Impact
from engine.graph.needs import Flow
from engine.graph.portrait import Line, Spot, portrait
from engine.graph.words import amount, badge, kind_amount, per_hour
from engine.workflow.definition import WorkflowState

SOURCE = "source:"  # a service in its part as a source of events stands on the left, apart from itself as one that is asked

Edge = tuple[str, str, str]


def draw(flows: Mapping[str, Flow], names: Mapping[str, str], edges: Iterable[Edge], impact: Impact | None) -> dict[str, Any]:
    """Of an impact, or of everything when there is none. ``edges``: (who needs, what, how)."""
    arrows = [_arrow(edge) for edge in edges]
    states = _states(flows, impact)
    spots = [_spot(id, flows, names, states) for id in _everything(flows, arrows, impact)]
    lines = [
        Line(source=source, target=target, kind=kind, state=_edge_state(source, target, kind, states)) for source, target, kind in arrows
    ]
    focus = _place(impact.service, {spot.id for spot in spots}) if impact else ""
    headline = f"{names[impact.service]} is {impact.state}" if impact else "Who needs whom"
    drawing = portrait(spots, lines, headline=headline, focus=focus)
    drawing["subline"] = _subline(impact, names) if impact else summary(drawing["nodes"])
    return drawing


def _arrow(edge: Edge) -> Edge:
    """The direction of the drawing, with event sources as boxes of their own."""
    source, target, kind = edge
    return (SOURCE + target, source, kind) if kind == "trigger" else edge


def _everything(flows: Mapping[str, Flow], arrows: Sequence[Edge], impact: Impact | None) -> list[str]:
    """Ids, those of the impact first."""
    joined = dict.fromkeys(id for arrow in arrows for id in arrow[:2])
    if impact is None:
        return list(dict.fromkeys([*sorted(flows, key=lambda id: (-flows[id].per_hour, flows[id].name)), *joined]))
    first = [_place(impact.service, joined), *(one.id for one in impact.workflows)]
    return list(dict.fromkeys([*first, *joined, *flows]))


def _place(service: str, joined: Iterable[str]) -> str:
    """A service that nobody asks, whose events are all that is used of it, stands on the left alone."""
    return SOURCE + service if service not in (known := set(joined)) and SOURCE + service in known else service


def _spot(id: str, flows: Mapping[str, Flow], names: Mapping[str, str], states: Mapping[str, str]) -> Spot:
    kind = "workflow" if id in flows else "source" if id.startswith(SOURCE) else "service"
    service = id.removeprefix(SOURCE)
    rate = flows[id].per_hour if id in flows else 0.0
    return Spot(id=id, label=names.get(service, service), kind=kind, state=states.get(id, "ok"), badge=badge(rate), rate=rate)


def _states(flows: Mapping[str, Flow], impact: Impact | None) -> dict[str, str]:
    states = {id: "paused" for id, flow in flows.items() if flow.workflow.state is WorkflowState.PAUSED}
    if impact is None:
        return states
    states[impact.service] = states[SOURCE + impact.service] = impact.state
    lost = "stops" if impact.state == "down" else "risk"
    for one in impact.workflows:
        states[one.id] = "survives" if one.survives_by else lost
    return states


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


def summary(nodes: Sequence[Mapping[str, Any]]) -> str:
    """“3 workflows · 2 services · 1 platform”: what is drawn, a service that also sends events once."""
    ids: dict[str, set[str]] = {"workflow": set(), "service": set()}
    for node in nodes:
        kind = "service" if node["kind"] == "source" else node["kind"]
        ids.setdefault(kind, set()).add(node["id"].removeprefix(SOURCE))
    return " · ".join(kind_amount(len(found), kind) for kind, found in ids.items() if found or kind in ("workflow", "service"))
