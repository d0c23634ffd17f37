"""The time until a limit is reached: chances that come true as often as they say, intervals that hold, and no number without data."""

from __future__ import annotations

import math
import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.forecast.limit import Reach, time_to_limit
from engine.monitoring.forecast.measure import QUOTA, SUCCESS_RATE
from engine.monitoring.forecast.points import NotEnough, Point
from tests.engine.clock import NOON
from tests.engine.monitoring.forecast.worlds import course, points

HOUR = 3600.0


def reach(values: list[float], limit: float, **more: object) -> Reach:
    found = time_to_limit(points(values), limit, QUOTA, **more)  # type: ignore[arg-type]
    assert isinstance(found, Reach)
    return found


def test_a_straight_rise_is_there_when_the_rule_of_three_says() -> None:
    found = reach([100.0 + n for n in range(24)], 483.0)  # 12 an hour, 360 to go
    assert found.seconds == pytest.approx(30 * HOUR, rel=0.02)
    assert found.within(29 * HOUR) < 0.5 < found.within(31 * HOUR)
    assert "of 483" in found.because


def test_what_stands_still_or_falls_does_not_get_there() -> None:
    for values in ([100.0] * 24, [200.0 - n for n in range(24)]):
        found = reach(values, 400.0)
        assert (found.seconds, found.moving) == (None, False)
        assert found.probability < 0.01
        assert "under 1 %" in found.because


def test_two_hours_say_much_about_the_next_one_and_little_about_the_day_after() -> None:
    near, far = (reach([100.0 + n for n in range(24)], limit) for limit in (135.0, 483.0))
    assert near.high is not None
    assert near.low is not None
    assert far.low is not None
    assert far.high is not None
    assert (near.high - near.low) / HOUR < 0.6
    assert (far.high - far.low) / HOUR > 10


def test_what_is_over_its_limit_is_there_already() -> None:
    found = reach([500.0] * 24, 400.0)
    assert (found.seconds, found.probability) == (0.0, 1.0)
    assert "already" in found.because


def test_a_limit_below_is_reached_by_falling() -> None:
    found = time_to_limit(points([1.0 - 0.002 * n for n in range(24)]), 0.9, SUCCESS_RATE, rising=False)
    assert isinstance(found, Reach)
    assert found.seconds == pytest.approx((0.1 - 0.046) / 0.024 * HOUR, rel=0.02)


def test_a_ramp_after_a_quiet_day_counts_from_where_it_began() -> None:
    dice = random.Random(2)
    quiet = [100 + dice.gauss(0, 1) for _ in range(200)]
    ramp = [100 + 5 * n + dice.gauss(0, 1) for n in range(24)]
    found = reach(quiet + ramp, 1000.0)
    assert found.seconds == pytest.approx((1000 - 215) / 60 * HOUR, rel=0.15)


def test_with_too_few_points_no_number_is_made_up() -> None:
    for values in ([], [1.0] * 11):
        found = time_to_limit(points(values), 10.0, QUOTA)
        assert isinstance(found, NotEnough)
        assert "needs 12 points" in found.because


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(-1e12, 1e12)), min_size=12, max_size=40, unique_by=lambda one: one[0]),
    st.floats(-1e12, 1e12),
)
def test_chances_are_chances_and_grow_with_the_horizon(given_: list[tuple[int, float]], limit: float) -> None:
    found = time_to_limit([Point(NOON + timedelta(seconds=at), value) for at, value in given_], limit, QUOTA)
    if isinstance(found, Reach):
        chances = [found.within(hours * HOUR) for hours in (0, 0.5, 1, 4, 24, 240)]
        assert all(0.0 <= chance <= 1.0 and not math.isnan(chance) for chance in chances)
        assert all(later >= earlier - 0.02 for earlier, later in pairwise(chances))


def test_chances_come_true_as_often_as_they_say_and_four_of_five_lie_in_the_interval() -> None:
    dice = random.Random(4)
    inside, pairs = 0, []
    for _ in range(60):
        drift, wander, jitter = dice.uniform(0, 12), dice.choice((0.0, 1.0, 4.0)), dice.choice((0.0, 2.0))
        levels, seen = course(dice, 96, drift=drift, wander=wander, jitter=jitter)
        limit = levels[47] + dice.uniform(0.3, 1.7) * max(4 * drift, 4.0)
        found = reach(seen[:48], limit, horizon=4 * HOUR)
        came = next((300.0 * number for number, level in enumerate(levels[48:], 1) if level >= limit), None)
        pairs.append((found.probability, came is not None))
        low, high = found.low if found.low is not None else math.inf, found.high if found.high is not None else math.inf
        inside += high > 4 * HOUR if came is None else low - 300 <= came <= high + 300
    assert inside / 60 >= 0.8
    base = sum(came for _, came in pairs) / 60
    brier = sum((chance - came) ** 2 for chance, came in pairs) / 60
    assert brier < 0.5 * base * (1 - base)


def daily(count: int, extra: float = 0.0) -> list[float]:
    """Slower by day, every five minutes; ``extra`` an hour in the last three hours, which end in the morning."""
    return [600 + 250 * math.sin(2 * math.pi * n / 288) + extra / 12 * max(0, n - count + 36) for n in range(count)]


def test_a_usual_morning_is_not_on_its_way_to_the_limit_and_an_unusual_one_is() -> None:
    count = 3 * 288 + 40  # three days and the first hours of a rise
    for extra, foreseen in ((0.0, False), (60.0, True)):
        found = time_to_limit(points(daily(count, extra)), 1000.0, QUOTA, horizon=4 * HOUR, window=timedelta(hours=6))
        assert isinstance(found, Reach)
        assert (found.moving and found.probability > 0.5) is foreseen
        assert "beside what is usual at each time of day" in found.because
    without = time_to_limit(points(daily(count)[-72:]), 1000.0, QUOTA, horizon=8 * HOUR, window=timedelta(hours=6))
    assert isinstance(without, Reach)
    assert without.probability > 0.5, "whoever does not know the day takes its morning for a ramp"


def test_what_the_hours_ahead_usually_add_is_put_on_top() -> None:
    before_the_rise = daily(3 * 288 + 6 * 12 + 180)  # in the valley of the night
    found = time_to_limit(points(before_the_rise), 800.0, QUOTA, window=timedelta(hours=6))
    assert isinstance(found, Reach)
    assert found.within(HOUR) < 0.1
    assert found.within(16 * HOUR) > 0.9
    assert (found.usual(HOUR), found.usual(16 * HOUR)) == (False, True)
