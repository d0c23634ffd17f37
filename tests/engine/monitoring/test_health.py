"""Health: the seed's figures, exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.monitoring.health import HealthStatus, score, service_health, status_of, system_health, system_trend, trend
from engine.monitoring.sample import Outcome, Sample, Source
from tests.engine.clock import NOON


def sample(second: int, outcome: Outcome = Outcome.OK, latency: float = 0.2) -> Sample:
    return Sample("github", "default", NOON + timedelta(seconds=second), Source.PROBE, outcome, latency, "it said no" if outcome is Outcome.ERROR else "")


@pytest.mark.parametrize(
    ("response_ms", "success", "points", "status"),
    [(200, 1.0, 98.4, "healthy"), (200, 0.0, 38.4, "offline"), (5000, 1.0, 60.0, "unhealthy"), (1000, 0.95, 89.0, "degraded"), (9000, 1.0, 60.0, "unhealthy")],
)
def test_the_score_is_that_of_the_formula(response_ms: float, success: float, points: float, status: str) -> None:
    assert score(response_ms, success) == points
    assert status_of(score(response_ms, success)).value == status


def test_a_service_without_samples_is_unknown_and_not_healthy() -> None:
    assert service_health("github", []).status is HealthStatus.UNKNOWN


def test_throttling_and_misconfiguration_say_nothing_about_health() -> None:
    health = service_health("github", [sample(1, Outcome.THROTTLED), sample(2, Outcome.MISCONFIGURED), sample(3)])
    assert (health.request_count, health.success_rate, health.status) == (1, 1.0, HealthStatus.HEALTHY)


def test_the_system_score_is_the_share_of_healthy_services() -> None:
    good, bad, unknown = service_health("a", [sample(1)]), service_health("b", [sample(1, Outcome.ERROR)]), service_health("c", [])
    system = system_health([good, bad, unknown], 1, "stable", NOON)
    assert (system.overall_score, system.healthy_services, system.total_services, system.critical_alerts) == (50.0, 1, 2, 1)


def test_the_trend_compares_the_older_half_with_the_newer() -> None:
    slow = [sample(i, latency=2.0) for i in range(5)]
    fast = [sample(10 + i, latency=0.1) for i in range(5)]
    assert trend([*slow, *fast]) == "improving"
    assert trend([*fast, *slow]) == "degrading"
    assert trend([*fast, *fast]) == "stable"
    assert trend(fast) == "unknown"
    assert system_trend(["improving", "degrading", "unknown"]) == "degrading"
    assert system_trend(["unknown"]) == "stable"
