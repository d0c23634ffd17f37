"""Degraded and over quota: what passes on, what is ridden out, and that it is never a loss."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.graph.structure.answers import Answers
from engine.graph.structure.model import Impairment, Requirement
from tests.engine.graph.structure.worlds import LETTERS, requirements, structure, up

SOME = st.sets(st.sampled_from(LETTERS), max_size=2)
DEGRADED, OVER_QUOTA = Impairment


def at_risk(needs: list[Requirement], down: set[str], degraded: set[str], over_quota: set[str]) -> dict[str, set[Impairment]]:
    """The rule, read plainly, until nothing changes."""
    standing = up(LETTERS, needs, down)
    risk: dict[str, set[Impairment]] = {node: set() for node in standing}
    for node in standing:
        risk[node] |= {DEGRADED} if node in degraded else set()
        risk[node] |= {OVER_QUOTA} if node in over_quota else set()
    while True:
        before = sum(map(len, risk.values()))
        for need in needs:
            if need.node not in standing:
                continue
            ways = {frozenset(way) - {need.node} for way in need.ways}
            open_ = [way for way in ways if way <= standing]
            suffered = [set().union(*(risk[part] for part in way)) - need.absorbs for way in open_]
            if sum(not mask for mask in suffered) < need.at_least:
                risk[need.node] |= set().union(*suffered)
        if sum(map(len, risk.values())) == before:
            return {node: mask for node, mask in risk.items() if mask}


@given(requirements(), SOME, SOME, SOME)
@settings(max_examples=60, deadline=None)
def test_exactly_those_are_at_risk_whom_the_rule_names(
    needs: list[Requirement], down: set[str], degraded: set[str], over_quota: set[str]
) -> None:
    made = structure(needs)
    outcome = Answers(made).what_if(down, degraded=degraded, over_quota=over_quota)
    told = {made.nodes[number].id: set(kinds) for number, kinds in outcome.risk.items()}
    assert told == at_risk(needs, down, degraded, over_quota)
    assert set(outcome.down()) == set(LETTERS) - up(LETTERS, needs, down)


def test_a_degraded_service_is_a_risk_where_nothing_stands_in_and_no_loss_anywhere() -> None:
    needs = [
        Requirement.of("a", "s"),
        Requirement.of("b", "s", "t"),
        Requirement.of("c", "s", absorbs=[DEGRADED]),
        Requirement.of("d", "a"),
    ]
    answers = Answers(structure(needs))
    outcome = answers.what_if((), degraded=["s"])
    assert (outcome.down(), outcome.lost_per_hour) == ((), 0.0)
    assert set(outcome.at_risk()) == {"s", "a", "d"}
    assert outcome.at_risk_per_hour == 2.0  # s is no node with runs of its own
    assert set(answers.what_if((), over_quota=["s"]).at_risk()) == {"s", "a", "c", "d"}
    assert set(answers.what_if(["t"], degraded=["s"]).at_risk()) == {"s", "a", "b", "d"}


def test_two_ways_that_suffer_from_different_things_are_no_clean_way() -> None:
    needs = [Requirement.of("a", "b", "c")]
    answers = Answers(structure(needs))
    assert set(answers.what_if((), degraded=["b"]).at_risk()) == {"b"}
    outcome = answers.what_if((), degraded=["b"], over_quota=["c"])
    assert outcome.risk[answers.structure.number("a")] == {DEGRADED, OVER_QUOTA}
