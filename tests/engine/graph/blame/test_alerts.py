"""Whom alerts alone accuse."""

from __future__ import annotations

import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.blame.alerts import cover
from engine.graph.blame.cone import WIDEST, Needs

FAN = [(f"app{number}", "database") for number in range(6)] + [("page", "app0"), ("page2", "app1")]
OTHER = [(f"job{number}", "queue") for number in range(5)]


def at(*nodes: str, second: float = 20.0) -> list[tuple[str, float]]:
    return [(node, second + 3 * number) for number, node in enumerate(nodes)]


def test_what_most_alerting_nodes_need_is_accused_even_if_it_is_silent() -> None:
    found = cover(FAN, at("app0", "app2", "app3", "app5", "page"))
    assert found.accused[0].node == "database"
    assert not found.accused[0].alerts
    assert set(found.accused[0].explains) == {"app0", "app2", "app3", "app5", "page"}


def test_a_watched_node_that_is_silent_speaks_for_another() -> None:
    lines = [*FAN, ("app2", "cache"), ("app3", "cache")]
    alerts = at("app2", "app3")
    watched = {*(f"app{number}" for number in range(6)), "database", "cache"}
    found = cover(lines, alerts, watched=watched)
    assert found.accused[0].node == "cache"


def test_two_troubles_at_once_are_two_causes() -> None:
    found = cover(FAN + OTHER, at("database", "app0", "app1", "app2", "app4") + at("job0", "job1", "job3", "job4", second=60))
    assert found.causes == 2
    assert {one.node for one in found.accused[:2]} == {"database", "queue"}


def test_alerts_that_nobody_explains_are_noise_and_who_should_have_alerted_is_missed() -> None:
    lines = [*FAN, ("far", "away")]
    found = cover(lines, [*at("database", "app0", "app1", "app2", "app3", "page"), ("far", 900.0)])
    assert found.accused[0].node == "database"
    assert "far" in found.noise
    assert "app0" not in found.noise
    assert "app5" in found.missed


def test_of_two_that_could_be_it_the_one_at_whose_time_the_others_began_is_likelier() -> None:
    lines = [("a", "old"), ("b", "old"), ("c", "old"), ("a", "new"), ("b", "new"), ("c", "new")]
    found = cover(lines, [("old", 0.0), ("new", 600.0), *at("a", "b", "c", second=615)])
    assert found.accused[0].node == "new"


def test_alerts_that_nothing_relates_accuse_nobody_but_themselves() -> None:
    alone = cover([], [("a", 0.0), ("b", 5.0), ("c", 300.0)])
    assert {one.node: one.explains for one in alone.accused} == {"a": ("a",), "b": ("b",), "c": ("c",)}
    assert alone.causes == 1


def test_no_alerts_accuse_nobody() -> None:
    assert cover(FAN, []).accused == ()
    assert cover(FAN, [("app0", math.nan)]).accused == ()


def test_what_people_hold_likelier_decides_between_equals() -> None:
    lines = [("a", "x"), ("b", "x"), ("a", "y"), ("b", "y")]
    found = cover(lines, at("a", "b"), prior=lambda node: 3.0 if node == "y" else 1.0)
    assert found.accused[0].node == "y"


def test_a_cone_of_a_hub_is_bounded() -> None:
    needs = Needs.of((f"n{number}", "hub") for number in range(5 * WIDEST))
    assert len(needs.cone("hub", 0.7)) == WIDEST


def test_chances_of_a_cone_follow_its_lines() -> None:
    members = {member.node: member for member in Needs.of([("a", "x"), ("b", "a"), ("c", "x"), ("c", "a"), ("x", "b")]).cone("x", 0.5)}
    assert members["a"].reached == 0.5
    assert members["b"].reached == 0.25
    assert members["c"].hops == 1
    assert members["c"].reached == 0.5  # by way of a it is two hops: trouble comes from nearer the cause
    assert members["x"].reached == 1


name = st.sampled_from("abcdefgh")


@given(
    st.lists(st.tuples(name, name), max_size=20), st.lists(st.tuples(name, st.floats(0, 1e6)), max_size=8), st.none() | st.frozensets(name)
)
@settings(max_examples=100, deadline=None)
def test_whatever_alerts_shares_are_chances_and_the_same_input_has_the_same_answer(lines, alerts, watched) -> None:  # type: ignore[no-untyped-def]
    found = cover(lines, alerts, watched=watched)
    assert all(0 <= one.share <= 1 for one in found.accused)
    assert bool(found.accused) == bool(alerts)
    turned = random.Random(1).sample(lines, len(lines))
    assert cover(turned, list(reversed(alerts)), watched=watched) == found
