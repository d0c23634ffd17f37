"""Slowness: what is usual at this time, what is too much, and which operations it is about."""

from __future__ import annotations

import json
import math
import random
from datetime import timedelta

from engine.monitoring.alert import Severity
from engine.monitoring.detection.latency import ENOUGH, OPERATIONS, Latency
from engine.monitoring.sample import Source
from tests.engine.monitoring.detection.streams import OK, Stream

DAY = 86_400.0


def learnt(
    days: float = 8.0, *, every: float = 60.0, height: float = 0.0, batch: float = 0.0, seed: int = 3
) -> tuple[Latency, float, random.Random]:
    """So many days of answers of about 200 ms; ``height`` of the day, and a ``batch`` from 02:00 to 02:40 (logarithms)."""
    latency, dice, at = Latency(), random.Random(seed), 1_767_571_200.0
    for _ in range(int(days * DAY / every)):
        latency.take("probe", usual(at, dice, height, batch), 1.0, every, at)
        at += every
    return latency, at, dice


def usual(at: float, dice: random.Random, height: float, batch: float) -> float:
    inside = 7200 <= at % DAY < 9600
    return 0.2 * math.exp(height * math.cos(at * 2 * math.pi / DAY) + batch * inside + dice.gauss(0, 0.15))


def test_answers_three_times_as_slow_are_told_and_over_when_they_are() -> None:
    latency, at, dice = learnt()
    said = []
    for i in range(40):
        said.append(latency.take("probe", usual(at, dice, 0, 0) * (3 if i < 20 else 1), 1.0, 60, at))
        at += 60
    assert [what for what in said if what] == ["alarm", "over"]
    assert said.index("alarm") < 7
    assert said.index("over") < 32


def test_a_curve_of_the_day_and_a_nightly_batch_are_usual_after_a_week() -> None:
    latency, at, dice = learnt(8, height=0.3, batch=math.log(1.8))
    for _ in range(3 * 1440):
        assert latency.take("probe", usual(at, dice, 0.3, math.log(1.8)), 1.0, 60, at) == ""
        at += 60


def test_a_tenth_slower_is_no_trouble_however_long_it_lasts() -> None:
    latency, at, dice = learnt()
    for _ in range(2 * 1440):
        assert latency.take("probe", 1.1 * usual(at, dice, 0, 0), 1.0, 60, at) == ""
        at += 60


def test_after_six_hours_the_new_level_is_the_usual_one_and_nothing_was_learnt_before() -> None:
    latency, at, dice = learnt()
    before = latency.levels["probe"].middle
    said = []
    for _ in range(60 * 10):
        said.append(latency.take("probe", 3 * usual(at, dice, 0, 0), 1.0, 60, at))
        if said[-1] == "alarm":
            assert latency.levels["probe"].middle - before < 0.2
        at += 60
    assert [what for what in said if what] == ["alarm", "accepted"]
    assert 360 <= said.index("accepted") - said.index("alarm") <= 362


def test_an_accepted_level_is_said_with_its_reason() -> None:
    stream = Stream(interval=120.0)
    stream.probe(seconds=8 * DAY)
    stream.probe(seconds=7 * 3600, times=3)
    assert [rule for _, rule in stream.opened] == ["response_time"]
    assert stream.open == set()
    assert "six hours" in stream.said["response_time"].because


def test_twice_as_slow_is_high_and_the_sentence_names_both_times() -> None:
    stream = Stream(interval=60.0)
    stream.probe(seconds=7 * DAY)
    stream.probe(seconds=900, times=4)
    verdict = stream.said["response_time"]
    assert (verdict.severity, verdict.metric) == (Severity.HIGH, "response time (ms)")
    assert "times as long as is usual" in verdict.because
    assert 300 < verdict.value < 600
    assert verdict.threshold < 200


def test_before_a_hundred_answers_nothing_is_said_of_slowness() -> None:
    stream = Stream()
    for i in range(ENOUGH - 1):
        assert stream.put(latency=0.1 if i < 50 else 5.0)["response_time"].firing is None
        stream.at += timedelta(seconds=30)


def test_constant_and_quantised_answers_make_no_change_infinitely_strange() -> None:
    stream = Stream()
    for i in range(5000):
        stream.put(latency=0.1 if i < 4000 else 0.11)
        stream.at += timedelta(seconds=30)
    assert stream.opened == []


def test_a_slow_operation_is_not_a_slow_service() -> None:
    """A report takes 8 s, a look 50 ms: more reports are no slower answers."""
    stream, dice = Stream(), random.Random(5)
    for hour in range(24 * 8):
        reports = 0.9 if hour >= 24 * 7 else 0.1
        for _ in range(60):
            report = dice.random() < reports
            stream.put(
                OK, (8.0 if report else 0.05) * dice.lognormvariate(0, 0.2), source=Source.CALL, operation="report" if report else "look"
            )
            stream.at += timedelta(seconds=60)
    assert stream.opened == []


def test_one_operation_of_four_that_becomes_slow_is_not_the_service_but_three_of_four_are() -> None:
    def alerts(slow: int) -> list[tuple[float, str]]:
        stream, dice = Stream(), random.Random(6)
        for minute in range(60 * 24 * 8 + 120):
            which = minute % 4
            factor = 4 if minute >= 60 * 24 * 8 and which < slow else 1
            stream.put(OK, 0.1 * factor * dice.lognormvariate(0, 0.2), source=Source.CALL, operation=f"operation_{which}")
            stream.at += timedelta(seconds=60)
        return stream.opened

    assert alerts(1) == []
    assert [rule for _, rule in alerts(3)] == ["response_time"]


def test_operations_without_end_take_no_room_without_end() -> None:
    stream = Stream()
    for i in range(500):
        stream.put(source=Source.CALL, operation=f"made_up_{i}")
        stream.at += timedelta(seconds=1)
    kept = stream.detector.snapshot()
    assert len(kept["latency"]["levels"]) == OPERATIONS
    assert len(json.dumps(kept)) < 60_000


def test_looking_closer_for_slowness_is_rationed() -> None:
    stream = Stream(seed=11)
    stream.probe(seconds=3 * DAY)
    usual_probes = stream.probes
    for _ in range(48):
        stream.probe(seconds=1200)
        stream.probe(seconds=90, times=2.2)
    assert stream.probes - usual_probes < 1.1 * 48 * (1200 + 90) / 30
