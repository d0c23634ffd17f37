"""Blame from flows: who carries the excess by itself, and what is said where something is missing."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.faces.terminal.service_tables import read_graph, read_table
from engine.errors import NotFound
from engine.graph.blame.flows import ALL, from_tables, from_traffic
from engine.graph.blame.series import Metric, NodeSeries, Table
from tests.engine.graph.blame.shop import CALLS, LINES, shop, slow_database, went
from tests.shared_data import shared

LATENCY, AVAILABILITY = Metric.LATENCY, Metric.AVAILABILITY


def test_who_carries_the_excess_by_itself_is_blamed_and_says_how_much() -> None:
    verdict = from_tables(slow_database(), LINES, "front", LATENCY)
    first = verdict.suspects[0]
    assert first.node == "database"
    assert first.share > 0.99
    assert first.score > 0.9
    assert verdict.sure > 0.9
    assert first.because == "database carries 100 % of front's excess 80 request-seconds, and what it calls 0 %."
    assert verdict.doubt == ""


def test_failures_are_followed_like_seconds() -> None:
    verdict = from_tables(shop(failing={"bank": 40, "pay": 40, "front": 20}), LINES, "front", AVAILABILITY)
    assert verdict.suspects[0].node == "bank"
    assert "failed requests more than usual" in verdict.suspects[0].because


def test_a_target_that_nobody_explains_is_to_blame_itself() -> None:
    verdict = from_tables(shop({"front": 0.5}), LINES, "front", LATENCY)
    assert verdict.suspects[0].node == "front"
    assert verdict.suspects[0].because.startswith("100 % of front's excess")


def test_what_was_always_slow_is_no_news() -> None:
    table = slow_database()
    crawling = NodeSeries([50.0] * 5, [30.0] * 5, [100.0] * 5)
    verdict = from_tables(Table(5, {**table.nodes, "bank": crawling}), LINES, "front", LATENCY)
    assert [suspect.node for suspect in verdict.suspects].index("bank") >= 2


def test_more_traffic_that_everybody_has_is_nobodys_fault() -> None:
    table = slow_database()
    busy = {
        node: replace(one, requests=[count * (3 if row in (2, 3) else 1) for row, count in enumerate(one.requests)])
        for node, one in table.nodes.items()
    }
    verdict = from_tables(Table(5, busy), LINES, "front", LATENCY)
    assert verdict.suspects[0].node == "database"
    assert all(suspect.share < 0.05 for suspect in verdict.suspects if suspect.node in ("pay", "bank"))


def test_a_dependency_that_was_never_there_before_counts_as_a_change_by_its_caller() -> None:
    table = shop(failing={"pay": 60, "front": 30})
    new = NodeSeries([0, 0, 30, 30, 0], [None, None, 0.1, 0.1, None], [None, None, 0, 0, None])
    verdict = from_tables(Table(5, {**table.nodes, "typo": new}), [*LINES, ("pay", "typo")], "front", AVAILABILITY)
    assert verdict.suspects[0].node == "pay"
    assert "never called before" in next(suspect.because for suspect in verdict.suspects if suspect.node == "typo")


def test_a_line_that_is_missing_hides_nobody() -> None:
    lines = [line for line in LINES if line != ("search", "database")]
    lines.remove(("front", "search"))
    verdict = from_tables(slow_database(), lines, "front", LATENCY)
    assert {"database", "search"} <= {suspect.node for suspect in verdict.suspects[:3]}
    assert any("no known line leads there" in suspect.because for suspect in verdict.suspects[:3])


def test_with_no_line_at_all_what_explains_the_target_comes_before_it() -> None:
    assert from_tables(slow_database(), [], "front", LATENCY).suspects[0].node in ("database", "search")


def test_circles_and_lines_to_oneself_end() -> None:
    lines = [*LINES, ("database", "front"), ("search", "search"), ("bank", "pay"), ("database", "search")]
    assert "database" in [suspect.node for suspect in from_tables(slow_database(), lines, "front", LATENCY).suspects[:2]]


def test_what_is_not_measured_is_passed_through() -> None:
    table = slow_database()
    nodes = {node: one for node, one in table.nodes.items() if node != "search"}
    assert from_tables(Table(5, nodes), LINES, "front", LATENCY).suspects[0].node == "database"


def test_gaps_nan_and_infinite_values_are_no_values() -> None:
    table = slow_database()
    holes = {
        node: NodeSeries([*one.requests[:4], None], [math.nan, *one.latency[1:]], [math.inf, *one.availability[1:]])
        for node, one in table.nodes.items()
    }
    verdict = from_tables(Table(5, holes), LINES, "front", LATENCY)
    assert verdict.suspects[0].node == "database"
    assert all(0 <= suspect.score <= 1 and 0 <= suspect.share <= 1 for suspect in verdict.suspects)


def test_history_stands_in_where_no_row_is_calm() -> None:
    bad = slow_database()
    only = Table(2, {n: NodeSeries(one.requests[2:4], one.latency[2:4], one.availability[2:4]) for n, one in bad.nodes.items()})
    assert from_tables(only, LINES, "front", LATENCY, shop(rows=40)).suspects[0].node == "database"


@pytest.mark.parametrize("rows", [1, 4])
def test_without_anything_to_compare_with_it_says_so_and_guesses_low(rows: int) -> None:
    flat = {node: NodeSeries([count] * rows, [0.1] * rows, [100.0] * rows) for node, count in CALLS.items()}
    verdict = from_tables(Table(rows, flat), LINES, "front", LATENCY)
    assert verdict.doubt.startswith("Not enough data")
    assert verdict.sure <= 0.2
    assert all(suspect.score <= 0.3 for suspect in verdict.suspects)


def test_without_counts_it_says_that_it_is_less_sure() -> None:
    bare = {node: replace(one, requests=()) for node, one in slow_database().nodes.items()}
    verdict = from_tables(Table(5, bare), LINES, "front", LATENCY)
    assert "not counted" in verdict.doubt
    assert "database" in [suspect.node for suspect in verdict.suspects[:2]]
    assert verdict.sure <= 0.5


def test_a_percentile_says_when_it_hurts_and_means_who_carries_it() -> None:
    means = slow_database()
    untouched = {
        node: replace(one, latency=[0.5, 0.5, 0.9, 0.9, 0.5] if node == "front" else [0.02] * 5) for node, one in means.nodes.items()
    }
    verdict = from_tables(Table(5, untouched), LINES, "front", LATENCY, means=(means, Table(0)))
    assert verdict.suspects[0].node == "database"
    assert from_tables(Table(5, untouched), LINES, "front", LATENCY).suspects[0].node == "front"


def test_many_small_callers_do_not_let_off_what_they_all_ask() -> None:
    calm = [row for number in range(20) for row in went(f"wf{number}", "jira", 5, 0, hours_ago=2)]
    verdict = from_traffic([row for number in range(20) for row in went(f"wf{number}", "jira", 5, 3)], calm)
    assert verdict.suspects[0].node == "jira"
    assert verdict.suspects[0].score > 0.9


def test_a_target_nobody_measured_and_one_nobody_knows_are_told_apart() -> None:
    verdict = from_tables(slow_database(), [*LINES, ("shelf", "front")], "shelf", LATENCY)
    assert (verdict.suspects, verdict.doubt) == ((), "Not enough data: nothing was measured of shelf.")
    with pytest.raises(NotFound, match="Did you mean “front”"):
        from_tables(slow_database(), LINES, "frnt", LATENCY)


def test_names_and_the_order_of_nodes_do_not_matter() -> None:
    table = slow_database()
    names = {node: f"x{number}" for number, node in enumerate(sorted(table.nodes, reverse=True))}
    turned = Table(5, {names[node]: table.nodes[node] for node in reversed(list(table.nodes))})
    other = from_tables(turned, [(names[a], names[b]) for a, b in reversed(LINES)], names["front"], LATENCY)
    assert [s.score for s in other.suspects] == [s.score for s in from_tables(table, LINES, "front", LATENCY).suspects]
    assert other.suspects[0].node == names["database"]


value = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 1e6))
column = st.lists(value, max_size=5)
series = st.builds(NodeSeries, column, column, column)
name = st.sampled_from("abcdef")


@given(
    st.dictionaries(name, series, max_size=6),
    st.lists(st.tuples(name, name), max_size=12),
    name,
    st.sampled_from(Metric),
    st.integers(0, 5),
)
@settings(max_examples=150, deadline=None)
def test_whatever_was_measured_scores_are_between_0_and_1_and_every_suspect_has_a_reason(nodes, lines, target, metric, rows) -> None:  # type: ignore[no-untyped-def]
    try:
        verdict = from_tables(Table(rows, nodes), lines, target, metric, Table(rows, nodes))
    except NotFound:
        return
    for suspect in verdict.suspects:
        assert 0 <= suspect.score <= 1
        assert 0 <= suspect.share <= 1
        assert suspect.because.endswith(".")
    assert verdict.suspects or verdict.doubt
    assert [s.score for s in verdict.suspects] == sorted((s.score for s in verdict.suspects), reverse=True)


# --- the house's own traffic ------------------------------------------------------------------------------------------------------


def test_of_the_house_the_service_whose_lines_fail_is_blamed_and_not_who_asks_it() -> None:
    calm = [
        *went("wf_a", "jira", 40, 0, hours_ago=2),
        *went("wf_a", "slack", 40, 0, hours_ago=2),
        *went("wf_b", "jira", 10, 0, hours_ago=2),
    ]
    now = [*went("wf_a", "jira", 40, 24), *went("wf_a", "slack", 40, 0), *went("wf_b", "jira", 10, 6)]
    for target in (ALL, "wf_a", "wf_b"):
        verdict = from_traffic(now, calm, target)
        assert verdict.suspects[0].node == "jira"
        assert verdict.suspects[0].share > 0.95
    assert (
        from_traffic(now, calm, ALL).suspects[0].because.startswith("jira carries 100 % of the house's 180 failed requests more than usual")
    )


def test_a_service_behind_a_service_is_told_by_the_volumes_of_its_lines() -> None:
    calm = [*went("wf", "a", 100, 0, hours_ago=2), *went("wf", "b", 100, 0, hours_ago=2), *went("a", "db", 100, 0, hours_ago=2), *went("b", "db", 100, 0, hours_ago=2)]  # fmt: skip
    now = [*went("wf", "a", 100, 50), *went("wf", "b", 100, 0), *went("a", "db", 100, 50), *went("b", "db", 100, 0)]
    verdict = from_traffic(now, calm, "wf")
    assert verdict.suspects[0].node == "db"
    shares = {suspect.node: suspect.share for suspect in verdict.suspects}
    assert shares["b"] == 0


def test_slowness_of_the_house_is_told_in_request_seconds() -> None:
    calm = [*went("wf", "jira", 40, 0, hours_ago=2), *went("wf", "slack", 40, 0, hours_ago=2)]
    now = [*went("wf", "jira", 40, 0, each=3.2), *went("wf", "slack", 40, 0)]
    verdict = from_traffic(now, calm, ALL, LATENCY)
    assert verdict.suspects[0].node == "jira"
    assert "720 request-seconds" in verdict.suspects[0].because


def test_of_the_house_without_a_calm_time_it_is_not_sure() -> None:
    verdict = from_traffic(went("wf", "jira", 40, 24), [], ALL)
    assert verdict.suspects[0].node == "jira"
    assert "nothing calm to compare with" in verdict.doubt
    assert verdict.sure <= 0.2


def test_few_calls_make_nobody_sure() -> None:
    verdict = from_traffic(went("wf", "jira", 1, 1, spans=2), went("wf", "jira", 1, 0, hours_ago=2), ALL)
    assert verdict.suspects[0].node == "jira"
    assert verdict.sure < 0.3
    assert "2 requests of the house" in verdict.doubt


def test_a_workflow_of_which_nothing_went_out_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(NotFound, match=r"of or by “jra”.*“jira”"):
        from_traffic(went("wf", "jira", 1, 0), [], "jra")


# --- real incidents ---------------------------------------------------------------------------------------------------------------


@pytest.mark.shared
def test_a_real_incident_is_found_on_its_graph_and_on_one_with_a_quarter_of_the_lines_wrong() -> None:
    folder = shared("data/petshop/high_traffic")
    table, lines = read_table(str(folder / "train/issue_0/metrics.csv"), "Average"), read_graph(str(folder / "graph.csv"))
    verdict = from_tables(table, lines, "PetSite", LATENCY)
    assert verdict.suspects[0].node == "PetSearch_AWS::ECS::Fargate"
    for seed in range(5):
        dice = random.Random(seed)
        wrong = [(a, dice.choice(sorted(table.nodes))) if dice.random() < 0.25 else (a, b) for a, b in lines]
        found = from_tables(table, wrong, "PetSite", LATENCY)
        assert "PetSearch_AWS::ECS::Fargate" in [suspect.node for suspect in found.suspects[:3]]
