"""What falls with what: against the plainest reading, and the promises that hold whatever the structure is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Conflict, NotFound
from engine.graph.structure.answers import Answers
from engine.graph.structure.cone import Cone
from engine.graph.structure.model import Node, Requirement
from tests.engine.graph.structure.worlds import LETTERS, drawn, holds, reachable, requirements, structure, up

FAILED = st.sets(st.sampled_from(LETTERS), max_size=3)


def down(needs: list[Requirement], *failed: str) -> set[str]:
    return set(Answers(structure(needs)).what_if(failed).down())


@given(requirements(), FAILED)
@settings(max_examples=40, deadline=None)
def test_exactly_what_the_plain_reading_strikes_out_goes_down(needs: list[Requirement], failed: set[str]) -> None:
    assert down(needs, *failed) == set(LETTERS) - up(LETTERS, needs, failed)


@given(requirements(), FAILED, FAILED)
@settings(max_examples=30, deadline=None)
def test_more_failures_never_heal_anything_and_take_down_at_least_what_each_does_alone(
    needs: list[Requirement], some: set[str], more: set[str]
) -> None:
    both = down(needs, *some, *more)
    assert both >= down(needs, *some) | down(needs, *more)


@given(requirements(), FAILED)
@settings(max_examples=30, deadline=None)
def test_every_reason_leads_by_needs_that_do_not_hold_to_something_that_failed(needs: list[Requirement], failed: set[str]) -> None:
    outcome = Answers(structure(needs)).what_if(failed)
    for node in outcome.down():
        links = outcome.why(node)
        assert bool(links) == (node not in failed)
        for place, link in enumerate(links):
            assert link.lost[0] == links[place + 1].node if place + 1 < len(links) else link.lost[0] in failed
            need = next(need for need in needs if need.title == link.title and need.node == link.node)
            assert not holds(need, set(LETTERS) - set(link.lost))


@given(requirements(), FAILED)
@settings(max_examples=30, deadline=None)
def test_who_lost_a_way_and_stands_is_told_with_the_ways_that_are_left(needs: list[Requirement], failed: set[str]) -> None:
    outcome = Answers(structure(needs)).what_if(failed)
    standing = up(LETTERS, needs, failed)
    for carried in outcome.carried():
        assert carried.node in standing
        assert carried.lost
        assert not set(carried.lost) & standing
        assert all(set(way) <= standing for way in carried.by)
        assert carried.by
        assert carried.spare >= 0
    spared = set(outcome.spared())
    assert spared <= reachable(needs, failed) & standing
    assert all(outcome.thanks_to(node) for node in spared)
    assert all(not outcome.thanks_to(node) for node in standing - spared)


@given(requirements())
@settings(max_examples=40, deadline=None)
def test_all_single_failures_at_once_say_the_same_as_one_after_the_other(needs: list[Requirement]) -> None:
    made = structure(needs)
    cone = Cone.of(made, range(len(made)))
    own = [1 << node for node in cone.nodes]
    rows = cone.fails(own)
    for failed in LETTERS:
        bit = made.number(failed)
        assert {made.nodes[node].id for node, row in zip(cone.nodes, rows, strict=True) if row >> bit & 1} == down(needs, failed)


@given(requirements(), requirements(most=4), st.lists(FAILED, max_size=3))
@settings(max_examples=30, deadline=None)
def test_a_structure_that_grew_answers_like_one_built_at_once(
    first: list[Requirement], later: list[Requirement], asked: list[set[str]]
) -> None:
    grown = Answers(structure(first), long=1)
    grown.warm()
    for need in later:
        grown.join((), [need])
    grown.join([Node("x", "node")], [Requirement.of("x", "a"), Requirement.of("b", "x")])
    new = [Requirement.of("x", "a"), Requirement.of("b", "x")]
    whole = Answers(structure([*first, *later, *new]))
    for failed in [*asked, *({letter} for letter in (*LETTERS, "x"))]:
        told, wanted = grown.what_if(failed), whole.what_if(failed)
        assert set(told.down()) == set(wanted.down())
        assert set(told.carried()) == set(wanted.carried())
        assert told.lost_per_hour == wanted.lost_per_hour
        assert [told.why(node)[-1].lost[0] in failed for node in told.down() if node not in failed].count(False) == 0


def test_a_circle_of_needs_breaks_nothing_by_itself_and_falls_as_one() -> None:
    needs = [
        Requirement.of("a", "b"),
        Requirement.of("b", "c"),
        Requirement.of("c", "a"),
        Requirement.of("c", "d"),
        Requirement.of("e", "e"),
    ]
    assert down(needs) == set()
    assert down(needs, "d") == {"a", "b", "c", "d"}
    assert down(needs, "e") == {"e"}


def test_two_of_three_replicas_are_enough_and_one_is_not() -> None:
    needs = [Requirement.of("a", "b", "c", "d", at_least=2), Requirement.of("e", "a")]
    assert down(needs, "b") == {"b"}
    assert down(needs, "b", "d") == {"a", "b", "d", "e"}


def test_a_way_of_several_is_closed_when_one_of_them_is_down_and_only_once() -> None:
    needs = [Requirement.of("a", ("b", "c"), "d")]
    assert down(needs, "b") == {"b"}
    assert down(needs, "b", "c") == {"b", "c"}
    assert down(needs, "b", "d") == {"a", "b", "d"}


def test_the_reason_names_each_way_that_closed_and_who_carries_on_by_what() -> None:
    needs = [
        Requirement.of("a", "b", "c", label="step post"),
        Requirement.of("b", "d"),
        Requirement.of("c", "d"),
        Requirement.of("e", "b", "f", label="step tell"),
        Requirement.of("g", "e"),
    ]
    outcome = Answers(structure(needs)).what_if(["d"])
    assert [(link.node, link.title, link.lost) for link in outcome.why("a")] == [("a", "step post", ("b", "c")), ("b", "d", ("d",))]
    [carried] = outcome.carried()
    assert (carried.node, carried.title, carried.lost, carried.by, carried.spare) == ("e", "step tell", ("b",), (("f",),), 0)
    assert outcome.spared() == ("e", "g")
    assert outcome.thanks_to("g") == (carried,)
    assert (outcome.names(), outcome.lost_per_hour) == (("D", "B", "C", "A"), 4.0)


def test_an_answer_does_not_change_when_the_structure_grows_and_says_so_when_asked_further() -> None:
    answers = Answers(structure([Requirement.of("a", "b")]), long=1)
    before = answers.what_if(["b"])
    answers.join((), [Requirement.of("c", "b")])
    assert before.down() == ("b", "a")
    assert answers.what_if(["b"]).down() == ("b", "a", "c")
    with pytest.raises(Conflict, match="Ask again"):
        before.why("a")


def test_what_is_kept_is_dropped_when_somebody_else_makes_the_structure_grow() -> None:
    answers = Answers(structure([Requirement.of("a", "b")]), long=1)
    answers.warm()
    answers.structure.join((), [Requirement.of("c", "b")])
    assert answers.what_if(["b"]).down() == ("b", "a", "c")
    answers.structure.join((), [Requirement.of("d", "a")])
    answers.join((), [Requirement.of("e", "d")])
    assert answers.what_if(["b"]).down() == ("b", "a", "c", "d", "e")
    assert answers.what_if((), degraded=["b"]).at_risk() == ("b", "a", "c", "d", "e")


def test_a_node_that_is_said_anew_is_counted_as_it_was_said_last() -> None:
    answers = Answers(structure([Requirement.of("a", "b")]), long=1)
    assert answers.what_if(["b"]).lost_per_hour == 2.0
    answers.join([Node("a", "other", "Anew", 5.0)])
    assert (answers.what_if(["b"]).lost_per_hour, answers.what_if(["b"]).names("other")) == (6.0, ("Anew",))


def test_what_nobody_knows_is_refused_with_the_nearest_name() -> None:
    made = Answers(structure([Requirement.of("trello", "platform:Atlassian")]))
    with pytest.raises(NotFound, match="Did you mean “trello”"):
        made.what_if(["trelo"])


def test_random_layers_with_circles_agree_with_the_plain_reading() -> None:
    dice = random.Random(31)
    for _ in range(60):
        ids, needs = drawn(dice, 14, circles=True)
        made = Answers(structure(needs, letters=""))
        failed = [id for id in dice.sample(ids, 3) if id in made.structure]
        assert set(made.what_if(failed).down()) == set(made.structure.numbers) - up(made.structure.numbers, needs, failed)
