"""The detector of an account: what is trouble, how soon it is said, when it is over, and what is none."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from engine.errors import Invalid
from engine.monitoring.alert import Severity
from engine.monitoring.detection.account import AccountDetector
from engine.monitoring.detection.limits import Limit, Limits
from engine.monitoring.sample import Source
from tests.engine.monitoring.detection.streams import BUSY, ERROR, OK, WRONG, Stream


@pytest.mark.parametrize(("interval", "within"), [(30.0, 60.0), (2.0, 30.0), (0.15, 3.0)])
def test_a_service_that_answered_once_and_then_is_gone_has_its_alert_in_time(interval: float, within: float) -> None:
    stream = Stream(interval=interval)
    stream.probe(seconds=interval)
    stream.probe(seconds=within, outcome=ERROR)
    (opened,) = stream.opened
    assert opened[1] == "availability"
    assert stream.said["availability"].severity is Severity.CRITICAL
    assert "usually 1 in" in stream.said["availability"].because
    assert stream.detector.state.status == "offline"


def test_two_failures_are_not_yet_an_outage_but_are_looked_at_closely() -> None:
    stream = Stream()
    stream.probe(seconds=600)
    assert stream.detector.next_probe_in(30.0) == 30.0
    stream.probe([ERROR, ERROR], seconds=6)
    assert stream.said["availability"].firing is None
    assert stream.detector.next_probe_in(30.0) == 5.0
    assert stream.detector.next_probe_in(2.0) == 2.0
    stream.probe(seconds=60)
    assert stream.opened == []
    assert stream.detector.next_probe_in(30.0) == 30.0


def test_a_service_that_never_answered_with_its_credential_is_misconfigured_and_no_alert() -> None:
    for outcome in (ERROR, WRONG):
        stream = Stream()
        stream.probe(seconds=1800, outcome=outcome)
        assert [verdict.firing for verdict in stream.said.values()] == [None] * 4
        assert stream.detector.state.status == "unknown"
        assert stream.probes == 60


def test_a_credential_that_worked_and_is_refused_now_is_said_as_such_and_is_no_outage() -> None:
    stream = Stream()
    stream.probe(seconds=300)
    stream.probe(seconds=60, outcome=WRONG)
    assert [rule for _, rule in stream.opened] == ["credential"]
    assert stream.said["credential"].severity is Severity.HIGH
    stream.probe(seconds=90)
    assert stream.open == set()


def test_an_operation_that_is_forbidden_says_nothing_about_the_credential() -> None:
    stream = Stream()
    stream.probe(seconds=300)
    for _ in range(20):
        stream.put(WRONG, source=Source.CALL, operation="delete_repo")
        stream.at += timedelta(seconds=20)
    assert stream.opened == []


def test_throttling_neither_begins_nor_ends_anything() -> None:
    stream = Stream()
    stream.probe(seconds=300)
    stream.probe(seconds=1800, outcome=BUSY)
    assert stream.opened == []
    stream.probe(seconds=120, outcome=ERROR)
    stream.probe(seconds=1800, outcome=BUSY)
    assert stream.open == {"availability"}


def test_it_is_over_after_some_minutes_of_good_checks_and_not_before() -> None:
    stream = Stream()
    stream.probe(seconds=300)
    stream.probe(seconds=600, outcome=ERROR)
    stream.probe(seconds=120)
    assert stream.open == {"availability"}
    stream.probe(seconds=150)
    assert stream.open == set()
    assert "checks in a row were good" in stream.said["availability"].because


def test_a_service_that_flaps_has_one_alert() -> None:
    stream = Stream()
    stream.probe(seconds=3600)
    for _ in range(6):
        stream.probe(seconds=120, outcome=ERROR)
        stream.probe(seconds=180)
    assert len(stream.opened) == 1
    stream.probe(seconds=1200)
    assert stream.open == set()


def test_a_restart_from_its_snapshot_changes_nothing_that_is_said() -> None:
    one, dice = Stream(), Stream(seed=7).dice
    outcomes = [ERROR if dice.random() < (0.4 if 600 < i < 700 else 0.01) else OK for i in range(1500)]
    other: AccountDetector | None = None
    for i, outcome in enumerate(outcomes):
        if i % 97 == 5:
            other = AccountDetector.restore(json.loads(json.dumps(one.detector.snapshot())))
        latency = 0.1 * dice.lognormvariate(0, 0.2) * (3 if 900 < i < 960 else 1)
        before = frozenset(one.open)
        one.put(outcome, latency, source=Source.CALL if i % 3 else Source.PROBE, operation=f"op{i % 4}")
        if other is not None:
            detail = "" if outcome is OK else "connection refused"
            from engine.monitoring.sample import Sample

            again = other.observe(
                Sample("github", "default", one.at, Source.CALL if i % 3 else Source.PROBE, outcome, latency, detail, f"op{i % 4}"),
                open=before,
            )
            assert again == tuple(one.said.values())
            assert other.state == one.detector.state
            assert other.next_probe_in(30.0) == one.detector.next_probe_in(30.0)
        one.at += timedelta(seconds=30)
    assert {rule for _, rule in one.opened} == {"availability", "response_time"}


def test_a_snapshot_of_another_version_or_a_damaged_one_is_refused_in_words() -> None:
    kept = Stream().detector.snapshot()
    with pytest.raises(Invalid, match="another version"):
        AccountDetector.restore({**kept, "version": 0})
    with pytest.raises(Invalid, match="damaged"):
        AccountDetector.restore({**kept, "latency": {}})


def test_a_limit_that_a_person_set_decides_instead_of_what_was_learnt() -> None:
    stream = Stream(limits=Limits(response_time=Limit(0.5, 1.0)))
    stream.probe(seconds=3 * 3600)
    stream.probe(seconds=900, times=3)
    assert stream.opened == []
    stream.probe(seconds=300, times=7)
    assert [rule for _, rule in stream.opened] == ["response_time"]
    assert stream.said["response_time"].severity is Severity.MEDIUM
    assert "over the limit of 500 ms" in stream.said["response_time"].because
    stream.probe(seconds=300)
    assert stream.open == set()


def test_a_limit_of_the_success_rate_allows_what_it_allows_and_no_outage() -> None:
    limits = Limits.of(success_rate=Limit(0.6, 0.4))
    assert limits.error_rate == Limit(pytest.approx(0.4), pytest.approx(0.6))
    stream = Stream(limits=limits)
    stream.probe(seconds=3600)
    stream.probe([OK, OK, OK, ERROR] * 300, seconds=3600)
    assert stream.opened == []
    stream.probe(seconds=1200)
    stream.probe(seconds=90, outcome=ERROR)
    assert [rule for _, rule in stream.opened] == ["availability"]


def test_failing_calls_and_failing_probes_of_the_same_seconds_are_the_same_bad_luck() -> None:
    """Ten calls a second that fail for a quarter of a minute are a blip; for three quarters they are an outage."""
    for seconds, expected in ((15, []), (45, ["availability"])):
        stream = Stream()
        stream.probe(seconds=3600)
        for tenth in range(seconds * 10):
            source = Source.PROBE if tenth % 50 == 0 else Source.CALL
            stream.put(ERROR, source=source, operation="probe" if source is Source.PROBE else "read")
            stream.at += timedelta(seconds=0.1)
        assert [rule for _, rule in stream.opened] == expected
