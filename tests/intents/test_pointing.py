"""What points at what was shown here: a row by its place, the alert spoken of last, and a question where several fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.ports import Understood
from tests.intents.words import recogniser, said

ALERTS = [[f"alr_{name}", f"{name.title()}: does not answer", f"alr_{name}"] for name in ("github", "trello", "jira")]
FLOWS = [["wf_1", "Release", "Release"], ["wf_2", "Nightly report", "Nightly report"]]
RUNS = [["run_01a", "Release", "run_01a"], ["run_01b", "Release", "run_01b"]]


def alert(id: str, *, severity: str = "high", open: bool = True) -> dict[str, Any]:
    return {"id": id, "label": id, "severity": severity, "open": open}


def subject(**more: Any) -> dict[str, Any]:
    return {"lists": [], "alerts": [], "open_alerts": [], "last": "", **more}


def listed(of: str, rows: list[list[str]]) -> dict[str, Any]:
    return subject(lists=[{"of": of, "rows": rows}], last="list")


ONE = subject(alerts=[alert("alr_github")], open_alerts=[alert("alr_github"), alert("alr_trello")], last="alert")
TWO = {**ONE, "alerts": ONE["open_alerts"]}


def heard(text: str, about: dict[str, Any] | None, *, direct: bool = True) -> Understood:
    return recogniser().read(replace(said(text, workflows=("Release", "Nightly report")), subject=about, direct=direct))


@pytest.mark.parametrize(
    ("words", "of", "command", "meant"),
    [
        ("resolve the second", "alert", "resolve_alert", "alr_trello"),
        ("ack the last one", "alert", "acknowledge_alert", "alr_jira"),
        ("show the first", "alert", "explain_alert", "alr_github"),
        ("snooze the third one for 2 hours", "alert", "snooze_alert", "alr_jira"),
        ("escalate the 2nd alert to @ada", "alert", "escalate_alert", "alr_trello"),
        ("why did the first one fire?", "alert", "explain_alert", "alr_github"),
        ("ack 2", "alert", "acknowledge_alert", "alr_trello"),
        ("the second one", "workflow", "show_workflow", "wf_2"),
        ("pause the last one", "workflow", "pause_workflow", "wf_2"),
        ("run the first workflow", "workflow", "run_workflow", "wf_1"),
        ("delete number 2", "workflow", "delete_workflow", "wf_2"),
        ("2", "workflow", "show_workflow", "wf_2"),
        ("show me the runs of the second", "workflow", "run_history", "wf_2"),
        ("retry the first", "run", "retry_run", "run_01a"),
        ("why did the last one fail?", "run", "show_run", "run_01b"),
    ],
)
def test_a_row_is_meant_by_its_place(words: str, of: str, command: str, meant: str) -> None:
    understood = heard(words, listed(of, {"alert": ALERTS, "workflow": FLOWS, "run": RUNS}[of]))
    assert (understood.command, understood.arguments.get(of), understood.question) == (command, meant, None)


@pytest.mark.parametrize("words", ["ack 1 and 3", "acknowledge the first and the third", "ack numbers 1, 3", "ack #1 & #3"])
def test_several_rows_are_meant_at_once(words: str) -> None:
    understood = heard(words, listed("alert", ALERTS))
    assert (understood.command, understood.arguments["alert"]) == ("acknowledge_alert", "alr_github")
    assert "row 1 of the list" in understood.parts[0][1]
    assert understood.also == (("acknowledge_alert", {"alert": "alr_jira"}),)


def test_a_row_that_is_not_there_is_said_to_be_none() -> None:
    assert "3 alerts" in heard("resolve the fifth", listed("alert", ALERTS)).reply
    assert "no list" in heard("the second one", subject()).reply


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("every friday at 17 post the health report in #friday", "create_workflow"),
        ("on the first of every month at 9 tell #ops hello", "create_workflow"),
        ("how is github doing?", "health_report"),
        ("pause Release", "pause_workflow"),
        ("snooze the github alert for 2 hours", "snooze_alert"),
    ],
)
def test_a_whole_request_points_at_no_row(words: str, command: str) -> None:
    understood = heard(words, listed("alert", ALERTS))
    assert understood.command == command
    assert not str(understood.arguments.get("alert", "")).startswith("alr_")


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("ack it", "acknowledge_alert"),
        ("resolve it", "resolve_alert"),
        ("snooze it for an hour", "snooze_alert"),
        ("who has it?", "explain_alert"),
        ("why?", "explain_alert"),
        ("is anyone on it?", "explain_alert"),
        ("I'm on it", "acknowledge_alert"),
        ("it is fixed now", "resolve_alert"),
        ("false alarm", "resolve_alert"),
        ("escalate to @ada", "escalate_alert"),
        ("note: the vendor knows", "note_alert"),
    ],
)
def test_it_is_the_one_alert_spoken_of_last(words: str, command: str) -> None:
    understood = heard(words, ONE)
    assert (understood.command, understood.arguments.get("alert"), understood.question) == (command, "alr_github", None)


def test_what_is_over_can_be_reopened_but_not_acknowledged() -> None:
    over = subject(alerts=[alert("alr_github", open=False)], last="alert")
    assert heard("reopen it", over).arguments == {"alert": "alr_github"}
    assert heard("ack it", over).command is None


def test_of_several_alerts_one_is_asked_for_with_buttons_and_the_answer_goes_on() -> None:
    asked = heard("snooze it for an hour", TWO)
    assert asked.question
    assert [words for _, words in asked.options] == ["alr_github", "alr_trello"]
    answered = recogniser().read(replace(said("the second one"), pending=asked.remember))
    assert (answered.command, answered.arguments["alert"]) == ("snooze_alert", "alr_trello")
    assert "until" in answered.arguments


def test_an_alert_that_nobody_spoke_of_is_asked_for_among_the_open_ones() -> None:
    asked = heard("ack it", {**ONE, "alerts": [], "last": ""})
    assert (bool(asked.question), len(asked.options)) == (True, 2)
    assert heard("ack it", None).question


def test_the_alert_that_was_just_named_is_told_of_and_still_asked_for_before_anything_changes() -> None:
    assert heard("who has it?", {**TWO, "named": "alr_github"}).arguments == {"alert": "alr_github"}
    assert heard("who has it?", TWO).question
    assert heard("resolve it", {**TWO, "named": "alr_github"}).question


def test_a_kind_of_alert_tells_which_one() -> None:
    both = subject(alerts=[alert("alr_github", severity="critical"), alert("alr_trello")], last="alert")
    assert heard("resolve the critical one", both).arguments == {"alert": "alr_github"}


def test_why_is_about_what_was_last() -> None:
    assert heard("why?", {**ONE, "last": "draft"}).command == "explain_reading"
    assert heard("why did you think that?", ONE).command == "explain_reading"
    pending = {"command": "snooze_alert", "arguments": {}, "slot": "until", "options": []}
    assert recogniser().read(replace(said("why?"), subject=ONE, pending=pending)).command == "explain_reading"


@pytest.mark.parametrize(("words", "command"), [("ack", "acknowledge_alert"), ("it is fixed I think, is it?", None), ("lunch?", None)])
def test_what_people_say_to_each_other_below_an_alert_does_nothing_to_it(words: str, command: str | None) -> None:
    assert heard(words, ONE, direct=False).command == command
