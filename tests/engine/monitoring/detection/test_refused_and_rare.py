"""Services that only throttle or refuse, and those that are seldom checked: nobody is pressed harder for it, and no limit is blind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.monitoring.detection.limits import Limit, Limits
from engine.monitoring.sample import Outcome
from tests.engine.monitoring.detection.streams import BUSY, ERROR, OK, WRONG, Stream


@pytest.mark.parametrize("answer", [BUSY, WRONG])
def test_what_throttles_or_refuses_after_a_failure_is_not_asked_sooner_and_sooner(answer: Outcome) -> None:
    stream = Stream()
    stream.probe(seconds=3600)
    stream.put(ERROR)
    assert stream.detector.next_probe_in(30.0) <= 5.0
    stream.at += timedelta(seconds=5)
    before = stream.probes
    stream.probe(seconds=3600, outcome=answer)
    assert stream.probes - before <= 125, "two a minute, and a few to be sure"


def test_what_was_suspected_before_an_hour_of_throttling_says_nothing_after_it() -> None:
    stream = Stream()
    stream.probe(seconds=3600)
    stream.put(ERROR)
    stream.probe(seconds=3600, outcome=BUSY)
    stream.probe((ERROR, ERROR, *[OK] * 100), seconds=60)
    assert stream.opened == []


def test_throttling_in_the_middle_of_an_outage_hides_it_for_no_longer_than_it_lasts() -> None:
    stream = Stream()
    stream.probe(seconds=3600)
    stream.probe((ERROR, BUSY, ERROR, BUSY, ERROR, *[ERROR] * 20), seconds=120)
    assert [rule for _, rule in stream.opened] == ["availability"]


@pytest.mark.parametrize("interval", [60.0, 120.0, 600.0])
def test_a_limit_on_failures_counts_for_what_is_seldom_checked(interval: float) -> None:
    stream = Stream(interval=interval, limits=Limits(error_rate=Limit(0.2, 0.5)))
    for number in range(60):
        stream.put(ERROR if number % 3 == 0 else OK)
        stream.at += timedelta(seconds=interval)
    assert "availability" in {rule for _, rule in stream.opened}


def test_a_check_whose_length_is_not_known_is_a_good_check_all_the_same() -> None:
    stream = Stream(interval=15.0, limits=Limits(error_rate=Limit(0.5, 0.6)))
    for number in range(90):
        stream.put(ERROR if number % 3 == 0 else OK, float("nan"))
        stream.at += timedelta(seconds=15)
    assert stream.opened == []
