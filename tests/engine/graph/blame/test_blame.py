"""The one question of an incident's card: flows are believed first, then alerts, then who needs whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.graph.blame.blame import Hurt, blame, from_needs
from engine.graph.blame.cone import Needs
from engine.graph.blame.flows import from_traffic
from engine.graph.blame.memory import Memory
from engine.graph.blame.of_group import blame_of
from engine.graph.blame.verdict import NOTHING
from engine.monitoring.grouping.group import Group, Member
from engine.monitoring.grouping.topology import Topology
from tests.engine.graph.blame.shop import went

LINES = [(f"wf{number}", service) for number in range(4) for service in ("jira", "slack")] + [("wf4", "slack")]
HURTS = [Hurt(f"wf{number}", 10.0 * number) for number in range(4)]


def flows(failed: int):  # type: ignore[no-untyped-def]
    calm = [
        row
        for number in range(4)
        for row in went(f"wf{number}", "jira", 20, 0, hours_ago=2) + went(f"wf{number}", "slack", 20, 0, hours_ago=2)
    ]
    now = [row for number in range(4) for row in went(f"wf{number}", "jira", 20, 0) + went(f"wf{number}", "slack", 20, failed)]
    return from_traffic(now, calm)


def test_clear_flows_decide_what_alerts_cannot() -> None:
    verdict = blame(lines=LINES, hurts=HURTS, flows=flows(12))
    assert verdict.suspects[0].node == "slack"
    assert verdict.suspects[0].share > 0.95
    assert verdict.suspects[0].because.startswith("slack carries 100 % of the house's 288 failed requests")
    assert verdict.sure > 0.8
    assert verdict.doubt == ""


def test_without_flows_alerts_decide_and_say_how_many_they_explain() -> None:
    verdict = blame(lines=[line for line in LINES if "slack" not in line], hurts=HURTS)
    assert verdict.suspects[0].node == "jira"
    assert "would explain 4 of 4 alerts (100 %), it has no alert of its own" in verdict.suspects[0].because


def test_flows_that_are_not_sure_leave_the_word_to_the_alerts() -> None:
    quiet = from_traffic(went("wf0", "slack", 1, 1, spans=1), [])
    verdict = blame(lines=[line for line in LINES if "slack" not in line], hurts=HURTS, flows=quiet)
    assert verdict.suspects[0].node == "jira"


def test_a_single_alert_makes_nobody_sure() -> None:
    verdict = blame(lines=LINES, hurts=HURTS[:1])
    assert verdict.sure < 0.5
    assert "Not enough data" in verdict.doubt


def test_with_nothing_but_lines_the_nearest_common_need_comes_first_and_it_is_said() -> None:
    verdict = from_needs(Needs.of([("a", "x"), ("b", "x"), ("x", "y")]), [Hurt("a", 0), Hurt("b", 0)])
    assert verdict.suspects[0].node == "x"
    assert "only who needs whom is known" in verdict.doubt


def test_nothing_known_is_said_and_not_guessed() -> None:
    assert blame(lines=[], hurts=[]) == NOTHING
    assert blame(lines=LINES, hurts=[]).doubt.startswith("Not enough data")


def test_what_people_said_of_earlier_incidents_decides_between_equals() -> None:
    before = blame(lines=LINES, hurts=HURTS)
    second = before.suspects[1].node
    assert {before.suspects[0].node, second} == {"jira", "slack"}
    memory = Memory().after("", second, True)
    assert blame(lines=LINES, hurts=HURTS, memory=memory).suspects[0].node == second


def test_who_people_say_it_was_not_goes_last_with_that_reason() -> None:
    verdict = blame(lines=LINES, hurts=HURTS, flows=flows(12), denied={"slack"})
    assert verdict.suspects[0].node != "slack"
    assert verdict.suspects[-1].node == "slack"
    assert verdict.suspects[-1].because.endswith("People say that it was not it.")


def test_a_long_name_from_outside_is_cut_in_sentences() -> None:
    name = "x" * 5_000
    verdict = blame(lines=[("a", name), ("b", name), ("c", name)], hurts=[Hurt("a", 0), Hurt("b", 5), Hurt("c", 9)])
    assert verdict.suspects[0].node == name
    assert len(verdict.suspects[0].because) < 300


def test_a_group_of_alerts_is_asked_with_the_topology_that_placed_them() -> None:
    began = datetime(2026, 11, 23, 9, tzinfo=UTC)
    rules = frozenset({"availability"})
    members = tuple(
        Member(hurt.node, began + timedelta(seconds=hurt.at), began + timedelta(seconds=hurt.at), rules=rules) for hurt in HURTS
    )
    topology = Topology.of([line for line in LINES if "slack" not in line])
    assert blame_of(Group("g", members), topology).suspects[0].node == "jira"
    assert blame_of(Group("g", members), Topology.of(LINES), flows=flows(12)).suspects[0].node == "slack"
