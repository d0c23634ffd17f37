"""What a structure takes and refuses, what its nodes are called, how it looks to networkx, and windows of maintenance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import networkx as nx
import pytest
from hypothesis import given, settings

from engine.errors import Invalid, NotFound
from engine.graph.structure.answers import Answers
from engine.graph.structure.drawn import graph_of, structure_of
from engine.graph.structure.index import Structure
from engine.graph.structure.model import Node, Requirement
from engine.graph.structure.windows import Window, rehearsed
from tests.engine.graph.structure.worlds import LETTERS, requirements, structure

NOW = datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("nodes", "needs", "said"),
    [
        ([Node("")], [], "needs an id"),
        ([Node("a", per_hour=-1.0)], [], "cannot run -1.0 times"),
        ([Node("a", per_hour=float("nan"))], [], "cannot run nan"),
        ([Node("a", availability=1.5)], [], "share from 0 to 1"),
        ([], [Requirement("a", ())], "needs 1 of 0 ways"),
        ([], [Requirement.of("a", "b", "c", at_least=3)], "needs 3 of 2 ways"),
        ([], [Requirement.of("a", "b", "b", at_least=2)], "needs 2 of 1 way "),
        ([], [Requirement.of("a", "b", at_least=0)], "name from 1 to all"),
        ([], [Requirement.of("a", "")], "something without an id"),
        ([], [Requirement.of("", "a")], "needs an id"),
    ],
)
def test_what_cannot_be_is_refused_in_words(nodes: list[Node], needs: list[Requirement], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        Structure.of(nodes, needs)
    grown = Structure.of([Node("z")])
    with pytest.raises(Invalid, match=said):
        grown.join([Node("fine"), *nodes], [Requirement.of("fine", "z"), *needs])
    assert (len(grown), grown.edges, grown.revision) == (1, 0, 0)


def test_more_than_the_limits_is_refused_before_it_is_all_read() -> None:
    read = 0

    def endless() -> object:
        nonlocal read
        while True:
            read += 1
            yield Requirement.of("a", f"n{read}")

    with pytest.raises(Invalid, match="more than 1,000 needs"):
        Structure.of((), endless(), most_edges=1_000)  # type: ignore[arg-type]
    assert read == 1_001
    with pytest.raises(Invalid, match="more than 500 nodes"):
        Structure.of((), endless(), most_nodes=500)  # type: ignore[arg-type]
    grown = Structure.of((), [Requirement.of("a", "b")], most_edges=1)
    with pytest.raises(Invalid, match="more than 1 needs"):
        grown.join((), [Requirement.of("a", "c")])


def test_nodes_are_found_by_id_and_by_name_and_two_of_a_name_are_told_apart() -> None:
    made = Structure.of(
        [Node("wf_1", name="Morning report"), Node("wf_2", name="Twin"), Node("wf_3", name="twin"), Node("trello", name="Trello")]
    )
    assert (made.find("wf_1"), made.find(" morning REPORT "), made.find("Trello")) == ("wf_1", "wf_1", "trello")
    with pytest.raises(Invalid, match="wf_2 or wf_3"):
        made.find("TWIN")
    with pytest.raises(NotFound, match="Did you mean “Morning report”"):
        made.find("morning raport")
    with pytest.raises(NotFound, match="Nothing here is called “”"):
        made.find("")
    assert "trello" in made
    assert "asana" not in made


@given(requirements())
@settings(max_examples=20, deadline=None)
def test_a_structure_that_went_through_networkx_answers_the_same(needs: list[Requirement]) -> None:
    made = structure(needs)
    again = structure_of(graph_of(made))
    assert again.nodes == made.nodes
    for failed in LETTERS:
        one, other = Answers(made).what_if([failed]), Answers(again).what_if([failed])
        assert set(one.down()) == set(other.down())
        assert set(Answers(made).what_if((), degraded=[failed]).at_risk()) == set(Answers(again).what_if((), degraded=[failed]).at_risk())


def test_plain_edges_of_networkx_are_needs_of_their_own() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph([("a", "b"), ("a", "c"), ("c", "c"), ("a", "b")])
    made = Answers(structure_of(graph))
    assert set(made.what_if(["b"]).down()) == {"a", "b"}
    assert set(made.what_if(["c"]).down()) == {"a", "c"}


def test_a_need_that_always_holds_has_no_edge_in_networkx() -> None:
    made = Structure.of((), [Requirement("a", (("b",), ())), Requirement("c", (("b",), ("d",), ()), 2)])
    again = Answers(structure_of(graph_of(made)))
    assert set(again.what_if(["b"]).down()) == set(Answers(made).what_if(["b"]).down()) == {"b"}
    assert set(again.what_if(["b", "d"]).down()) == set(Answers(made).what_if(["b", "d"]).down()) == {"b", "d", "c"}


def hours(start: float, end: float, *nodes: str) -> Window:
    return Window(NOW + timedelta(hours=start), NOW + timedelta(hours=end), nodes)


def test_two_windows_that_overlap_take_down_what_neither_does_alone() -> None:
    answers = Answers(structure([Requirement.of("a", "b", "c"), Requirement.of("d", "b")]))
    spans = rehearsed(answers, [hours(0, 2, "b"), hours(1, 4, "c"), hours(6, 7, "d")])
    assert [(span.hours, span.windows, set(span.outcome.down()), span.together) for span in spans] == [
        (1.0, (0,), {"b", "d"}, ()),
        (1.0, (0, 1), {"a", "b", "c", "d"}, ("a",)),
        (2.0, (1,), {"c"}, ()),
        (1.0, (2,), {"d"}, ()),
    ]
    assert [span.runs_lost for span in spans] == [2.0, 4.0, 2.0, 1.0]


def test_a_window_that_makes_no_sense_is_refused() -> None:
    answers = Answers(structure([]))
    with pytest.raises(Invalid, match="ends after it begins"):
        rehearsed(answers, [hours(2, 1, "a")])
    with pytest.raises(Invalid, match="with a zone"):
        rehearsed(answers, [Window(datetime(2026, 1, 1), datetime(2026, 1, 2), ("a",))])
    with pytest.raises(NotFound):
        rehearsed(answers, [hours(0, 1, "nobody")])
    assert rehearsed(answers, []) == ()
