"""Failures ahead: counted, not guessed; too little past is an answer."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from engine.monitoring.forecast.credible import cumulated, interval
from engine.monitoring.forecast.failure import HORIZONS, Risk, Tally, failure_ahead, tallies, together
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.forecast.precursor import Look, failed, lessons, seen
from tests.engine.monitoring.forecast.worlds import failing_world, period, reliability

HOUR = timedelta(hours=1)
NOTHING = {horizon: Tally() for horizon in HORIZONS}


def test_an_hour_is_looked_at_by_the_worse_of_errors_and_slowness() -> None:
    calm = [period(n) for n in range(96)]
    assert seen(calm).look is Look.CALM  # type: ignore[union-attr]
    one_bad = [*calm[:-1], period(95, errors=1)]
    assert seen(one_bad).look is Look.UNEASY  # type: ignore[union-attr]
    slow = [*calm[:-12], *(period(n, latency=0.4) for n in range(84, 96))]
    assert seen(slow).look is Look.STRAINED  # type: ignore[union-attr]
    erring = [*calm[:-12], *(period(n, errors=2) for n in range(84, 96))]
    assert seen(erring).look is Look.FAILING  # type: ignore[union-attr]
    assert seen([]) is None


def test_without_days_of_past_the_answer_is_what_is_needed_and_what_there_is() -> None:
    history = [period(n) for n in range(48)]
    answers = failure_ahead(history, tallies(history), NOTHING)
    assert all(isinstance(answer, NotEnough) for answer in answers)
    assert "within 4 hours needs 3.3 days of history" in answers[1].because


def test_what_fails_now_and_what_nobody_checked_is_not_foreseen() -> None:
    down = [*(period(n) for n in range(30)), period(30, errors=10, latency=None)]
    assert "fails right now" in failure_ahead(down, NOTHING, NOTHING)[0].because
    assert "was not checked" in failure_ahead([], NOTHING, NOTHING)[0].because


def test_overlapping_hours_count_by_what_they_do_not_share() -> None:
    history = [period(n) for n in range(288)]
    assert tallies(history)[timedelta(hours=4)].total == pytest.approx(20 / 4, abs=0.2)
    assert tallies(history)[timedelta(hours=24)].total < 0.1


def test_the_hour_before_a_failure_teaches_and_the_failure_itself_does_not() -> None:
    history = [period(n, errors=10 if n in (60, 61, 62) else 0, latency=None if n in (60, 61, 62) else 0.2) for n in range(120)]
    found = lessons(history, (HOUR,))[HOUR]
    assert sum(lesson.failed for lesson in found) == 4  # of every third period, those that end within the hour before
    assert len(found) == 36 - 1


def test_the_other_accounts_of_the_house_are_the_prior_of_one_that_never_failed() -> None:
    history = [period(n) for n in range(300)]
    others = {horizon: Tally((200.0, 10.0, 5.0, 10.0), (1.0, 1.0, 2.0, 8.0)) for horizon in HORIZONS}
    calm = failure_ahead(history, tallies(history), others)[0]
    erring = [*history, *(period(n, errors=2) for n in range(300, 312))]
    strained = failure_ahead(erring, tallies(history), others)[0]
    assert isinstance(calm, Risk)
    assert isinstance(strained, Risk)
    assert calm.probability < 0.02 < 0.5 < strained.probability
    assert strained.low < strained.probability < strained.high
    assert "windows like that (failing)" in strained.because


def test_tallies_add_up_and_are_taken_away_again() -> None:
    one, two = Tally((4.0, 1.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)), Tally((2.0, 0.0, 0.0, 1.0))
    assert together([{HOUR: one}, {HOUR: two}], (HOUR,))[HOUR].less(two) == one


def test_the_interval_of_a_share_is_that_of_the_beta_distribution() -> None:
    assert interval(1, 1) == pytest.approx((0.05, 0.95), abs=1e-9)
    low, high = interval(3, 17)
    assert cumulated(3, 17, low) == pytest.approx(0.05, abs=1e-9)
    assert cumulated(3, 17, high) == pytest.approx(0.95, abs=1e-9)
    assert cumulated(2, 3, 0.4) == pytest.approx(6 * 0.4**2 - 8 * 0.4**3 + 3 * 0.4**4, abs=1e-12)


@pytest.mark.slow
def test_chances_of_failure_come_true_as_often_as_they_say() -> None:
    dice = random.Random(9)
    worlds = [failing_world(dice, 24, dice.choice((0.1, 0.3, 0.6))) for _ in range(12)]
    train = 14 * 288
    own = [tallies(world[:train]) for world in worlds]
    pairs: dict[timedelta, list[tuple[float, bool]]] = {horizon: [] for horizon in HORIZONS}
    for world, known in zip(worlds, own, strict=True):
        others = together(one for one in own if one is not known)
        for at in range(train, len(world) - 288, 24):
            for horizon, answer in zip(HORIZONS, failure_ahead(world[at - 900 : at], known, others), strict=True):
                if isinstance(answer, Risk):
                    came = any(failed(one) for one in world[at : at + int(horizon / timedelta(minutes=5))])
                    pairs[horizon].append((answer.probability, came))
    for horizon, found in pairs.items():
        base = sum(came for _, came in found) / len(found)
        assert sum((chance - came) ** 2 for chance, came in found) / len(found) <= base * (1 - base), horizon
        for count, said, came in reliability(found, (0.0, 0.1, 0.3, 0.6, 1.01)):
            assert count < 30 or abs(said - came) < 0.15, (horizon, count, said, came)
