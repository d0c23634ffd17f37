"""The map as a drawing: what was declared, what was observed and how much, what is only suggested, who stands in for whom.

An event's source stands on the left, as a box of its own; suggested lines are drawn although they do not count, because somebody is to say yes
or no; denied and faded ones are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from engine.graph.declared.component import ComponentKind
from engine.graph.declared.evidence import EvidenceKind
from engine.graph.declared.line import Line, LineKind
from engine.graph.discovery.map import Map
from engine.graph.discovery.requirements import nodes, requirements
from engine.graph.drawing import SOURCE, summary
from engine.graph.portrait import MAX_NODES, Spot, portrait
from engine.graph.portrait import Line as Drawn
from engine.graph.structure.answers import Answers
from engine.graph.structure.index import Structure
from engine.graph.words import amount, badge, per_hour
from engine.workflow.catalogue import listed

# Kinds that pictures do not tell apart: each is drawn as its next of kin.
KIN: Final = {
    ComponentKind.API: "component",
    ComponentKind.LIBRARY: "component",
    ComponentKind.SYSTEM: "component",
    ComponentKind.TEAM: "person",
}
HIT: Final = frozenset({"down", "degraded", "stops"})
NAMED: Final = 3  # that stand in, by name in a line


def map_drawing(
    map: Map,
    *,
    headline: str = "",
    subline: str = "",
    focus: str = "",
    hops: int = 0,
    states: Mapping[str, str] | None = None,
    health: Mapping[str, str] | None = None,
    rates: Mapping[str, float] | None = None,
    most: int = MAX_NODES,
) -> dict[str, Any]:
    """``states`` by component (down, degraded, stops, risk, survives, carrier, paused: what a failure does), ``health`` by service, ``rates``: runs
    an hour by workflow. ``headline`` and ``subline`` are made up where they are empty. ``focus``, ``hops``, ``most`` as ``portrait`` has them.
    """
    known, lives = states or {}, health or {}
    lines = list(_lines(map, known))
    spots = list(_spots(map, lines, known, lives, rates or {}))
    focus = SOURCE + focus if focus not in {spot.id for spot in spots} else focus
    drawing = portrait(spots, lines, headline=headline, subline=subline, focus=focus, hops=hops, most=most)
    name = map.label(focus.removeprefix(SOURCE))
    drawing["headline"] = headline or (f"Around {name}" if drawing["focus"] and hops else "Who needs whom")
    drawing["subline"] = subline or summary(drawing["nodes"])
    return drawing


def failure_drawing(
    map: Map,
    failed: Collection[str],
    *,
    states: Mapping[str, str] | None = None,
    health: Mapping[str, str] | None = None,
    rates: Mapping[str, float] | None = None,
    most: int = MAX_NODES,
) -> dict[str, Any]:
    """What would follow if all of ``failed`` (ids) were down: exact, by AND over needs and OR over ways. ``states`` of what is not touched.

    Workflows that only listen to what failed are idle, not broken; paused ones stay paused. Raises NotFound for an id nobody knows.
    """
    outcome = Answers(Structure.of(nodes(map, rates), requirements(map))).what_if(failed)
    paused = {id for id, state in (states or {}).items() if state == "paused"}
    hit = {**dict.fromkeys(_idle(map, set(failed)), "idle"), **dict.fromkeys(outcome.spared(), "survives")}
    hit |= {**dict.fromkeys(outcome.down(), "stops"), **dict.fromkeys(failed, "down")}
    hit = {id: state for id, state in hit.items() if id not in paused}
    by = list(dict.fromkeys(id for one in outcome.carried() if one.node not in paused for way in one.by[:1] for id in way))
    return map_drawing(
        map,
        headline=f"If {listed([map.label(id) for id in failed])} were down",
        subline=_follows(map, hit, by, outcome.lost_per_hour),
        focus=next(iter(failed), ""),
        states={**(states or {}), **dict.fromkeys(by, "carrier"), **hit},
        health=health,
        rates=rates,
        most=most,
    )


def _idle(map: Map, failed: set[str]) -> list[str]:
    """What waits for events that do not come: of one that it needs, or of every one of which any would do."""
    heard: dict[tuple[str, str], list[str]] = {}
    for line in map.lines:
        if line.kind is LineKind.LISTENS and not line.soft:
            heard.setdefault((line.source, line.group or f"{line.target} alone"), []).append(line.target)
    return [source for (source, _), targets in heard.items() if failed.issuperset(targets)]


def _follows(map: Map, hit: Mapping[str, str], by: Sequence[str], lost: float) -> str:
    flows = Counter(state for id, state in hit.items() if _is_workflow(map, id))
    others = sum(1 for id, state in hit.items() if state == "stops" and not _is_workflow(map, id))
    parts = [f"{amount(flows['stops'], 'workflow')} {'stops' if flows['stops'] == 1 else 'stop'}"]
    if others:
        parts.append(f"{others} more {'falls' if others == 1 else 'fall'} with it")
    if flows["idle"]:
        parts.append(f"{flows['idle']} {'gets' if flows['idle'] == 1 else 'get'} no events")
    if flows["survives"]:
        named = [map.label(id) for id in by[:NAMED]] + ([f"{len(by) - NAMED} more"] if len(by) > NAMED else [])
        verb = "carries" if flows["survives"] == 1 else "carry"
        parts.append(f"{flows['survives']} {verb} on{f' by {listed(named)}' if named else ''}")
    return " · ".join([*parts, *([f"{per_hour(lost)} lost"] if lost > 0 else [])])


def _is_workflow(map: Map, id: str) -> bool:
    return id in map.components and map.components[id].kind is ComponentKind.WORKFLOW


def _spots(
    map: Map, lines: list[Drawn], states: Mapping[str, str], health: Mapping[str, str], rates: Mapping[str, float]
) -> Iterator[Spot]:
    """What a line touches, and what stands on its own; a service that is only listened to stands on the left alone."""
    asked = {end for line in lines for end in (line.source, line.target) if not end.startswith(SOURCE)}
    heard = dict.fromkeys(line.source for line in lines if line.source.startswith(SOURCE))
    ids = dict.fromkeys([*map.components, *sorted(asked - map.components.keys())])
    for id in [*(id for id in ids if id in asked or SOURCE + id not in heard), *heard]:
        own = id.removeprefix(SOURCE)
        component = map.components.get(own)
        kind = "source" if id != own else KIN.get(component.kind, component.kind.value) if component else "component"
        service = component.service if component and component.service else own
        rate = rates.get(own, 0.0)
        yield Spot(
            id=id,
            label=map.label(own),
            kind=kind,
            state=states.get(own, "ok"),
            badge=badge(rate) if kind == "workflow" else "",
            health=health.get(service, "") if kind != "workflow" else "",
            rate=rate,
        )


def _lines(map: Map, states: Mapping[str, str]) -> Iterator[Drawn]:
    for line in map.lines:
        yield _line(map, line, states)
    for one in map.quiet:
        kinds = {piece.kind for piece in one.line.evidence}
        if kinds == {EvidenceKind.SUGGESTED}:
            sure = max(piece.confidence for piece in one.line.evidence)
            yield Drawn(source=one.line.source, target=one.line.target, kind="suggested", confidence=sure)
    for pair in dict.fromkeys(tuple(sorted((one.service, one.other))) for one in map.alternatives if one.service != one.other):
        yield Drawn(source=pair[0], target=pair[1], kind="alternative")


def _line(map: Map, line: Line, states: Mapping[str, str]) -> Drawn:
    source, target = line.source, line.target
    if line.kind is LineKind.LISTENS:
        turned = map.components[target].kind is ComponentKind.SERVICE if target in map.components else False
        state = {"stops": "broken", "idle": "risk"}.get(states.get(source, ""), "plain") if states.get(target) in HIT else "plain"
        return Drawn(source=SOURCE + target if turned else target, target=source, kind="trigger", state=state, volume=_volume(line))
    return Drawn(source=source, target=target, kind=_kind(line), state=_state(line, states), volume=_volume(line))


def _kind(line: Line) -> str:
    """By the surest that is known of it."""
    if line.kind is LineKind.ALTERNATIVE:
        return "fallback"
    if line.kind is LineKind.STARTS:
        return "runs"
    surest = min((piece.kind for piece in line.evidence), key=lambda kind: kind.rank, default=EvidenceKind.DECLARED)
    return {EvidenceKind.WORKFLOW: "step", EvidenceKind.OBSERVED: "observed", EvidenceKind.EVENT: "observed"}.get(surest, "declared")


def _volume(line: Line) -> float:
    """Calls an hour that were seen; how often a workflow is expected to run stands in its own box."""
    return max((piece.per_hour or 0.0 for piece in line.evidence if piece.kind is EvidenceKind.OBSERVED), default=0.0)


def _state(line: Line, states: Mapping[str, str]) -> str:
    """What an arrow tells: broken or at risk towards what is hit, carrying where a fallback does the work."""
    source, hit = states.get(line.source, "ok"), states.get(line.target) in HIT
    if line.kind is LineKind.ALTERNATIVE:
        return "carrying" if source == "survives" and not hit else "spare"
    return {"stops": "broken", "risk": "risk", "survives": "carrying"}.get(source, "plain") if hit and not line.soft else "plain"
