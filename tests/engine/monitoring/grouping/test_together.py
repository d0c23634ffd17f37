"""What is learned from past groups."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.grouping.group import Group
from engine.monitoring.grouping.spreading import LEAST, STRAY, causes_of, evidence, stray
from engine.monitoring.grouping.together import BEFORE, NOTHING_SEEN, TRUST, USUAL, Together
from engine.monitoring.grouping.topology import NOTHING_KNOWN, Topology
from tests.engine.monitoring.grouping.outages import SHOP, Found, after, group_of, put

DAY = 86_400.0


def outages(*services: str, times: int, apart: float = 20.0, every: float = DAY) -> list[Group]:
    """``times`` times those services began to fail ``apart`` seconds after one another, each in a group of its own."""
    return [group_of((every * number + apart * place, service)) for number in range(times) for place, service in enumerate(services)]


def test_what_often_failed_together_is_put_together_though_no_line_is_known() -> None:
    past = Together.of(outages("mail", "checkout", times=5), SHOP)
    now = 10 * DAY
    assert put(Found("checkout"), [group_of((now, "mail"))], now + 40).group is None
    placed = put(Found("checkout"), [group_of((now, "mail"))], now + 40, together=past)
    assert placed.group == "g"
    assert placed.because == "checkout failed together with mail in 5 of its 5 outages before, and that began to fail 40 seconds before."


def test_once_says_little_against_many_times_without() -> None:
    past = Together.of([*outages("mail", times=20), *outages("checkout", times=1)], SHOP)
    assert past.met("mail", "checkout") == 1
    assert past.follows("mail", "checkout") < 0.01 < past.follows("checkout", "mail")


def test_a_service_that_begins_again_and_again_meets_another_once() -> None:
    past = Together.of([*(group_of((5.0 * number, "mail")) for number in range(10)), group_of((60, "checkout"))], SHOP)
    assert past.met("mail", "checkout") == 1


def test_what_never_failed_together_is_not_learned() -> None:
    past = Together.of(outages("mail", "checkout", times=50, apart=400), SHOP)
    assert past.follows("mail", "checkout") == 0.0


def test_lines_that_explain_everything_prove_whole_and_a_stray_costs_more() -> None:
    whole = Together.of(outages("database", "payments", times=300), SHOP)
    broken = Together.of(outages("mail", "search", times=300), SHOP)
    assert whole.missing < BEFORE / 3
    assert broken.missing > BEFORE
    assert LEAST * STRAY <= stray(SHOP, whole.missing) < stray(SHOP) == stray(SHOP, broken.missing)


def test_what_meets_by_chance_is_no_missing_line() -> None:
    crowd = [group_of((60.0 * number, f"s{number % 7}")) for number in range(500)]
    assert Together.of(crowd, NOTHING_KNOWN).missing <= BEFORE


def test_a_busy_house_is_known_to_be_busy() -> None:
    busy = Together.of(outages("mail", times=500, every=3_600), NOTHING_KNOWN)
    assert busy.opens > 3 * USUAL
    assert Together.of([], SHOP) == NOTHING_SEEN


def test_a_house_has_to_be_larger_for_the_same_stray_to_be_seldomer() -> None:
    large = Topology.of(services=[f"s{number}" for number in range(600)])
    assert stray(large) == stray(SHOP) / 10


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("abcdefgh")), max_size=80))
def test_whatever_the_past_was_chances_are_chances(alerts: list[tuple[float, str]]) -> None:
    past = Together.of([group_of(alert) for alert in alerts], SHOP)
    assert 0 <= past.missing <= 1
    assert past.opens > 0
    assert all(0 <= past.follows(one, other) <= TRUST for one in "abcdefgh" for other in "abcdefgh")


@given(
    st.lists(
        st.tuples(st.floats(0, 5_000), st.sampled_from(sorted([*SHOP.needs, *SHOP.needed_by, "mail", "other"]))), min_size=1, max_size=30
    )
)
def test_the_shares_of_the_causes_are_one_in_all(alerts: list[tuple[float, str]]) -> None:
    group = group_of(*alerts)
    causes = causes_of(evidence(group), SHOP, (after(6_000) - group.opened_at) / timedelta(seconds=1), stray(SHOP))
    assert abs(sum(cause.share for cause in causes) - 1) < 1e-9
    assert causes == sorted(causes, key=lambda cause: -cause.share)
