"""Who is named as the likeliest cause of a group."""

from __future__ import annotations

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.suspect import suspect
from engine.monitoring.grouping.topology import NOTHING_KNOWN
from tests.engine.monitoring.grouping.outages import SHOP, group_of


def test_what_most_of_the_others_need_is_named_even_if_it_alerted_later() -> None:
    found = suspect(group_of((0, "checkout"), (9, "payments"), (15, "cart")), SHOP)
    assert (found.service, found.alerts) == ("payments", True)
    assert found.because == "Both other services here need payments."


def test_a_cause_that_nobody_watches_is_named_when_it_explains_what_no_member_does() -> None:
    found = suspect(group_of((0, "payments"), (3, "search"), (5, "stock")), SHOP)
    assert (found.service, found.alerts) == ("database", False)
    assert found.because == "All 3 services here need database, which has no alert of its own."


def test_two_services_of_a_platform_point_at_the_platform() -> None:
    assert suspect(group_of((0, "jira"), (3, "trello")), SHOP).service == "platform:Atlassian"


def test_one_service_alone_is_its_own_suspect() -> None:
    assert suspect(group_of((0, "mail")), SHOP).because == "Only mail alerts."


def test_with_nothing_known_the_first_to_fail_is_named() -> None:
    found = suspect(group_of((0, "b"), (90, "a")), NOTHING_KNOWN)
    assert found.because == "b began to fail first, and none of the others is known to need another of them."
    assert found.service == "b"


def test_a_group_whose_alerts_name_no_service_has_no_suspect() -> None:
    assert suspect(group_of((0, "")), SHOP).service == ""
    assert suspect(Group("empty"), SHOP).service == ""
