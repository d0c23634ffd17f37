"""The parts that add up: thresholds learnt from quiet hours, the budget of alerts, the usual rate of failures, and how closeness counts."""

from __future__ import annotations

import random

import pytest

from engine.monitoring.detection.ceiling import ENOUGH, MOST, Ceiling
from engine.monitoring.detection.failures import ALARM, Failures
from engine.monitoring.detection.spacing import Spacing, independent

HOUR = 3600.0


def quiet_hours(ceiling: Ceiling, hours: int, *, middle: float, spread: float) -> float:
    dice = random.Random(2)
    for hour in range(1, hours + 1):
        ceiling.see(max(0.0, dice.gauss(middle, spread)), hour * HOUR, False)
    return hours * HOUR


def test_a_restless_stream_has_a_higher_threshold_than_a_calm_one_and_none_grows_blind() -> None:
    calm, restless, wild = Ceiling(10.0), Ceiling(10.0), Ceiling(10.0)
    at = quiet_hours(calm, 200, middle=1, spread=0.2)
    quiet_hours(restless, 200, middle=8, spread=2)
    quiet_hours(wild, 200, middle=30, spread=20)
    assert calm.at(at) == 10.0
    assert 10.0 < restless.at(at) < MOST * 10
    assert wild.at(at) == MOST * 10


def test_before_a_day_is_known_the_threshold_is_twice_its_floor() -> None:
    ceiling = Ceiling(10.0)
    at = quiet_hours(ceiling, ENOUGH, middle=1, spread=0.2)
    assert ceiling.at(at) == 20.0
    ceiling.see(1.0, at + HOUR, False)
    assert ceiling.at(at) == 10.0


def test_hours_with_an_alarm_say_nothing_about_quiet() -> None:
    ceiling = Ceiling(10.0)
    for hour in range(1, 100):
        ceiling.see(500.0, hour * HOUR, True)
    assert ceiling.maxima == []


def test_each_alert_makes_the_next_dearer_and_ten_days_later_it_is_almost_forgotten() -> None:
    ceiling = Ceiling(10.0)
    at = quiet_hours(ceiling, 100, middle=1, spread=0.2)
    ceiling.tell(at)
    assert ceiling.at(at) == pytest.approx(13.5)
    ceiling.tell(at)
    assert ceiling.at(at) == pytest.approx(17.0)
    assert ceiling.at(at + 10 * 24 * HOUR) == pytest.approx(10.0, abs=0.4)


def test_a_service_of_which_one_check_in_fifty_always_fails_has_that_for_its_usual_rate_and_no_alert() -> None:
    failures, dice = Failures(), random.Random(3)
    said = [failures.take(dice.random() < 0.003, 1.0, 30.0 * i, 30.0) for i in range(5000)]
    said += [failures.take(dice.random() < 0.003 + 0.017 * i / 40_000, 1.0, 30.0 * (5000 + i), 30.0) for i in range(40_000)]
    assert set(said) == {""}
    assert 0.008 < failures.usual < 0.03


def test_a_third_of_the_checks_failing_is_an_alarm_and_after_a_while_about_that_share() -> None:
    failures, dice = Failures(), random.Random(4)
    for i in range(2000):
        failures.take(False, 1.0, 30.0 * i, 30.0)
    at, said = 60_000.0, ""
    while said != "alarm":
        said = failures.take(dice.random() < 0.35, 1.0, at, 30.0)
        at += 30
    assert at - 60_000 < 600
    assert failures.usual_failed / failures.usual_seen < 0.002  # the trouble itself is not usual
    for _ in range(60):
        failures.take(dice.random() < 0.35, 1.0, at, 30.0)
        at += 30
    assert 0.15 < failures.share < 0.6


def test_what_fails_every_time_is_decided_when_it_was_foretold() -> None:
    failures = Failures()
    failures.take(False, 1.0, 0.0, 30.0)
    failures.take(True, 1.0, 30.0, 30.0)
    wait = failures.decided_in(15.0)
    assert failures.take(True, wait / 15 - 0.01, 58.0, 30.0) == ""
    assert failures.most < ALARM
    assert failures.take(True, 0.02, 58.2, 30.0) == "alarm"


def test_a_sample_counts_by_its_distance_to_the_one_before() -> None:
    spacing = Spacing()
    assert spacing.weigh(1000.0, 15.0) == (1.0, 0.0)
    assert spacing.weigh(1005.0, 15.0) == (pytest.approx(1 / 3), 5.0)
    assert spacing.weigh(1005.0, 15.0) == (0.0, 0.0)
    assert spacing.weigh(1004.0, 15.0) == (0.0, 0.0)
    assert spacing.weigh(1035.0, 15.0) == (1.0, 30.0)
    assert (independent(30.0), independent(60.0), independent(2.0)) == (15.0, 15.0, 8.0)
