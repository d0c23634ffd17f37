"""Trends: said only with evidence, in the right direction, with an interval that holds."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.forecast.measure import RESPONSE_TIME, SUCCESS_RATE, THROUGHPUT
from engine.monitoring.forecast.points import NotEnough, Point, drawn_together, track
from engine.monitoring.forecast.slope import slope
from engine.monitoring.forecast.trend import Direction, Trend, trend
from tests.engine.clock import NOON
from tests.engine.monitoring.forecast.worlds import correlated, course, points


def read(values: list[float], measure=RESPONSE_TIME, **more: object) -> Trend:
    found = trend(points(values), measure, **more)  # type: ignore[arg-type]
    assert isinstance(found, Trend)
    return found


@pytest.mark.parametrize(
    ("values", "measure", "direction"),
    [
        ([0.2 + 0.002 * n for n in range(72)], RESPONSE_TIME, Direction.DEGRADING),
        ([0.4 - 0.002 * n for n in range(72)], RESPONSE_TIME, Direction.IMPROVING),
        ([1.0 - 0.002 * n for n in range(72)], SUCCESS_RATE, Direction.DEGRADING),
        ([0.2] * 72, RESPONSE_TIME, Direction.STABLE),
        ([0.2 + 0.00005 * n for n in range(72)], RESPONSE_TIME, Direction.STABLE),
        ([10.0 + n for n in range(72)], THROUGHPUT, Direction.STABLE),
    ],
)
def test_the_direction_says_whether_it_gets_better_and_a_little_is_nothing(
    values: list[float], measure: object, direction: Direction
) -> None:
    assert read(values, measure).direction is direction


def test_the_slope_is_per_hour_with_its_interval_and_the_evidence_in_words() -> None:
    found = read([0.2 + 0.002 * n for n in range(72)])
    assert found.slope == pytest.approx(0.024)
    assert found.low <= found.slope <= found.high
    assert "rises by 24 ms an hour" in found.because
    assert "72 points" in found.because
    assert found.rising


def test_too_few_points_are_no_trend_and_say_so() -> None:
    for values in ([], [0.1] * 11, [math.nan] * 50):
        found = trend(points(values[:11]), RESPONSE_TIME) if values else trend([], RESPONSE_TIME)
        assert isinstance(found, NotEnough)
        assert "Not enough data" in found.because


def test_single_spikes_make_no_trend() -> None:
    values = [0.2] * 60 + [5.0, 0.2, 0.2, 4.0, 0.2, 0.2] * 2
    assert read(values).direction is Direction.STABLE


def test_a_morning_that_is_busy_every_day_is_no_trend_once_two_days_are_known() -> None:
    def daily(hour: float) -> float:
        return 0.2 + 0.1 * math.sin(2 * math.pi * hour / 24)

    dice = random.Random(3)
    four_days = [daily(n / 12) * dice.uniform(0.97, 1.03) for n in range(96 * 12 + 36)]
    window = timedelta(hours=5)
    adjusted = trend(points(four_days), RESPONSE_TIME, window=window)
    plain = trend(points(four_days[-72:]), RESPONSE_TIME, window=window)
    assert isinstance(adjusted, Trend)
    assert isinstance(plain, Trend)
    assert (plain.direction, plain.seasonal) == (Direction.DEGRADING, False)
    assert (adjusted.direction, adjusted.seasonal) == (Direction.STABLE, True)
    assert "usual at each time of day" in adjusted.because


def test_what_begins_today_is_a_trend_whatever_the_days_before_were() -> None:
    values = [0.2] * (72 * 12) + [0.2 + 0.004 * n for n in range(60)]
    assert read(values, window=timedelta(hours=5)).direction is Direction.DEGRADING


@pytest.mark.parametrize(("share", "least"), [(0.0, 0.95), (0.6, 0.92), (0.9, 0.85)])
def test_the_interval_of_the_slope_holds_for_neighbours_that_resemble_each_other(share: float, least: float) -> None:
    dice = random.Random(11)
    held = 0
    for _ in range(60):
        noise = correlated(dice, 48, share)
        found = slope(track(points([100 + 0.1 * n + one for n, one in enumerate(noise)])))
        held += found.low <= 1.2 <= found.high
    assert held / 60 >= least


def test_a_wandering_level_is_seldom_taken_for_a_trend() -> None:
    dice = random.Random(5)
    taken = 0
    for _ in range(60):
        _, seen = course(dice, 72, drift=0.0, wander=4.0, jitter=0.3)
        found = slope(track(points(seen)))
        taken += found.rises or found.falls
    assert taken <= 9


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.floats()), min_size=0, max_size=60))
def test_whatever_is_measured_there_is_an_answer(given_: list[tuple[int, float]]) -> None:
    found = trend([Point(NOON + timedelta(seconds=at), value) for at, value in given_], RESPONSE_TIME)
    assert found.because


def test_many_points_are_drawn_together_by_medians() -> None:
    drawn = drawn_together(track(points([1.0] * 400 + [99.0] + [1.0] * 400)), 100)
    assert len(drawn) <= 100
    assert set(drawn.values) == {1.0}
