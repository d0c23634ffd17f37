"""Who is drawn when not everybody can be, and the map as a drawing."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NotFound
from engine.graph.declared.alternative import Alternative
from engine.graph.declared.component import Component, ComponentKind
from engine.graph.declared.evidence import Evidence, EvidenceKind
from engine.graph.declared.line import Line as MapLine
from engine.graph.declared.line import LineKind
from engine.graph.discovery.map import Map, Quiet
from engine.graph.map_drawing import failure_drawing, map_drawing
from engine.graph.portrait import CROWD, MAX_NODES, Line, Spot, chosen, portrait
from engine.graph.words import alt_text, rest


def spot(number: int, kind: str = "workflow", state: str = "ok", rate: float = 0.0) -> Spot:
    return Spot(id=f"n{number}", label=f"name {number}", kind=kind, state=state, rate=rate)


@given(st.integers(0, 90), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=200), st.integers(0, 95), st.integers(0, 4))
def test_what_is_chosen_is_bounded_begins_with_the_focus_and_hangs_together(
    count: int, ends: list[tuple[int, int]], focus: int, hops: int
) -> None:
    spots = [spot(number, "service" if number % 3 else "workflow", rate=number % 7) for number in range(count)]
    pairs = [(f"n{one}", f"n{other}") for one, other in ends]
    kept = chosen(spots, pairs, f"n{focus}", hops, 20)
    assert len(kept) == len(set(kept)) <= 20
    if focus < count:
        assert kept[0] == f"n{focus}"
        joined = nx.Graph([pair for pair in pairs if {*pair} <= set(kept)])
        joined.add_node(f"n{focus}")
        whole = nx.Graph([pair for pair in pairs if int(pair[0][1:]) < count and int(pair[1][1:]) < count])
        whole.add_node(f"n{focus}")
        near = nx.single_source_shortest_path_length(whole, f"n{focus}", cutoff=hops or None)
        if hops or len(kept) == 20 < count:
            assert set(kept) <= set(near) or not hops
        if hops:
            assert set(kept) == set(nx.node_connected_component(joined, f"n{focus}"))


def test_what_is_hit_comes_first_then_the_busiest_and_then_what_they_share() -> None:
    flows = [spot(number, state="stops" if number < 20 else "ok", rate=number) for number in range(80)]
    services = [Spot(id="jira", label="Jira", state="down"), *(Spot(id=f"s{number}", label="s") for number in range(40))]
    pairs = [(flow.id, "jira") for flow in flows] + [(f"n{number}", f"s{number // 2}") for number in range(80)]
    kept = chosen([*flows, *services], pairs, "jira")
    assert kept[0] == "jira"
    assert kept[1:21] == [f"n{number}" for number in range(19, -1, -1)]
    workflows = [id for id in kept if id.startswith("n")]
    assert len(workflows) == CROWD
    assert set(workflows[20:]) == {f"n{number}" for number in range(70, 80)}
    assert kept[-1].startswith("s")


def test_a_neighbourhood_is_what_is_so_many_steps_away_and_the_rest_is_counted() -> None:
    spots = [spot(number) for number in range(6)]
    lines = [Line(source=f"n{number}", target=f"n{number + 1}") for number in range(5)]
    drawing = portrait(spots, lines, headline="x", focus="n2", hops=1)
    assert [node["id"] for node in drawing["nodes"]] == ["n2", "n1", "n3"]
    assert (drawing["more"], drawing["rest"]) == (3, "3 workflows")
    assert "3 workflows more are not drawn." in alt_text(drawing)


def test_what_is_left_out_is_said_by_kind() -> None:
    assert rest({"workflow": 1, "person": 2, "infra": 3}) == "3 pieces of infrastructure, 2 people and 1 workflow"
    assert rest({}) == ""


def test_a_graph_without_a_focus_shows_sixty_of_three_hundred() -> None:
    spots = [spot(number, "workflow" if number % 4 else "service", rate=number % 11) for number in range(300)]
    drawing = portrait(spots, [Line(source=f"n{number}", target=f"n{number // 4 * 4}") for number in range(300)], headline="x")
    assert len(drawing["nodes"]) + drawing["more"] == 300
    assert len(drawing["nodes"]) <= MAX_NODES
    assert {node["kind"] for node in drawing["nodes"]} == {"workflow", "service"}


def test_three_hundred_components_fill_the_picture() -> None:
    spots = [spot(number, "component", rate=number % 11) for number in range(300)]
    drawing = portrait(spots, [Line(source=f"n{number}", target=f"n{number // 4 * 4}") for number in range(300)], headline="x")
    assert (len(drawing["nodes"]), drawing["more"]) == (MAX_NODES, 240)


# --- the map ----------------------------------------------------------------------------------------------------------------


def seen(per_hour: float) -> tuple[Evidence, ...]:
    return (Evidence(kind=EvidenceKind.OBSERVED, per_hour=per_hour),)


def exact() -> tuple[Evidence, ...]:
    return (Evidence(kind=EvidenceKind.WORKFLOW, per_hour=5.0),)


MAP = Map(
    components={
        "wf_1": Component(id="wf_1", name="release", kind=ComponentKind.WORKFLOW),
        "jira": Component(id="jira", name="Jira", kind=ComponentKind.SERVICE, service="jira"),
        "linear": Component(id="linear", name="Linear", kind=ComponentKind.SERVICE, service="linear"),
        "github": Component(id="github", name="GitHub", kind=ComponentKind.SERVICE, service="github"),
        "ledger": Component(id="ledger", kind=ComponentKind.COMPONENT),
        "postgres": Component(id="postgres", kind=ComponentKind.INFRA),
        "orders-api": Component(id="orders-api", kind=ComponentKind.API),
    },
    lines=(
        MapLine(source="wf_1", target="jira", group="step a", evidence=exact()),
        MapLine(source="wf_1", target="linear", kind=LineKind.ALTERNATIVE, group="step a", evidence=exact()),
        MapLine(source="wf_1", target="github", kind=LineKind.LISTENS, evidence=exact()),
        MapLine(source="ledger", target="postgres", kind=LineKind.CALLS, evidence=seen(5_200)),
        MapLine(source="orders-api", target="unknown-thing", evidence=(Evidence(kind=EvidenceKind.DECLARED, origin="a.yml"),)),
    ),
    quiet=(
        Quiet(
            MapLine(source="ledger", target="jira", evidence=(Evidence(kind=EvidenceKind.SUGGESTED, confidence=0.62),)), "only suggested"
        ),
        Quiet(MapLine(source="jira", target="ledger", evidence=seen(1)), "faded"),
    ),
    alternatives=(Alternative(instead_of="jira.create_issue", use="linear.create_issue"),),
)


def lines_of(drawing: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(edge["source"], edge["target"], edge["kind"], edge["state"]) for edge in drawing["edges"]}


def test_the_map_is_drawn_with_what_is_declared_observed_and_suggested() -> None:
    drawing = map_drawing(MAP, health={"jira": "offline", "postgres": "degraded"}, rates={"wf_1": 3})
    assert {(node["id"], node["kind"]) for node in drawing["nodes"]} == {
        ("wf_1", "workflow"), ("jira", "service"), ("linear", "service"), ("source:github", "source"), ("ledger", "component"),
        ("postgres", "infra"), ("orders-api", "component"), ("unknown-thing", "component"),
    }  # fmt: skip
    assert lines_of(drawing) == {
        ("wf_1", "jira", "step", "plain"), ("wf_1", "linear", "fallback", "spare"), ("source:github", "wf_1", "trigger", "plain"),
        ("ledger", "postgres", "observed", "plain"), ("orders-api", "unknown-thing", "declared", "plain"),
        ("ledger", "jira", "suggested", "plain"), ("jira", "linear", "alternative", "plain"),
    }  # fmt: skip
    assert {edge["target"]: edge["volume"] for edge in drawing["edges"] if "volume" in edge} == {"postgres": 5_200}
    assert {node["id"]: node["health"] for node in drawing["nodes"] if "health" in node} == {"jira": "offline", "postgres": "degraded"}
    said = alt_text(drawing)
    for part in ("Offline: Jira.", "ledger to jira (62%)".replace("jira", "Jira"), "Stand in for each other: Jira and Linear.", "5,200/h"):
        assert part in said


@pytest.mark.parametrize(
    ("state", "kept"), [("survives", ("carrying", "carrying")), ("stops", ("broken", "spare")), ("risk", ("risk", "spare"))]
)
def test_a_failure_of_the_map_shows_what_breaks_and_what_carries_on(state: str, kept: tuple[str, str]) -> None:
    drawing = map_drawing(MAP, headline="Jira is down", focus="jira", hops=2, states={"jira": "down", "wf_1": state})
    states = {edge["target"]: edge["state"] for edge in drawing["edges"] if edge["source"] == "wf_1"}
    assert (states["jira"], states["linear"]) == kept
    assert drawing["nodes"][0]["id"] == "jira"
    assert drawing["headline"] == "Jira is down"


def test_what_would_fail_with_something_is_worked_out_and_said() -> None:
    drawing = failure_drawing(MAP, ["jira"], rates={"wf_1": 3})
    assert (drawing["headline"], drawing["subline"]) == ("If Jira were down", "0 workflows stop · 1 carries on by Linear")
    states = {node["id"]: node["state"] for node in drawing["nodes"]}
    assert (states["jira"], states["wf_1"], states["linear"]) == ("down", "survives", "carrier")
    both = failure_drawing(MAP, ["jira", "linear"], rates={"wf_1": 3})
    assert (both["headline"], both["subline"]) == ("If Jira and Linear were down", "1 workflow stops · 3 runs an hour lost")
    assert "Stops: release (3/h)." in alt_text(both)
    quiet = failure_drawing(MAP, ["github"], rates={"wf_1": 3})
    assert quiet["subline"] == "0 workflows stop · 1 gets no events"
    assert {node["id"]: node["state"] for node in quiet["nodes"]}["wf_1"] == "idle"
    assert ("source:github", "wf_1", "trigger", "risk") in lines_of(quiet)
    assert "Gets no events: release (3/h)." in alt_text(quiet)
    paused = failure_drawing(MAP, ["jira", "linear"], states={"wf_1": "paused"})
    assert paused["subline"] == "0 workflows stop"
    with pytest.raises(NotFound):
        failure_drawing(MAP, ["nobody"])


def test_a_service_that_is_only_listened_to_is_found_as_a_focus_too() -> None:
    assert map_drawing(MAP, focus="github", hops=1)["nodes"][0]["id"] == "source:github"
    assert map_drawing(Map())["nodes"] == []
