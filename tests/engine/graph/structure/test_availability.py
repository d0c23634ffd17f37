"""How much of the time: diagrams against trying every state, samples against diagrams, and what an improvement is worth."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings

from engine.errors import Invalid
from engine.graph.structure.availability import EXPECTED, MONTH, _sampled, availability, drawn, wilson
from engine.graph.structure.bdd import FALSE, TRUE, Diagram, TooLarge
from engine.graph.structure.cone import Cone
from engine.graph.structure.improving import Equivalent, improvements
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Node, Requirement
from tests.engine.graph.structure.worlds import LETTERS, chance_up, requirements, structure
from tests.engine.graph.structure.worlds import drawn as drawn_world

DICE = random.Random(3).getrandbits


def no_dice(bits: int) -> int:
    raise AssertionError("an exact answer throws no dice")


def known(**chances: float) -> list[Node]:
    return [Node(id, "service", availability=chance) for id, chance in chances.items()]


@given(requirements(letters="abcdef", most=8))
@settings(max_examples=25, deadline=None)
def test_the_availability_is_what_trying_every_state_gives(needs: list[Requirement]) -> None:
    chances = dict(zip("abcdef", (0.99, 0.9, 0.8, 1.0, 0.7, 0.5), strict=True))
    found = availability(structure(needs, "abcdef", **chances), "a", dice=no_dice)
    assert found.exact
    assert found.value == pytest.approx(chance_up(chances, needs, "a"), rel=1e-12)


@given(requirements(letters="abcde", most=6))
@settings(max_examples=15, deadline=None)
def test_the_importance_of_a_node_is_the_difference_that_it_makes(needs: list[Requirement]) -> None:
    chances = dict(zip("abcde", (0.99, 0.9, 0.8, 0.7, 0.6), strict=True))
    found = availability(structure(needs, "abcde", **chances), "a", dice=no_dice)
    for id, importance in found.importance.items():
        sure, never = chances | {id: 1.0}, chances | {id: 0.0}
        assert importance == pytest.approx(chance_up(sure, needs, "a") - chance_up(never, needs, "a"), abs=1e-12)


def test_a_support_of_forty_is_exact_in_layers_with_quorums_and_circles() -> None:
    dice = random.Random(17)
    for number in range(8):
        ids, needs = drawn_world(dice, EXPECTED, circles=number % 2 == 1)
        made = Structure.of([Node(id, availability=1 - 10 ** dice.uniform(-3, -1)) for id in ids], needs)
        assert availability(made, "n0", dice=no_dice).exact


def test_what_only_samples_can_tell_comes_with_an_interval_that_holds_the_truth() -> None:
    dice = random.Random(23)
    held = 0
    for _ in range(20):
        ids, needs = drawn_world(dice, 20)
        made = Structure.of([Node(id, availability=dice.uniform(0.7, 0.99)) for id in ids], needs)
        cone = Cone.of(made, [made.number("n0")])
        chances = [made.nodes[node].availability for node in cone.nodes]
        exact = availability(made, "n0", dice=no_dice).value
        value, low, high, _, _ = _sampled(cone, cone.place[made.number("n0")], chances, range(len(chances)), dice.getrandbits, 4_096)
        assert low <= value <= high
        held += low <= exact <= high
    assert held >= 17


def test_a_diagram_that_grows_too_large_gives_way_to_samples() -> None:
    count = 170  # more variables under alternatives than are tried
    nodes = [Node(f"{side}{number}", availability=0.9) for number in range(count) for side in "xy"]
    needs = [Requirement.of("a", f"x{number}", f"y{number}") for number in range(count)]
    found = availability(Structure.of(nodes, needs), "a", dice=DICE, samples=16_384)
    assert not found.exact
    assert found.low < found.value < found.high
    assert abs(found.value - 0.99**count) < 2 * (found.high - found.low)  # four times its usual miss
    assert found.naive == pytest.approx(0.99**count)
    with pytest.raises(Invalid):
        availability(Structure.of(nodes, needs), "a", dice=DICE, samples=0)
    diagram = Diagram(4, 5)
    with pytest.raises(TooLarge):
        [diagram.of(variable) for variable in range(4)]


def test_a_shared_vault_is_what_the_naive_product_misses() -> None:
    needs = [Requirement.of("flow", "one", "two"), Requirement.of("one", "vault"), Requirement.of("two", "vault")]
    found = availability(Structure.of(known(one=0.99, two=0.99, vault=0.99), needs), "flow", dice=no_dice)
    assert found.value == pytest.approx(0.99 * (1 - 0.01**2))
    assert (1 - found.naive) < 0.05 * (1 - found.value)
    assert found.down_minutes == pytest.approx((1 - found.value) * MONTH)


def test_a_diagram_counts_at_least_so_many_as_trying_every_state_does() -> None:
    chances = [0.9, 0.8, 0.7, 0.6]
    diagram = Diagram(4, 100)
    for count in range(1, 5):
        function = diagram.at_least(count, [diagram.of(variable) for variable in range(4)])
        wanted = 0.0
        for state in product((0, 1), repeat=4):
            weight = 1.0
            for bit, chance in zip(state, chances, strict=True):
                weight *= chance if bit else 1 - chance
            wanted += weight * (sum(state) >= count)
        assert diagram.weighed(function, chances)[0] == pytest.approx(wanted)
    assert diagram.both(diagram.of(1), diagram.of(1)) == diagram.of(1)
    assert (diagram.both(FALSE, 5), diagram.either(TRUE, 5), diagram.either(FALSE, 5)) == (FALSE, TRUE, 5)


def test_drawn_bits_are_as_frequent_as_their_chance() -> None:
    dice = random.Random(9)
    for chance in (0.0, 1e-4, 0.03, 0.5, 0.999, 1.0):
        low, high = wilson(drawn(chance, 200_000, dice.getrandbits).bit_count(), 200_000)
        assert low - 1e-4 <= chance <= high + 1e-4


def test_the_cheapest_improvement_is_the_shared_point_not_one_more_alternative() -> None:
    needs = [
        Requirement.of("flow", "one", "two", label="step note"),
        Requirement.of("one", "vault"),
        Requirement.of("two", "vault"),
        Requirement.of("flow", "chat", label="step tell"),
    ]
    made = Structure.of(known(one=0.99, two=0.99, vault=0.99, chat=0.999), needs)
    now = availability(made, "flow", dice=no_dice).value
    found = improvements(made, "flow", dice=no_dice, standby=0.99)
    repair = next(one for one in found if one.node == "vault" and not one.titles)
    assert repair.after == pytest.approx(now / 0.99 * 0.995)
    assert repair.minutes == pytest.approx((repair.after - now) * MONTH)
    note = next(one for one in found if one.titles == ("step note",))
    assert note.after == pytest.approx(0.999 * (1 - 0.01 * (1 - 0.99 * (1 - 0.01**2))))
    tell = next(one for one in found if one.titles == ("step tell",))
    assert tell.after == pytest.approx(now / 0.999 * (1 - 0.001 * 0.01))
    assert found[0] == note
    assert [one.minutes for one in found] == sorted((one.minutes for one in found), reverse=True)


def test_an_equivalent_that_falls_with_what_it_replaces_gains_nothing_and_one_of_another_platform_does() -> None:
    needs = [
        Requirement.of("flow", "jira", label="step one"),
        Requirement.of("flow", "jira", label="step two"),
        Requirement.of("jira", "atlassian"),
        Requirement.of("trello", "atlassian"),
    ]
    made = Structure.of(known(atlassian=0.99, asana=0.995, jira=1.0, trello=1.0), needs)
    offered = [Equivalent("flow", ("jira",), ("trello",)), Equivalent("flow", ("jira",), ("asana",))]
    found = [one for one in improvements(made, "flow", dice=no_dice, equivalents=offered) if one.way]
    [asana] = found
    assert (asana.way, asana.titles) == (("asana",), ("step one", "step two"))
    assert asana.after == pytest.approx(1 - 0.01 * 0.005)


@given(requirements(letters="abcde", most=6))
@settings(max_examples=15, deadline=None)
def test_an_improvement_is_worth_what_the_structure_with_it_is_worth(needs: list[Requirement]) -> None:
    chances = dict(zip("abcde", (1.0, 0.9, 0.8, 0.7, 0.6), strict=True))
    offered = [Equivalent("a", ("b",), ("c", "d"))]
    for one in improvements(structure(needs, "abcde", **chances), "a", dice=no_dice, equivalents=offered, standby=0.95):
        if one.titles:
            way = one.way or ("x",)
            wider = [
                replace(need, ways=(*need.ways, way)) if need.node == one.node and need.title in one.titles else need for need in needs
            ]
            assert one.after == pytest.approx(chance_up(chances | {"x": 0.95}, wider, "a"), rel=1e-9)
        else:
            better = chances | {one.node: (1 + chances[one.node]) / 2}
            assert one.after == pytest.approx(chance_up(better, needs, "a"), rel=1e-9)


def test_no_node_can_gain_where_nothing_fails() -> None:
    assert improvements(structure([Requirement.of("a", "b")]), "a", dice=no_dice) == ()
    assert improvements(structure([Requirement.of("a", "b", ())], b=0.5), "a", dice=no_dice) == ()
    with pytest.raises(Invalid):
        improvements(structure([]), LETTERS[0], dice=no_dice, standby=1.5)
