"""Periods are read off rollups exactly, whatever their spans; slow answers as well as their sketch tells."""

from __future__ import annotations

from datetime import timedelta

from engine.monitoring.period import of_rollups
from engine.monitoring.rollup import Span, minutes, widened
from engine.monitoring.sample import Outcome, Sample, Source
from tests.engine.clock import NOON


def sample(second: float, outcome: Outcome = Outcome.OK, latency: float = 0.2, account: str = "default") -> Sample:
    return Sample("github", account, NOON + timedelta(seconds=second), Source.PROBE, outcome, latency)


def test_minutes_are_put_together_and_accounts_with_them() -> None:
    rows = minutes([sample(0), sample(70, latency=0.4), sample(71, Outcome.ERROR, 5.0), sample(80, account="eu"), sample(301)])
    first, second = of_rollups(rows, limit=0.3)
    assert (first.at, first.seconds, first.count, first.errors, first.share) == (NOON, 300, 4, 1, 0.25)
    assert (second.at, second.count, second.over) == (NOON + timedelta(minutes=5), 1, 0)
    assert first.over == 2  # the slow good answer, and the slow error, which cannot be told from one


def test_hours_stay_whole_and_what_says_nothing_of_the_service_is_no_period() -> None:
    rows = widened(minutes([sample(60 * n, latency=0.2) for n in range(60)]), Span.HOUR)
    (hour,) = of_rollups(rows)
    assert (hour.seconds, hour.count) == (3600, 60)
    assert hour.latency is not None
    assert abs(hour.latency - 0.2) < 0.003
    assert of_rollups(minutes([sample(0, Outcome.THROTTLED), sample(1, Outcome.MISCONFIGURED)])) == ()


def test_what_only_failed_has_no_typical_answer_and_no_more_slow_ones_than_good_ones() -> None:
    (only,) = of_rollups(minutes([sample(0, Outcome.ERROR, 9.0), sample(1, Outcome.ERROR, 9.0)]), limit=0.5)
    assert (only.latency, only.high, only.over, only.share) == (None, None, 0, 1.0)
