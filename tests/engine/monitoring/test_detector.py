"""The detector: when trouble begins, when it ends, and what is no trouble."""

from __future__ import annotations

from datetime import timedelta
from functools import reduce

from engine.monitoring.alert import ServiceState, Severity
from engine.monitoring.detector import Verdict, observe, suspicious, verdicts, with_status
from engine.monitoring.sample import Outcome, Sample, Source
from tests.engine.clock import NOON

OK, ERROR, WRONG, BUSY = Outcome.OK, Outcome.ERROR, Outcome.MISCONFIGURED, Outcome.THROTTLED


def samples(*outcomes: Outcome, latency: float = 0.1) -> list[Sample]:
    return [Sample("github", "default", NOON + timedelta(seconds=i), Source.PROBE, o, latency, "" if o is OK else "no answer") for i, o in enumerate(outcomes)]


def judged(*outcomes: Outcome, latency: float = 0.1) -> tuple[ServiceState, dict[str, Verdict]]:
    taken = samples(*outcomes, latency=latency)
    state = with_status(reduce(observe, taken, ServiceState(service="github", account="default")), taken)
    return state, {verdict.rule: verdict for verdict in verdicts(state, taken)}


def test_three_failures_in_a_row_after_an_answer_are_an_outage() -> None:
    state, found = judged(OK, ERROR, ERROR, ERROR)
    assert found["availability"].firing is True
    assert found["availability"].severity is Severity.CRITICAL
    assert "3 checks in a row failed" in found["availability"].because
    assert state.status == "offline"


def test_two_failures_are_not_yet_one() -> None:
    state, found = judged(OK, ERROR, ERROR)
    assert found["availability"].firing is None
    assert suspicious(state)


def test_a_service_that_never_answered_is_misconfigured_and_no_alert() -> None:
    _, found = judged(ERROR, ERROR, ERROR, ERROR)
    assert found["availability"].firing is None
    state, found = judged(WRONG, WRONG, WRONG, WRONG)
    assert [verdict.firing for verdict in found.values()] == [None, None, None]
    assert state.status == "unknown"


def test_a_credential_that_worked_and_is_refused_now_is_said_as_such() -> None:
    _, found = judged(OK, WRONG, WRONG, WRONG)
    assert found["credential"].firing is True
    assert found["availability"].firing is None


def test_it_is_over_after_two_good_answers_and_not_after_one() -> None:
    assert judged(OK, ERROR, ERROR, ERROR, OK)[1]["availability"].firing is None
    assert judged(OK, ERROR, ERROR, ERROR, OK, OK)[1]["availability"].firing is False


def test_throttling_neither_begins_nor_ends_an_outage() -> None:
    assert judged(OK, ERROR, BUSY, ERROR, BUSY, ERROR)[1]["availability"].firing is True
    assert judged(OK, ERROR, ERROR, ERROR, BUSY, BUSY)[1]["availability"].firing is True


def test_five_slow_answers_are_slowness_and_the_limits_decide_how_bad() -> None:
    assert judged(OK, OK, OK, OK, latency=2.0)[1]["response_time"].firing is None
    assert judged(*[OK] * 5, latency=2.0)[1]["response_time"].severity is Severity.MEDIUM
    assert judged(*[OK] * 5, latency=6.0)[1]["response_time"].severity is Severity.CRITICAL
    assert judged(*[OK] * 5, latency=0.2)[1]["response_time"].firing is False
    assert judged(*[OK] * 5, latency=0.9)[1]["response_time"].firing is None  # neither slow nor surely well again
