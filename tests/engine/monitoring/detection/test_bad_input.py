"""Clocks that jump, samples that come late or twice, machines that sleep, numbers that are none: no false alarm, no exception."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.sample import Outcome, Sample, Source
from tests.engine.clock import NOON
from tests.engine.monitoring.detection.streams import ERROR, Stream


def test_late_and_doubled_samples_count_nothing() -> None:
    stream = Stream()
    stream.probe(seconds=600)
    for _ in range(50):
        stream.put(ERROR, at=stream.at - timedelta(seconds=31))
    assert stream.opened == []


def test_a_machine_that_slept_wakes_without_a_word() -> None:
    stream = Stream()
    stream.probe(seconds=7200)
    stream.put(ERROR)
    stream.at += timedelta(hours=9)
    stream.put(ERROR)
    stream.at += timedelta(seconds=5)
    stream.put(ERROR)
    stream.at += timedelta(seconds=5)
    stream.probe(seconds=3600)
    assert stream.opened == []


def test_a_clock_set_back_an_hour_blinds_nobody_for_an_hour() -> None:
    stream = Stream()
    stream.probe(seconds=7200)
    stream.at -= timedelta(hours=1)
    stream.probe(seconds=300)
    assert stream.opened == []
    stream.probe(seconds=60, outcome=ERROR)
    assert [rule for _, rule in stream.opened] == ["availability"]


def test_a_clock_that_leaps_a_year_ahead_and_back_is_survived() -> None:
    stream = Stream()
    stream.probe(seconds=7200)
    stream.put(at=NOON + timedelta(days=400))
    stream.probe(seconds=600)
    stream.probe(seconds=60, outcome=ERROR)
    assert [rule for _, rule in stream.opened] == ["availability"]


def test_a_leap_of_the_clock_in_the_middle_of_an_outage_does_not_keep_it_open_for_a_year() -> None:
    stream = Stream()
    stream.probe(seconds=7200)
    stream.probe(seconds=600, outcome=ERROR)
    stream.put(at=NOON + timedelta(days=400))
    stream.probe(seconds=900)
    assert stream.open == set()


SAMPLES = st.builds(
    Sample, st.just("github"), st.just("default"), st.integers(-3_000_000, 3_000_000).map(lambda s: NOON + timedelta(seconds=s)),
    st.sampled_from(Source), st.sampled_from(Outcome), st.floats(), st.text(max_size=20), st.text(max_size=5),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(SAMPLES, max_size=60), st.sets(st.sampled_from(["availability", "credential", "response_time", "throughput"])))
def test_whatever_comes_there_is_a_verdict_and_a_snapshot_that_reads_back(samples: list[Sample], standing: set[str]) -> None:
    detector = AccountDetector("github", "default")
    for sample in samples:
        assert len(detector.observe(sample, open=standing)) == 4
    again = AccountDetector.restore(json.loads(json.dumps(detector.snapshot(), allow_nan=False)))
    assert again.snapshot() == detector.snapshot()
