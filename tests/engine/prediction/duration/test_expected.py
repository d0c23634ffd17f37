"""How long the next run takes: by its own runs, by its steps, or not at all."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.prediction.duration.course import Leg
from engine.prediction.duration.expected import PastDurations, expected
from engine.prediction.duration.timings import LogNormal, Timings
from engine.prediction.success.circumstances import Part

A, B = Part("jira", "create_issue"), Part("chat", "post_message")


def measured(**means: float) -> Timings:
    timings, dice = Timings(), random.Random(1)
    for _ in range(200):
        timings.heard(A, means.get("a", 1.0) * math.exp(dice.gauss(0, 0.3)))
        timings.heard(B, means.get("b", 1.0) * math.exp(dice.gauss(0, 0.3)))
    return timings


def test_nobody_knows_before_five_runs_or_three_calls_of_every_step() -> None:
    past, timings = PastDurations(), Timings()
    for _ in range(4):
        past.learn(2.0)
    timings.heard(A, 1.0)
    assert expected(past, timings, None) is expected(past, timings, (Leg(A),)) is expected(past, timings, ()) is None
    past.learn(2.0)
    told = expected(past, timings, None)
    assert told is not None
    assert told.samples == 5
    assert told.median == pytest.approx(2.0, rel=0.1)


def test_before_the_first_run_the_steps_add_up() -> None:
    told = expected(PastDurations(), measured(a=2.0, b=3.0), (Leg(A), Leg(B, (0,))))
    assert told is not None
    assert (told.samples, told.median) == (0, pytest.approx(5.2, rel=0.1))
    assert str(told).endswith("(by its steps; it has not run yet)")


def test_what_goes_side_by_side_takes_as_long_as_the_longest() -> None:
    timings, dice = measured(a=4.0, b=4.0), random.Random(2)
    side_by_side = timings.through((Leg(A), Leg(B)))
    drawn = [max(4 * math.exp(dice.gauss(0, 0.3)), 4 * math.exp(dice.gauss(0, 0.3))) for _ in range(4000)]
    assert side_by_side is not None
    assert side_by_side.mean == pytest.approx(sum(drawn) / len(drawn), rel=0.05)
    assert side_by_side.mean > 4.4  # the longer of two alike takes longer than one
    uneven = timings.through((Leg(A), Leg(None, (), 60.0)))
    assert uneven is not None
    assert uneven.mean == pytest.approx(60.0, rel=0.01)


def test_many_runs_outvote_the_steps() -> None:
    past = PastDurations()
    for _ in range(60):
        past.learn(30.0)
    told = expected(past, measured(), (Leg(A),))
    assert told is not None
    assert told.median == pytest.approx(30.0, rel=0.02)


def test_the_old_is_forgotten() -> None:
    past = PastDurations()
    for seconds in [100.0] * 200 + [1.0] * 60:
        past.learn(seconds)
    told = past.expected()
    assert told is not None
    assert told.median == pytest.approx(1.0, rel=0.05)
    assert len(past.logs) == 64


@given(st.lists(st.floats(0, 1e6), max_size=70), st.none() | st.builds(LogNormal, st.floats(-5, 10), st.floats(0, 4)))
def test_nine_in_ten_take_no_less_than_half_and_both_are_seconds(seconds: list[float], steps: LogNormal | None) -> None:
    past = PastDurations()
    for one in seconds:
        past.learn(one)
    told = past.expected(steps)
    if told is not None:
        assert 0 < told.median <= told.long < math.inf
        assert str(told).startswith("usually ")


def test_what_is_said_is_rounded_to_what_it_is_worth() -> None:
    past = PastDurations()
    for seconds in (71.0, 72.0, 73.0, 74.0, 75.0) * 10:
        past.learn(seconds)
    assert str(past.expected()) == "usually 1 minute 13 seconds, nine in ten within 1 minute 15 seconds (50 runs)"
    quick = PastDurations()
    for _ in range(40):
        quick.learn(0.4)
    assert str(quick.expected()).startswith("usually 0.4 seconds")


def test_what_was_learnt_is_the_same_after_a_restart() -> None:
    past, timings = PastDurations(), measured()
    past.learn(0.1)
    assert PastDurations.restore(json.loads(json.dumps(past.state()))).logs == past.logs
    assert Timings.restore(json.loads(json.dumps(timings.state()))).actions == timings.actions


@pytest.mark.parametrize(
    "state",
    [{}, {"version": 2, "logs": []}, {"version": 1, "logs": [99.0]}, {"version": 1, "logs": ["x"]}, {"version": 1, "logs": [0.0] * 65}],
)
def test_damaged_durations_are_refused(state: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="learnt anew"):
        PastDurations.restore(state)
