"""Our health score: word and number agree, a dead service hides nowhere, a quiet night is no trouble."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.alert import AlertState, Severity
from engine.monitoring.health import HealthStatus, ServiceHealth, status_of
from engine.monitoring.sample import Outcome, Sample, Source
from engine.monitoring.scoring import AVAILABILITY, BANDS, Evidence, between, scored, system_scored
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert

GOOD, BAD = Outcome.OK, Outcome.ERROR


def probes(outcomes: list[Outcome], *, every: float = 30.0, latency: float = 0.2, until: datetime = NOON) -> list[Sample]:
    first = until - timedelta(seconds=every * (len(outcomes) - 1))
    return [Sample("github", "default", first + timedelta(seconds=every * n), Source.PROBE, one, latency) for n, one in enumerate(outcomes)]


def health(samples: list[Sample], **more: Any) -> ServiceHealth:
    return scored(Evidence(service="github", samples=samples, now=NOON, **more))


def of(service: str, score: float) -> ServiceHealth:
    return ServiceHealth(
        service=service,
        response_time_ms=1,
        success_rate=1,
        error_count=0,
        request_count=1,
        last_checked=NOON,
        health_score=score,
        status=status_of(score),
    )


@pytest.mark.parametrize(
    ("outcomes", "word"),
    [
        ([GOOD] * 30, "healthy"),
        ([BAD], "unknown"),
        ([GOOD], "healthy"),
        ([GOOD] * 25 + [BAD] + [GOOD] * 4, "healthy"),
        ([GOOD] * 24 + [BAD, GOOD] * 3, "unhealthy"),
        ([GOOD] * 10 + [BAD] * 20, "offline"),
        ([BAD] * 15 + [GOOD] * 15, "healthy"),
        ([Outcome.THROTTLED] * 10, "unknown"),
        ([], "unknown"),
    ],
)
def test_the_word_is_what_the_last_minutes_show(outcomes: list[Outcome], word: str) -> None:
    found = health(probes(outcomes))
    assert found.status == word
    assert found.because or not outcomes or outcomes[0] is Outcome.THROTTLED


def test_a_service_whose_credential_was_revoked_is_unhealthy_for_as_long_as_it_is() -> None:
    refused = [Outcome.MISCONFIGURED]
    for outcomes in ([GOOD] * 20 + refused * 10, refused * 30):
        found = health(probes(outcomes), said="unhealthy")
        assert (found.status, found.because) == (HealthStatus.UNHEALTHY, "It refuses our credential.")
        assert status_of(found.health_score) == HealthStatus.UNHEALTHY
        alerted = health(probes(outcomes), alerts=[an_alert("alr_1", "github", NOON, rule="credential", severity=Severity.HIGH)])
        assert alerted.status == HealthStatus.UNHEALTHY
        system = system_scored([found, *(of(f"s{n}", 100.0) for n in range(9))], {}, 0, "stable", NOON)
        assert (system.healthy_services, system.total_services) == (9, 10)
        assert system.overall_score < 90
    assert health(probes(refused * 30)).status == HealthStatus.UNKNOWN, "one that never answered is for the doctor"
    assert health(probes(refused * 30, until=NOON - timedelta(minutes=20)), said="unhealthy").status == HealthStatus.UNKNOWN
    assert health(probes([*refused * 30, GOOD, GOOD]), said="healthy").status == HealthStatus.HEALTHY


def test_a_dead_service_that_refuses_quickly_has_no_points() -> None:
    found = health(probes([BAD] * 30, latency=0.01))
    assert (found.status, found.health_score) == (HealthStatus.OFFLINE, 0.0)


def test_what_was_not_checked_for_three_intervals_is_unknown_and_a_slow_pace_is_not_silence() -> None:
    late = NOON - timedelta(minutes=4)
    assert health(probes([GOOD] * 20, until=late)).status is HealthStatus.UNKNOWN
    assert "not checked for 4 minutes" in health(probes([GOOD] * 20, until=late)).because
    assert health(probes([GOOD] * 20, every=300, until=late)).status is HealthStatus.HEALTHY


def test_a_night_with_one_check_in_five_minutes_is_as_healthy_as_a_day_of_traffic() -> None:
    night, day = health(probes([GOOD] * 3, every=300)), health(probes([GOOD] * 900, every=1))
    assert (night.status, night.health_score) == (day.status, day.health_score) == (HealthStatus.HEALTHY, 100.0)


def test_a_short_fault_that_is_probed_every_few_seconds_counts_by_its_minutes() -> None:
    closer = [
        *probes([GOOD] * 26, until=NOON - timedelta(seconds=120)),
        *probes([BAD] * 8, every=5, until=NOON - timedelta(seconds=62)),
        *probes([GOOD] * 3),
    ]
    assert health(closer).status in (HealthStatus.HEALTHY, HealthStatus.DEGRADED)


@pytest.mark.parametrize(("times", "word"), [(1.0, "healthy"), (1.4, "healthy"), (1.7, "degraded"), (3.0, "unhealthy")])
def test_slowness_is_measured_by_what_is_usual_for_the_service(times: float, word: str) -> None:
    assert health(probes([GOOD] * 20, latency=0.3 * times), usual=0.3).status == word


def test_twice_a_few_milliseconds_is_nothing_anybody_feels() -> None:
    assert health(probes([GOOD] * 20, latency=0.01), usual=0.005).status is HealthStatus.HEALTHY


def test_without_a_usual_the_limits_of_the_seed_decide() -> None:
    assert [health(probes([GOOD] * 20, latency=latency)).status.value for latency in (0.9, 1.5, 6.0)] == [
        "healthy",
        "degraded",
        "unhealthy",
    ]


@pytest.mark.parametrize(
    ("severity", "rule", "word"),
    [
        (Severity.LOW, "availability", "healthy"), (Severity.MEDIUM, "response_time", "degraded"), (Severity.HIGH, "availability", "unhealthy"),
        (Severity.CRITICAL, "availability", "unhealthy"), (Severity.MEDIUM, "forecast", "healthy"),
    ],
)  # fmt: skip
def test_an_open_alert_is_trouble_unless_it_is_about_what_may_come(severity: Severity, rule: str, word: str) -> None:
    alert = an_alert("alr_1", "github", NOON, severity=severity, rule=rule, state=AlertState.ACKNOWLEDGED)
    assert health(probes([GOOD] * 20), alerts=[alert]).status == word
    over = an_alert("alr_1", "github", NOON, severity=severity, rule=rule, state=AlertState.RESOLVED)
    assert health(probes([GOOD] * 20), alerts=[over]).status == "healthy"


def test_the_detectors_word_stands_before_what_the_samples_show() -> None:
    found = health(probes([GOOD] * 20), said="degraded")
    assert (found.status, found.health_score) == (HealthStatus.DEGRADED, 89.99)
    assert health(probes([GOOD] * 30), said="unknown").status is HealthStatus.HEALTHY


def test_a_budget_that_burns_costs_points_within_the_word() -> None:
    assert health(probes([GOOD] * 20), burn=14.4).health_score == 90.0
    assert health(probes([GOOD] * 20), burn=0.5).health_score == 100.0


def test_one_dead_service_among_ten_is_no_healthy_system() -> None:
    system = system_scored([of("dead", 0.0), *(of(f"s{n}", 100.0) for n in range(9))], {}, 1, "stable", NOON)
    assert system.overall_score == 67.5
    assert (system.healthy_services, system.total_services) == (9, 10)


def test_a_service_that_many_workflows_need_weighs_more() -> None:
    services = [of("needed", 50.0), of("other", 100.0)]
    scores = [system_scored(services, needed, 0, "stable", NOON).overall_score for needed in ({}, {"needed": 8})]
    assert scores == [68.75, 53.75]
    assert system_scored([], {}, 0, "stable", NOON).overall_score == 100.0


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from(Outcome), st.floats(0, 100)), max_size=40), st.floats(1, 600), st.sampled_from(["", "degraded", "offline", "nonsense"]),
    st.none() | st.floats(0, 10), st.none() | st.floats(0, 100),
)  # fmt: skip
def test_word_and_number_never_disagree(
    given_: list[tuple[Outcome, float]], every: float, said: str, usual: float | None, burn: float | None
) -> None:
    samples = [
        Sample("github", "default", NOON - timedelta(seconds=every * (len(given_) - n)), Source.PROBE, outcome, latency)
        for n, (outcome, latency) in enumerate(given_)
    ]
    found = health(samples, said=said, usual=usual, burn=burn)
    if found.status is HealthStatus.UNKNOWN:
        assert found.health_score == 0.0
    else:
        low, high = BANDS[found.status]
        assert low <= found.health_score <= high
        assert status_of(found.health_score) is found.status


def test_more_failures_never_make_a_better_score() -> None:
    dice = random.Random(1)
    shares = sorted(dice.random() for _ in range(50))
    heights = [between(AVAILABILITY, share) for share in shares]
    assert heights == sorted(heights, reverse=True)
