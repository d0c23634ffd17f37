"""Single points of failure, pairs and traps, against trying every failure by hand."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings

from engine.errors import Invalid, NotFound
from engine.graph.structure.cone import more_than
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Node, Requirement
from engine.graph.structure.weak_points import bits, pairs, ranking, single_points, stands_on, traps
from tests.engine.graph.structure.worlds import LETTERS, drawn, holds, requirements, structure, up


def takes_down(needs: list[Requirement], node: str, *failed: str) -> bool:
    return node not in up(LETTERS, needs, failed)


@given(requirements())
@settings(max_examples=40, deadline=None)
def test_single_points_and_pairs_are_those_that_trying_finds(needs: list[Requirement]) -> None:
    made = structure(needs)
    others = set(LETTERS) - {"a"}
    alone = {other for other in others if takes_down(needs, "a", other)}
    assert set(single_points(made, "a")) == alone
    couples = {(one, other) for one, other in combinations(sorted(others - alone), 2) if takes_down(needs, "a", one, other)}
    assert pairs(made, "a").pairs == tuple(sorted(couples))


@given(requirements())
@settings(max_examples=30, deadline=None)
def test_a_trap_is_an_alternative_that_one_failure_closes_with_what_it_replaces(needs: list[Requirement]) -> None:
    found = {(trap.node, trap.title): set(trap.shared) for trap in traps(structure(needs))}
    for need in needs:
        ways = {tuple(part for part in way if part != need.node) for way in need.ways}
        told = found.get((need.node, need.title), set())
        if need.at_least < len(ways) and all(ways):
            assert told == {one for one in LETTERS if one != need.node and not holds(need, up(LETTERS, needs, {one}) | {need.node})}


def test_a_fallback_on_the_same_platform_is_a_trap_at_any_depth_and_the_nearest_cause_is_named_first() -> None:
    needs = [
        Requirement.of("flow", "jira", "trello", label="step note"),
        Requirement.of("jira", "platform:Atlassian"),
        Requirement.of("trello", "platform:Atlassian"),
        Requirement.of("platform:Atlassian", "region"),
        Requirement.of("safe", "jira", "asana", label="step note"),
    ]
    [trap] = traps(Structure.of((), needs))
    assert (trap.node, trap.title, trap.ways) == ("flow", "step note", (("jira",), ("trello",)))
    assert trap.shared == ("platform:Atlassian", "region")
    assert traps(Structure.of((), needs), ["safe"]) == ()


def test_what_a_node_stands_on_says_how_far_down_and_whether_it_can_do_without() -> None:
    needs = [Requirement.of("a", "b"), Requirement.of("a", "c", "d"), Requirement.of("c", "e"), Requirement.of("d", "e")]
    told = [(stand.node, stand.depth, stand.alone) for stand in stands_on(structure(needs), "a")]
    assert told == [("b", 1, True), ("c", 1, False), ("d", 1, False), ("e", 2, True)]
    with pytest.raises(NotFound):
        stands_on(structure(needs), "nobody")


def test_too_many_pairs_are_tried_in_part_and_that_is_said() -> None:
    needs = [Requirement.of("a", *(f"n{number}" for number in range(6)))]
    needs += [Requirement.of("a", "x", "y")]
    made = Structure.of((), needs)
    assert pairs(made, "a").pairs == (("x", "y"),)
    assert not pairs(made, "a", most=3).complete
    assert pairs(made, "a", most=3).pairs == (("x", "y"),)


def test_the_ranking_counts_what_each_failure_alone_takes_down() -> None:
    dice = random.Random(5)
    ids, needs = drawn(dice, 30)
    nodes = [Node(id, "workflow" if place < 8 else "service", per_hour=float(place + 1)) for place, id in enumerate(ids)]
    made = Structure.of(nodes, needs)
    told = {one.node: (one.count, one.per_hour) for one in ranking(made, ["service"], count="workflow")}
    for node in nodes[8:]:
        gone = [other for other in nodes[:8] if other.id not in up(ids, needs, {node.id})]
        assert told.get(node.id, (0, 0.0)) == (len(gone), pytest.approx(sum(other.per_hour for other in gone)))


def test_counting_bit_by_bit_counts_like_counting_one_by_one() -> None:
    dice = random.Random(6)
    for _ in range(30):
        rows = [dice.getrandbits(20) for _ in range(dice.randint(1, 6))]
        for spare in range(len(rows)):
            wanted = {bit for bit in range(20) if sum(row >> bit & 1 for row in rows) > spare}
            assert set(bits(more_than(spare, rows))) == wanted


def test_what_would_take_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Structure.of((), [Requirement.of(f"n{number}", f"n{number + 1}", "z") for number in range(60)])
    monkeypatch.setattr("engine.graph.structure.cone.WIDEST", 50)
    monkeypatch.setattr("engine.graph.structure.weak_points.MOST_TRIED", 100)
    with pytest.raises(Invalid, match="needs 62 others"):
        single_points(made, "n0")
    with pytest.raises(Invalid, match="too many to try at once"):
        traps(made)
    with pytest.raises(Invalid, match="fewer nodes or kinds"):
        ranking(made, [""], count="")
