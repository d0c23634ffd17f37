"""Not to be woken for something is a wish for quiet: never the opposite of it, and never a promise that nothing was asked."""

from __future__ import annotations

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    ("text", "service", "until"),
    [
        ("do not wake me for github until 8", "github", "2026-11-24T08:00:00+00:00"),
        ("you don't need to wake me for jira until tomorrow 9:00", "jira", "2026-11-24T09:00:00+00:00"),
        ("dont wake anybody for the trello alert until 7", "trello", "2026-11-24T07:00:00+00:00"),
        ("nobody needs to be woken for box before 8", "box", "2026-11-24T08:00:00+00:00"),
        ("no pages for stripe until 9am", "stripe", "2026-11-24T09:00:00+00:00"),
        ("dont bug me about box before noon", "box", "2026-11-23T12:00:00+00:00"),
    ],
)
def test_not_to_be_woken_is_a_snooze(text: str, service: str, until: str) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == ("snooze_alert", {"service": service, "until": until})


@pytest.mark.parametrize(
    "text", ["never wake me for trello", "stop waking me up for jira", "dont wake me up for github tonight", "snooze github tonight"]
)
def test_quiet_without_an_end_is_asked_for_its_end(text: str) -> None:
    understood = read(text)
    assert understood.command == "snooze_alert"
    assert understood.question is not None
    assert "quiet" in understood.question
    assert "until" not in understood.arguments


@pytest.mark.parametrize("text", ["wake the github alert", "wake github again", "unsnooze github"])
def test_an_alert_itself_is_woken(text: str) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == ("wake_alert", {"service": "github"})


@pytest.mark.parametrize("text", ["help", "Help!", "help me", "commands?"])
def test_a_bare_call_for_help_is_help(text: str) -> None:
    assert read(text).command == "help"


@pytest.mark.parametrize("text", ["i got the github one", "I've got the GitHub one"])
def test_who_has_one_acknowledges_it(text: str) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == ("acknowledge_alert", {"service": "github"})


@pytest.mark.parametrize(
    ("text", "command"), [("nightly-sync → pause", "pause_workflow"), ("show to me the runs of nightly-sync", "run_history")]
)
def test_an_order_may_name_its_workflow_first(text: str, command: str) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == (command, {"workflow": "nightly-sync"})
