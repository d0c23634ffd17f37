"""Drawings of the graph as values, and their words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.graph.portrait import MAX_NODES
from engine.graph.words import alt_text, badge, per_hour
from tests.engine.graph.houses import event, graph, manual, random_house, workflow


def states(drawing: dict[str, Any]) -> dict[str, str]:
    return {node["label"] + (" events" if node["kind"] == "source" else ""): node["state"] for node in drawing["nodes"]}


def test_a_drawing_tells_what_is_hit_and_what_carries_on() -> None:
    house = graph(
        workflow(1, event("github", "push", "trello.create_card", "chat.post_message"), name="release"),
        workflow(2, manual("trello.create_card", options={"fallback": {"trello": "asana"}}), name="intake"),
        runs={1: 168 * 16, 2: 7},
    )
    drawing = house.drawing(house.impact("trello"))
    assert drawing["headline"] == "Trello is down"
    assert drawing["subline"] == "1 workflow stops · 1 carries on by Asana · 16 runs an hour lost · 1 person · severity high"
    assert states(drawing) == {
        "Trello": "down",
        "release": "stops",
        "intake": "survives",
        "GitHub events": "ok",
        "Chat": "ok",
        "Asana": "ok",
    }
    kinds = {(edge["kind"], edge["state"]) for edge in drawing["edges"]}
    assert kinds == {("step", "broken"), ("step", "plain"), ("step", "carrying"), ("fallback", "carrying"), ("trigger", "plain")}
    assert {node["label"]: node["badge"] for node in drawing["nodes"] if node["badge"]} == {"release": "16/h", "intake": "1/d"}
    assert alt_text(drawing) == (
        "Trello is down. 1 workflow stops · 1 carries on by Asana · 16 runs an hour lost · 1 person · severity high. "
        "Stops: release (16/h). Carries on: intake (1/d)."
    )


def test_a_service_that_only_sends_events_stands_on_the_left_alone() -> None:
    house = graph(workflow(1, event("github", "push", "trello.create_card"), name="release"))
    drawing = house.drawing(house.impact("github"))
    assert states(drawing) == {"GitHub events": "down", "release": "stops", "Trello": "ok"}
    assert drawing["edges"][0] == {"source": "source:github", "target": "wf_00000001", "kind": "trigger", "state": "broken"}


def test_everything_can_be_drawn_and_nothing_too() -> None:
    house = graph(workflow(1, manual("trello.create_card"), name="release"))
    assert house.drawing()["headline"] == "Who needs whom"
    assert house.drawing()["subline"] == "1 workflow · 1 service"
    assert graph().drawing()["nodes"] == []
    assert "between 2 nodes" in alt_text(house.drawing())


@pytest.mark.parametrize("count", [5, 15, 200])
def test_a_large_graph_is_cut_to_the_neighbourhood_of_what_is_hit(count: int) -> None:
    house = graph(*random_house(3, count))
    impact = house.impact("trello")
    drawing = house.drawing(impact)
    ids = [node["id"] for node in drawing["nodes"]]
    assert len(ids) == len(set(ids)) <= MAX_NODES
    assert ids[0] == "trello"
    assert (drawing["more"] > 0) is (count > 15)
    assert all(edge["source"] in ids and edge["target"] in ids for edge in drawing["edges"])
    assert len(alt_text(drawing)) <= 2_000
    worst = [one.id for one in impact.workflows if not one.survives_by][:5]
    assert set(worst) <= set(ids)


@pytest.mark.parametrize(("rate", "words", "short"), [(41.2, "41 runs an hour", "41/h"), (0.9, "22 runs a day", "22/d"), (1 / 168, "1 run a week", "1/wk"), (0.001, "less than a run a week", ""), (0, "no runs", ""), (1234, "1,234 runs an hour", "1,234/h")])  # fmt: skip
def test_rates_are_said_in_numbers_people_can_picture(rate: float, words: str, short: str) -> None:
    assert per_hour(rate) == words
    assert badge(rate) == short


@given(st.dictionaries(st.sampled_from(["headline", "subline", "focus", "more"]), st.text() | st.integers() | st.none()))
def test_words_are_found_for_any_drawing(drawing: dict[str, Any]) -> None:
    assert isinstance(alt_text(drawing), str)
