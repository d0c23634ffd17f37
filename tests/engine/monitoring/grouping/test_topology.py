"""Who needs whom, as grouping asks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.grouping.topology import FURTHEST, NOTHING_KNOWN, Kin, Relation, Topology
from tests.engine.monitoring.grouping.outages import SHOP

NODES = st.sampled_from([f"n{number}" for number in range(8)])


def test_hops_count_along_what_is_needed_and_never_back() -> None:
    assert SHOP.hops("checkout", "database") == 2
    assert SHOP.hops("database", "checkout") is None
    assert SHOP.hops("checkout", "checkout") == 0


def test_the_direct_line_goes_before_a_common_cause() -> None:
    assert SHOP.relation("checkout", "payments") == Relation(Kin.CAUSE, 1)
    assert SHOP.relation("payments", "checkout") == Relation(Kin.DEPENDANT, 1)
    assert SHOP.relation("checkout", "cart") == Relation(Kin.SIBLING, 2, "payments")
    assert SHOP.relation("checkout", "stock") == Relation(Kin.SIBLING, 3, "database")


def test_services_of_one_platform_are_siblings_and_one_vendor() -> None:
    assert SHOP.relation("jira", "trello") == Relation(Kin.SIBLING, 2, "platform:Atlassian")
    assert SHOP.vendor("jira") == SHOP.vendor("trello") == "platform:Atlassian"
    assert SHOP.vendor("mail") == "mail"
    assert SHOP.name("platform:Atlassian") == "Atlassian"


def test_what_no_edge_names_is_related_to_itself_alone() -> None:
    assert NOTHING_KNOWN.relation("a", "a") == Relation(Kin.SAME, 0)
    assert NOTHING_KNOWN.relation("a", "b") is None
    assert SHOP.relation("mail", "checkout") is None


def test_edges_that_say_nothing_are_left_out_and_circles_end() -> None:
    circle = Topology.of([("a", "b"), ("b", "c"), ("c", "a"), ("a", "a"), ("", "a"), ("a", "")])
    assert circle.causes("a") == {"b": 1, "c": 2}
    assert circle.relation("a", "b") == Relation(Kin.CAUSE, 1)


def test_beyond_the_furthest_hop_nothing_is_known() -> None:
    chain = Topology.of([(f"n{number}", f"n{number + 1}") for number in range(9)])
    assert chain.hops("n0", f"n{FURTHEST}") == FURTHEST
    assert chain.hops("n0", f"n{FURTHEST + 1}") is None


@given(st.lists(st.tuples(NODES, NODES)))
def test_both_directions_agree(edges: list[tuple[str, str]]) -> None:
    topology = Topology.of(edges)
    for a in (f"n{number}" for number in range(8)):
        assert all(topology.dependants(cause)[a] == hops for cause, hops in topology.causes(a).items())
