"""How an account of a service stands: its breaker, its chance of failing, how long it takes."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, Rejected
from engine.monitoring.sample import Outcome
from engine.resilience.standing import KEPT, NEW, RULES, Breaker, Standing

OK, ERROR, THROTTLED = Outcome.OK, Outcome.ERROR, Outcome.THROTTLED
AT = 1_700_000_000.0


def met(*outcomes: Outcome, standing: Standing = NEW, at: float = AT, every: float = 5.0, **more: object) -> Standing:
    for number, outcome in enumerate(outcomes):
        standing = standing.observe(outcome, 0.2, at + number * every, operation="do", **more)  # type: ignore[arg-type]
    return standing


def test_one_failure_opens_nothing() -> None:
    assert met(OK, OK, ERROR).breaker(AT + 10) is Breaker.CLOSED


def test_two_failures_in_a_row_open_the_breaker_be_they_of_calls_or_of_probes() -> None:
    assert met(OK, ERROR, ERROR).breaker(AT + 10) is Breaker.OPEN
    assert met(ERROR, standing=met(ERROR, probe=True), at=AT + 5).breaker(AT + 5) is Breaker.OPEN


def test_two_failures_with_minutes_between_them_say_nothing() -> None:
    assert met(ERROR, ERROR, every=RULES.within + 1).opened is None


def test_every_other_call_failing_opens_it_too() -> None:
    assert met(ERROR, OK, ERROR, OK).opened is None
    assert met(ERROR, OK, ERROR, OK, ERROR).opened is not None


def test_answers_that_are_much_slower_than_usual_are_half_failures() -> None:
    usual = met(*[OK] * 10)
    slow = usual
    for number in range(4):
        slow = slow.observe(OK, 5.0, AT + 60 + number, operation="do")
    assert usual.opened is None
    assert slow.opened is not None


def test_after_its_pause_it_is_half_open_and_two_good_ones_close_it() -> None:
    broken = met(ERROR, ERROR)
    assert broken.breaker(AT + 9.9) is Breaker.OPEN
    assert broken.breaker(AT + 10.1) is Breaker.HALF_OPEN
    mended = broken.observe(OK, 0.2, AT + 11)
    assert mended.breaker(AT + 11) is Breaker.HALF_OPEN
    mended = mended.observe(OK, 0.2, AT + 12)
    assert (mended.breaker(AT + 12), mended.tally(AT + 12)) == (Breaker.CLOSED, "")


def test_a_good_probe_ends_the_pause() -> None:
    assert met(ERROR, ERROR).observe(OK, 0.1, AT + 6, probe=True).breaker(AT + 6) is Breaker.HALF_OPEN


def test_a_trial_that_fails_doubles_the_pause_up_to_a_minute() -> None:
    standing, at = met(ERROR, ERROR), AT + 5
    pauses = []
    for _ in range(6):
        at = standing.trial_at + 1
        standing = standing.observe(ERROR, 0.1, at, operation="do")
        pauses.append(standing.trial_at - at)
    assert pauses == [10, 20, 40, 60, 60, 60]


def test_failing_probes_do_not_make_the_pause_longer() -> None:
    standing = met(ERROR, ERROR)
    for number in range(10):
        standing = standing.observe(ERROR, 0.1, AT + 10 + 10 * number, probe=True)
    assert standing.pause == RULES.first


def test_one_call_at_a_time_goes_through_a_half_open_breaker() -> None:
    broken = met(ERROR, ERROR)
    assert broken.trying(AT + 11).breaker(AT + 12) is Breaker.OPEN
    assert broken.trying(AT + 6) is broken


def test_a_breaker_that_opens_again_soon_stays_open_longer() -> None:
    closed = met(OK, OK, standing=met(ERROR, ERROR), at=AT + 20)
    assert met(ERROR, ERROR, standing=closed, at=AT + 60).pause == 2 * RULES.first
    assert met(ERROR, ERROR, standing=closed, at=AT + 60 + RULES.calm).pause == RULES.first


def test_a_call_is_useless_only_where_everything_fails() -> None:
    half = met(ERROR, OK, ERROR, OK, ERROR)
    assert (half.breaker(AT + 21), half.useless_for(AT + 21)) == (Breaker.OPEN, 0)
    dead = met(ERROR, ERROR, ERROR, every=1.0)
    assert dead.useless_for(AT + 3) == pytest.approx(4)


def test_too_fast_closes_the_way_and_is_no_failure() -> None:
    usual = met(OK, OK)
    told = usual.observe(THROTTLED, 0.1, AT + 10, retry_after=30)
    assert (told.shut_left(AT + 10), told.shut_left(AT + 41)) == (30, 0)
    assert (told.opened, told.failing(AT + 10), told.recent) == (None, usual.failing(AT + 10), usual.recent)
    assert told.shut(AT + 11, 5, "it is being worked on") is told


def test_a_pause_of_years_is_cut() -> None:
    assert NEW.shut(AT, 1e12, "it asked for a pause").shut_left(AT) == 86_400


def test_a_refused_credential_of_one_call_counts_half_and_that_of_a_probe_whole() -> None:
    assert met(Outcome.MISCONFIGURED, Outcome.MISCONFIGURED).opened is None
    assert met(Outcome.MISCONFIGURED, Outcome.MISCONFIGURED, probe=True).opened is not None


@pytest.mark.parametrize("latency", [math.nan, math.inf, -0.1])
def test_a_latency_that_is_none_is_refused(latency: float) -> None:
    with pytest.raises(Rejected, match="number of seconds"):
        NEW.observe(OK, latency, AT)


def test_what_is_said_of_it() -> None:
    assert met(OK, OK, ERROR, ERROR).tally(AT + 20) == "2 of its last 4 calls failed"
    assert met(ERROR, standing=met(OK, probe=True), at=AT + 5).tally(AT + 20) == "1 of its last 2 calls and checks failed"


def test_probes_say_how_much_slower_a_service_has_become_and_never_how_quick_a_call_is() -> None:
    standing = NEW
    for number in range(10):
        standing = standing.observe(OK, 0.1, AT + number, probe=True).observe(OK, 1.0, AT + number, operation="do")
    for number in range(30):
        standing = standing.observe(OK, 0.2, AT + 400 + number, probe=True)
    assert standing.latency("do", AT + 430) == pytest.approx(2.0, rel=0.1)


def test_of_an_operation_never_called_the_others_tell() -> None:
    assert NEW.latency("do", AT) is None
    assert met(OK, OK).latency("other", AT + 5) == pytest.approx(0.2)


def test_a_clock_that_is_set_back_leaves_nothing_in_the_future() -> None:
    broken = met(ERROR, ERROR)
    assert broken.breaker(AT - 3_600) is Breaker.HALF_OPEN, "it is not open for an hour and five seconds"
    back = broken.observe(OK, 0.1, AT - 3_600, probe=True)
    assert all(one.at <= AT - 3_600 for one in back.recent)
    assert back.observe(OK, 0.1, AT - 3_595).opened is None


def test_a_clock_that_jumps_ahead_lets_everything_be_tried() -> None:
    later = AT + 1e6
    assert met(ERROR, ERROR).breaker(later) is Breaker.HALF_OPEN
    assert met(ERROR, ERROR).failing(later) == pytest.approx(0.02)


OUTCOMES = st.lists(
    st.tuples(st.sampled_from([OK, ERROR, THROTTLED, Outcome.MISCONFIGURED]), st.floats(0, 60), st.floats(-7200, 7200), st.booleans()),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(OUTCOMES)
def test_whatever_is_met_the_standing_stays_bounded_and_survives_being_written_down(
    steps: list[tuple[Outcome, float, float, bool]],
) -> None:
    standing, at = NEW, AT
    for outcome, latency, gap, probe in steps:
        at += gap
        standing = standing.observe(outcome, latency, at, operation="" if probe else "do", probe=probe)
        assert 0 < standing.failing(at) < 1
        assert 0 <= standing.useless_for(at) <= 86_400
        assert len(standing.recent) <= KEPT
    assert Standing.from_json(json.loads(json.dumps(standing.as_json()))) == standing


@pytest.mark.parametrize(
    "said", [{}, {"recent": [[1, 2]]}, NEW.as_json() | {"opened": "yes"}, NEW.as_json() | {"recent": [["a", 1, True]]}]
)
def test_what_nobody_wrote_is_not_read(said: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Standing.from_json(said)


def test_many_operations_are_not_all_remembered() -> None:
    standing = NEW.observe(OK, 0.1, AT, probe=True)
    for number in range(100):
        standing = standing.observe(OK, 0.1, AT + number, operation=f"do{number}")
    assert len(standing.pulses) == 32
    assert "" in standing.pulses
    assert "do99" in standing.pulses
