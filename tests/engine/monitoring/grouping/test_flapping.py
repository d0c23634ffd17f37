"""When something is called flapping, and when no longer."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.grouping.flapping import KEPT, OPENINGS, WINDOW, Flapping
from tests.engine.monitoring.grouping.outages import NOON, after


def seen(pattern: str, flapping: Flapping | None = None) -> Flapping:
    """``u`` up, ``d`` down."""
    state = flapping or Flapping()
    for letter in pattern:
        state = state.observed(letter == "u")
    return state


def test_what_goes_up_and_down_all_the_time_flaps_fully() -> None:
    assert round(seen("ud" * 11).changes, 9) == 1.0
    assert seen("ud" * 11).judged(NOON).flapping


def test_one_outage_and_its_end_are_no_flapping() -> None:
    assert not seen("u" * 10 + "d" * 6 + "u" * 5).judged(NOON).flapping


def test_new_changes_weigh_more_than_old_ones() -> None:
    assert seen("u" * 19 + "du").changes > seen("du" + "u" * 19).changes


def test_between_the_limits_what_flaps_goes_on_and_what_does_not_does_not_begin() -> None:
    middle = "uuuduuuuduuuuduuuuuuu"
    calm, restless = seen(middle).judged(NOON), seen(middle, Flapping(flapping=True)).judged(NOON)
    assert (calm.flapping, restless.flapping) == (False, True)
    assert restless.because.startswith("It is still flapping: 29% of its last 21 checks")
    assert not seen("u" * KEPT, restless.next).judged(NOON).flapping


def test_four_alerts_within_an_hour_are_flapping_until_half_of_them_are_old() -> None:
    state = Flapping()
    for number in range(OPENINGS):
        assert not state.judged(after(600 * number)).flapping
        state = state.opened(after(600 * number))
    begun = state.judged(after(1_800))
    assert begun.flapping
    assert begun.because == "It is flapping: it opened 4 times within 60 minutes."
    assert begun.next.judged(after(1_800) + WINDOW / 2).flapping
    assert not begun.next.judged(after(1_800) + WINDOW).flapping


def test_the_answer_says_what_was_counted_when_it_does_not_flap() -> None:
    assert (
        Flapping()
        .opened(NOON)
        .judged(NOON)
        .because.startswith("Not flapping: it opened once within 60 minutes (4 would be); 0% of its last 21")
    )


@given(st.lists(st.booleans(), max_size=60), st.lists(st.integers(0, 10_000), max_size=40))
def test_what_is_remembered_is_bounded_and_the_share_is_one(observations: list[bool], openings: list[int]) -> None:
    state = Flapping()
    for good in observations:
        state = state.observed(good)
    for seconds in openings:
        state = state.opened(NOON + timedelta(seconds=seconds))
    state = state.judged(after(10_000)).next
    assert 0 <= state.changes <= 1 + 1e-9
    assert len(state.seen) <= KEPT
    assert len(state.openings) <= 2 * OPENINGS
