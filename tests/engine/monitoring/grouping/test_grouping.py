"""Which group an alert joins."""

from __future__ import annotations

from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from tests.engine.monitoring.grouping.outages import Found, group_of, grouped, put


def test_an_outage_that_spreads_is_one_group() -> None:
    assert grouped([(0, "database"), (12, "payments"), (25, "checkout"), (31, "search")]) == [
        ["database", "payments", "checkout", "search"]
    ]


def test_a_dependant_that_alerts_first_takes_its_cause_in() -> None:
    assert grouped([(0, "payments"), (8, "database"), (20, "search")]) == [["payments", "database", "search"]]


def test_siblings_of_a_cause_that_nobody_watches_are_one_group() -> None:
    assert grouped([(0, "payments"), (5, "search"), (9, "stock")]) == [["payments", "search", "stock"]]


def test_unrelated_services_stay_apart_even_in_the_same_second() -> None:
    assert grouped([(0, "mail"), (0.5, "jira")]) == [["mail"], ["jira"]]


def test_a_service_that_flaps_stays_in_its_group_and_swallows_nothing() -> None:
    alerts = [(0.0, "database"), *((200.0 * n, "database") for n in range(1, 5)), (810.0, "checkout")]
    assert grouped(alerts) == [["database"], ["checkout"]]


def test_the_same_service_long_after_is_an_outage_of_its_own() -> None:
    assert grouped([(0, "mail"), (700, "mail"), (2_400, "mail")]) == [["mail"], ["mail"]]


def test_with_nothing_known_the_same_service_still_groups_and_others_stay_apart() -> None:
    assert grouped([(0, "github"), (30, "notion"), (60, "github")], NOTHING_KNOWN) == [["github"], ["notion"]]


def test_services_of_one_platform_group_when_they_fail_within_seconds_and_only_then() -> None:
    assert grouped([(0, "jira"), (9, "trello")]) == [["jira", "trello"]]
    assert grouped([(0, "jira"), (600, "trello")]) == [["jira"], ["trello"]]


def test_a_refused_credential_is_nobody_elses_outage() -> None:
    down = group_of((0, "jira"))
    assert put(Found("trello", rule="credential"), [down], 3).group is None
    assert put(Found("trello"), [group_of((0, "jira"), rule="credential")], 3).group is None
    assert put(Found("jira", account="other", rule="credential"), [down], 3).group is None
    assert put(Found("jira", rule="credential"), [down], 3).group == "g"


def test_an_alert_without_a_service_joins_nothing() -> None:
    assert put(Found(""), [group_of((0, ""))], 1).group is None


def test_the_reason_names_who_needs_whom_and_since_when() -> None:
    assert (
        put(Found("payments"), [group_of((0, "database"))], 12).because == "payments needs database, which began to fail 12 seconds before."
    )
    assert put(Found("trello"), [group_of((0, "jira"))], 5).because.startswith("Trello needs Atlassian, as Jira does")
    long_ago = "payments needs database, which began to fail 13 minutes before, too long ago to be the same."
    assert put(Found("payments"), [group_of((0, "database"))], 800).because == f"It is told by itself: {long_ago}"
    assert (
        put(Found("mail"), [group_of((0, "jira"))], 5).because
        == "It is told by itself: nothing that mail is known to belong to began to fail lately."
    )


def test_a_clock_that_went_back_is_read_as_the_same_moment() -> None:
    assert put(Found("payments"), [group_of((30, "database"))], 0) == put(Found("payments"), [group_of((30, "database"))], 30)


def test_the_heavier_of_two_groups_is_joined() -> None:
    topology = Topology.of([("c", "a"), ("c", "b")])
    assert grouped([(0, "a"), (50, "b"), (60, "c")], topology) == [["a"], ["b", "c"]]


def test_what_still_fails_takes_in_its_own_further_alerts_and_its_direct_dependants_however_late() -> None:
    hour = 3_600.0
    over, firing = group_of((0, "payments")), group_of((0, "payments")).standing({"payments"})
    assert put(Found("payments", rule="response_time"), [over], hour).group is None
    assert put(Found("checkout"), [over], hour).group is None
    again = put(Found("payments", rule="response_time"), [firing], hour)
    assert (again.group, again.because) == ("g", "payments still fails in this outage.")
    late = put(Found("checkout"), [firing], hour)
    assert (late.group, late.because) == ("g", "checkout needs payments, which began to fail 60 minutes before.")
    assert put(Found("search"), [firing], hour).group is None


def test_two_in_the_same_moment_go_together_where_lines_are_known_and_may_be_missing_and_it_is_said_so() -> None:
    placed = put(Found("mail"), [group_of((0, "checkout"))], 4)
    assert placed.group == "g"
    assert placed.because == "checkout began to fail 4 seconds before: so close is seldom chance, though no line is known."
    assert put(Found("mail"), [group_of((0, "checkout"))], 45).group is None
