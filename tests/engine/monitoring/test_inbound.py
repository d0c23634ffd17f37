"""Alerts that others send: what they say becomes signals, whatever else stands in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.monitoring.alert import Severity, fingerprint
from engine.monitoring.inbound import LONGEST_TEXT, MOST, Sender, signals_of
from tests.engine.clock import NOON


def alertmanager(**changes: Any) -> dict[str, Any]:
    alert = {
        "status": "firing",
        "labels": {"alertname": "DiskFull", "service": "postgres", "severity": "page", "host": "db1"},
        "annotations": {"summary": "Disk of db1 is 97 % full", "runbook_url": "https://wiki.example/disk"},
        "startsAt": "2026-03-04T11:58:00Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example/graph",
        "fingerprint": "c0ffee",
    }
    return {"version": "4", "status": "firing", "receiver": "signalbox", "groupLabels": {}, "alerts": [{**alert, **changes}]}


def test_an_alert_of_alertmanager_is_about_its_service_and_says_what_is_wrong() -> None:
    (signal,) = signals_of(Sender.ALERTMANAGER, alertmanager(), NOON)
    assert (signal.rule, signal.service, signal.severity, signal.firing) == ("DiskFull", "postgres", Severity.CRITICAL, True)
    assert (signal.message, signal.runbook) == ("Disk of db1 is 97 % full", "https://wiki.example/disk")
    assert signal.labels == {"service": "postgres", "host": "db1"}
    assert signal.fingerprint == "alertmanager/c0ffee"
    assert signal.ends_at is None, "an end in the year 1 is none"


def test_its_end_has_the_same_fingerprint() -> None:
    (begun,), (over,) = (
        signals_of(Sender.ALERTMANAGER, alertmanager(), NOON),
        signals_of(Sender.ALERTMANAGER, alertmanager(status="resolved"), NOON),
    )
    assert (begun.firing, over.firing) == (True, False)
    assert begun.fingerprint == over.fingerprint


def test_without_a_fingerprint_the_labels_are_one_and_no_time_is_in_it() -> None:
    first, later = (
        signals_of(Sender.ALERTMANAGER, alertmanager(fingerprint=None, startsAt=at), NOON)[0]
        for at in ("2026-03-04T11:58:00Z", "2026-03-04T12:58:00Z")
    )
    assert first.fingerprint == later.fingerprint
    other = signals_of(Sender.ALERTMANAGER, alertmanager(fingerprint=None, labels={"alertname": "DiskFull", "host": "db2"}), NOON)[0]
    assert other.fingerprint != first.fingerprint


def test_grafana_sends_the_same_and_its_value() -> None:
    body = {**alertmanager(values={"B": 97.5}), "orgId": 1, "title": "[FIRING:1] DiskFull", "state": "alerting"}
    (signal,) = signals_of(Sender.GRAFANA, body, NOON)
    assert (signal.value, signal.source) == (97.5, "grafana")


def test_any_alert_of_our_own_form_is_taken_and_ends_by_itself_where_it_says_so() -> None:
    said = {"title": "Disk full", "service": "postgres", "severity": "high", "message": "97 %", "key": "db1", "lasts": "PT30M", "value": 97}
    (signal,) = signals_of(Sender.GENERIC, said, NOON)
    assert (signal.message, signal.severity, signal.fingerprint) == ("Disk full: 97 %", Severity.HIGH, "generic/db1")
    assert signal.ends_at == NOON + timedelta(minutes=30)
    assert not signals_of(Sender.GENERIC, [{**said, "status": "resolved"}], NOON)[0].firing


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"service": "x"}, "say what is wrong"),
        ({"title": "x", "severity": "awful"}, "no severity"),
        ({"title": "x", "status": "perhaps"}, "neither firing nor resolved"),
        ({"title": "x", "lasts": "P90D"}, "up to 7 days"),
        ({"title": "x", "lasts": "soon"}, "such as PT30M"),
        ({"title": "x", "value": "much"}, "a number"),
        ({"title": "x", "labels": ["a"]}, "an object such as"),
        ({"title": "x", "titel": "y"}, "“titel” is not known here"),
        ([3], "an alert is an object"),
        ("fire!", "Send one alert as an object"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_send(body: Any, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        signals_of(Sender.GENERIC, body, NOON)


def test_too_many_at_once_are_refused_and_one_that_cannot_be_read_takes_none_with_it() -> None:
    with pytest.raises(Invalid, match="at most 5,000"):
        signals_of(Sender.GENERIC, [{"title": "x"}] * (MOST + 1), NOON)
    with pytest.raises(Invalid, match="nothing of the delivery was taken"):
        signals_of(Sender.GENERIC, [{"title": "x"}, {}], NOON)


def test_hostile_words_stay_words_of_a_bearable_length() -> None:
    words = "<!channel> **@everyone** \u202e\u0000<b>x</b>" + "A" * 1_000_000
    labels = {f"label {number} {words[:99]}": words[:99] for number in range(10_000)}
    (signal,) = signals_of(
        Sender.ALERTMANAGER,
        alertmanager(
            labels={"alertname": words, **labels}, annotations={"summary": words, "runbook_url": "javascript:alert(1)"}, fingerprint=words
        ),
        NOON,
    )
    assert len(signal.message) == LONGEST_TEXT
    assert "\u202e" not in signal.message
    assert "\0" not in signal.message
    assert signal.runbook == ""
    assert sum(len(name) + len(value) for name, value in signal.labels.items()) < 10_000
    assert len(signal.fingerprint) < 300


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["firing", "resolved", "2026-03-04T11:58:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["alerts", "status", "labels", "annotations", "title", "endsAt", "values", "lasts", "severity"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.sampled_from(Sender), anything)
def test_whatever_is_sent_becomes_signals_or_a_sentence(sender: Sender, body: Any) -> None:
    said: list[str]
    try:
        said = [signal.message for signal in signals_of(sender, body, NOON)]
    except Invalid as error:
        said = [str(error)]
    assert all(said)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400, "much", True])
def test_a_number_that_is_none_is_refused_in_our_form_and_left_out_of_grafanas(number: object) -> None:
    for name in ("value", "threshold"):
        with pytest.raises(Invalid) as refused:
            signals_of(Sender.GENERIC, {"title": "Disk full", name: number}, NOON)
        assert "a number, and a finite one" in str([problem.message for problem in refused.value.problems])
    alert = {"status": "firing", "labels": {"alertname": "Disk"}, "values": {"A": number}}
    assert signals_of(Sender.GRAFANA, {"alerts": [alert]}, NOON)[0].value == 0.0


def test_half_characters_do_not_get_in() -> None:
    said = {"title": "Disk\ud800 full", "service": "pg\udfff", "labels": {"\ud800": "x", "host": "\udc00db1"}, "key": "\ud801k"}
    (signal,) = signals_of(Sender.GENERIC, said, NOON)
    assert (signal.message, signal.service, dict(signal.labels), signal.key) == ("Disk full", "pg", {"host": "db1"}, "k")


def test_what_is_sent_is_never_taken_for_an_alert_of_the_house() -> None:
    (said,) = signals_of(Sender.GENERIC, {"rule": "availability", "service": "github", "account": "default", "status": "resolved"}, NOON)
    assert said.fingerprint != fingerprint("availability", "github", "default")
    (again,) = signals_of(Sender.GENERIC, {"rule": "availability", "service": "github"}, NOON)
    assert again.fingerprint == said.fingerprint, "the same trouble is the same, whether it begins or ends"
    (other,) = signals_of(Sender.GENERIC, {"rule": "availability", "service": "github", "labels": {"host": "b"}}, NOON)
    assert other.fingerprint != said.fingerprint
