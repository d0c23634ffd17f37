"""The detector of any series: what it tells, what it keeps quiet about, and what no input can do to it."""

from __future__ import annotations

import json
import math
import pickle
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.monitoring.alert import Severity
from engine.monitoring.series.detector import SeriesDetector
from engine.monitoring.series.reading import Reading

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)


def daily(count: int, seed: int = 1) -> Iterator[float]:
    """A day's wave with noise, one value in five minutes."""
    dice = random.Random(seed)
    for at in range(count):
        yield 100 + 30 * math.sin(2 * math.pi * at / 288) + dice.gauss(0, 2)


def fed(detector: SeriesDetector, values: Iterable[float | None], start: datetime = START) -> list[Reading]:
    return [detector.observe(start + at * STEP, value) for at, value in enumerate(values)]


# --- what it tells ---------------------------------------------------------------------------------------------------------


def test_a_spike_is_news_with_the_evidence_in_one_sentence() -> None:
    readings = fed(SeriesDetector(), [*daily(1500), 400.0])
    last = readings[-1]
    assert last.alert
    assert last.score > 0.6
    assert last.score == max(reading.score for reading in readings)
    assert last.severity in (Severity.MEDIUM, Severity.HIGH)
    assert last.because.startswith("400 is unlike any value of late (1 in ")
    assert "beyond everything so far" in last.because
    assert "; expected was " in last.because
    assert not last.expected


def test_a_value_that_is_usual_but_not_at_this_hour_is_unlike_this_time_of_day() -> None:
    readings = fed(SeriesDetector(), [*daily(288 * 6 + 216), 130.0, 130.0])  # the wave is at its lowest there
    assert "unlike this time of day" in readings[-1].because
    assert "beyond everything so far" not in readings[-1].because


def test_the_same_trouble_again_within_hours_is_no_news_but_stays_unusual() -> None:
    readings = fed(SeriesDetector(), [*daily(1500), 400.0, *daily(10), 399.0])
    assert readings[1500].score >= 0.5
    assert readings[-1].score < 0.5
    assert readings[-1].score > 2 * sorted(reading.score for reading in readings)[700]


def test_what_happens_every_day_stops_being_news() -> None:
    values = list(daily(288 * 10))
    for day in range(2, 10):
        values[288 * day + 100] = 300 + day
    readings = fed(SeriesDetector(), values)
    told = [readings[288 * day + 100].score for day in range(2, 10)]
    assert told[0] >= 0.5
    assert max(told[3:]) < 0.5


def test_nothing_is_told_of_the_first_hundred_values() -> None:
    readings = fed(SeriesDetector(), [*daily(50), 1e6, *daily(40)])
    assert all(reading.score < 0.5 and not reading.alert and reading.severity is None for reading in readings)
    assert max(reading.score for reading in readings[50:52]) == max(reading.score for reading in readings)


@pytest.mark.parametrize("walks", [False, True])
def test_plain_noise_opens_no_alert_and_is_hardly_ever_news(walks: bool) -> None:
    dice = random.Random(5)
    noise = [dice.gauss(0, 5) for _ in range(288 * 7)]
    readings = fed(SeriesDetector(), (500 + value for value in (accumulate(noise) if walks else noise)))
    assert not any(reading.alert for reading in readings)
    assert sum(reading.score >= 0.5 for reading in readings) <= 4


def test_a_change_under_a_thousandth_is_no_news_however_rare() -> None:
    readings = fed(SeriesDetector(), [*[1000.0] * 400, 1000.5, *[1000.0] * 20])
    assert all(reading.score < 0.5 for reading in readings)


def test_a_level_that_creeps_away_is_told_of_as_a_drift() -> None:
    dice = random.Random(4)
    values = [100 + dice.gauss(0, 5) for _ in range(3000)]
    readings = fed(SeriesDetector(), [*values, *(value + 0.2 * at for at, value in enumerate(values[:100]))])
    drifting = [reading for reading in readings[3000:] if reading.score >= 0.5]
    assert any("far along a drift of the level" in reading.because for reading in drifting)


def test_a_reading_says_what_was_expected() -> None:
    reading = fed(SeriesDetector(), daily(3000))[-1]
    assert reading.low is not None
    assert reading.high is not None
    assert 50 < reading.low < reading.high < 150
    assert reading.seen == 3000
    assert reading.expected
    assert "nothing rare about it" in reading.because


# --- what no input can do to it --------------------------------------------------------------------------------------------


def test_the_first_value_and_no_value_have_sentences_of_their_own() -> None:
    detector = SeriesDetector()
    assert detector.observe(START, None).because == "No number was given."
    assert "nothing is known yet" in detector.observe(START, 5.0).because


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf, 10**400])
def test_what_is_no_number_scores_nothing_and_teaches_nothing(missing: float | None) -> None:
    detector, other = SeriesDetector(), SeriesDetector()
    for at, value in enumerate(daily(300)):
        assert detector.observe(START + at * STEP, value) == other.observe(START + at * STEP, value)
        assert detector.observe(START + at * STEP, missing).score == 0
    assert json.dumps(detector.snapshot()) == json.dumps(other.snapshot())


def test_a_constant_series_is_silent_and_its_first_change_is_news_once() -> None:
    readings = fed(SeriesDetector(), [*[7.0] * 500, 9.0, *[9.0] * 200, *[7.0] * 200])
    assert all(reading.score == 0 for reading in readings[:500])
    assert readings[500].score > 0.5
    assert sum(reading.score >= 0.5 for reading in readings) == 1


def test_a_quantised_series_does_not_find_every_step_immense() -> None:
    dice = random.Random(2)
    readings = fed(SeriesDetector(), (float(dice.random() < 0.05) for _ in range(3000)))
    assert sum(reading.score >= 0.5 for reading in readings) <= 2


def test_the_reset_of_a_counter_is_news_once() -> None:
    readings = fed(SeriesDetector(), [*map(float, range(0, 12000, 12)), *map(float, range(0, 9600, 12))])
    assert [at for at, reading in enumerate(readings) if reading.score >= 0.5] in ([], [1000])


@pytest.mark.parametrize("start", [START.replace(year=1970), START.replace(year=2199), START - timedelta(minutes=3)])
def test_a_clock_that_jumps_makes_no_storm(start: datetime) -> None:
    detector = SeriesDetector()
    before = fed(detector, daily(1000))
    after = fed(detector, daily(1500, seed=3), start)
    assert sum(reading.score >= 0.5 for reading in [*before, *after]) <= 8  # of 2,500
    assert fed(detector, [500.0], start + 2000 * STEP)[0].score >= 0.5


def test_zones_and_their_lack_change_nothing() -> None:
    plain, zoned, naive = SeriesDetector(), SeriesDetector(), SeriesDetector()
    there = timezone(timedelta(hours=-7))
    for at, value in enumerate(daily(700)):
        moment = START + at * STEP
        same = plain.observe(moment, value)
        assert zoned.observe(moment.astimezone(there), value) == same
        assert naive.observe(moment.replace(tzinfo=None), value) == same


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats() | st.none() | st.sampled_from([0.0, 1.0, 1e308, -1e308, 5e-324]), max_size=60),
    st.lists(st.datetimes(timezones=st.just(UTC)), min_size=1, max_size=20),
    st.integers(0, 3),
)
def test_any_values_at_any_times_give_a_score(values: list[float | None], times: list[datetime], laps: int) -> None:
    detector = SeriesDetector()
    for at, value in enumerate(values * (1 + 2 * laps)):
        reading = detector.observe(times[at % len(times)], value)
        assert 0 <= reading.score <= 1
        assert reading.because
    assert SeriesDetector.restore(json.loads(json.dumps(detector.snapshot(), allow_nan=False))).snapshot() == detector.snapshot()


# --- what it keeps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 99, 350, 1300])
def test_a_restored_snapshot_goes_on_to_the_bit(cut: int) -> None:
    values = list(daily(1700))
    values[1500] = 250.0
    through, first = SeriesDetector(), SeriesDetector()
    whole = fed(through, values)
    fed(first, values[:cut])
    then = SeriesDetector.restore(json.loads(json.dumps(first.snapshot(), allow_nan=False)))
    assert fed(then, values[cut:], START + cut * STEP) == whole[cut:]


@pytest.mark.slow
def test_the_windows_going_round_are_restored_to_the_bit_and_memory_is_bounded() -> None:
    values = list(daily(12_000))
    through, first = SeriesDetector(), SeriesDetector()
    whole = fed(through, values)
    fed(first, values[:7000])
    then = SeriesDetector.restore(json.loads(json.dumps(first.snapshot())))
    assert fed(then, values[7000:], START + 7000 * STEP) == whole[7000:]
    assert len(json.dumps(through.snapshot())) < 330_000
    assert len(pickle.dumps(through)) < 400_000


@pytest.mark.parametrize("damaged", [{}, {"version": 99}, {"version": 1}])
def test_what_is_no_snapshot_is_refused_with_what_to_do(damaged: dict[str, int]) -> None:
    with pytest.raises(Rejected, match="learnt anew"):
        SeriesDetector.restore(damaged)


@pytest.mark.parametrize("window", [[0, "AAAA"], [0, "nothing"], [4000, ""], [3, "AAAAAAAAAAA="], [0], "x"])
def test_a_snapshot_that_was_tampered_with_is_refused(window: object) -> None:
    detector = SeriesDetector()
    fed(detector, daily(150))
    for damaged in ({"value": window}, {"season": {"values": "", "turn": [], "newest": []}}, {"tails": [window]}):
        with pytest.raises(Rejected, match="damaged"):
            SeriesDetector.restore({**detector.snapshot(), **damaged})


def test_a_snapshot_with_a_hole_is_refused() -> None:
    detector = SeriesDetector()
    fed(detector, daily(200))
    for key in ("value", "tails", "season", "residuals", "news", "last"):
        state = detector.snapshot()
        del state[key]
        with pytest.raises(Rejected, match="damaged"):
            SeriesDetector.restore(state)
