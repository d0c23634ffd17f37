"""What is said about the last subject: it is changed, put back, confirmed or dropped; a whole new request wins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.ports import Understood
from tests.intents.test_editing import MERGED, REPORT
from tests.intents.words import recogniser, said

OPEN: dict[str, Any] = {"kind": "draft", "id": "prv_1", "open": True, "revision": 1, "definition": REPORT, "before": None}
STORED: dict[str, Any] = {"kind": "workflow", "id": "wf_1", "workflow": "wf_1", "definition": MERGED, "only": True}


def heard(text: str, subject: dict[str, Any] | None) -> Understood:
    return recogniser().read(replace(said(text, workflows=("report", "release-train", "nightly")), subject=subject))


@pytest.mark.parametrize(
    ("words", "command"),
    [("undo", "cancel_draft"), ("never mind", "cancel_draft"), ("yes", "confirm_draft"), ("also tell #dev", "revise_draft")],
)
def test_an_open_preview_is_steered_by_words(words: str, command: str) -> None:
    understood = heard(words, OPEN)
    assert understood.command == command
    assert understood.arguments["draft"] == "prv_1"


def test_undo_of_a_changed_preview_shows_what_was_before() -> None:
    assert heard("undo that", {**OPEN, "before": MERGED}).arguments["definition"] == MERGED


@pytest.mark.parametrize(
    ("words", "command"), [("undo", "rollback_workflow"), ("retry 5 times", "edit_workflow"), ("also tell #dev", "edit_workflow")]
)
def test_a_stored_workflow_is_changed_or_put_back(words: str, command: str) -> None:
    understood = heard(words, STORED)
    assert (understood.command, understood.arguments["workflow"]) == (command, "wf_1")


def test_it_means_the_only_workflow_spoken_of_and_is_asked_back_otherwise() -> None:
    assert heard("pause it", STORED).arguments["workflow"] == "wf_1"
    assert heard("pause it", {**STORED, "only": False}).question


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("when a pull request is opened in GitHub, tell #review", "create_workflow"),
        ("every friday at 17 post the health report in #friday", "create_workflow"),
        ("pause nightly", "pause_workflow"),
        ("list workflows", "list_workflows"),
        ("how is github doing?", "health_report"),
    ],
)
@pytest.mark.parametrize("subject", [OPEN, STORED])
def test_a_whole_new_request_wins(words: str, command: str, subject: dict[str, Any]) -> None:
    assert heard(words, subject).command == command
    assert "definition" not in heard(words, subject).arguments


@pytest.mark.parametrize("words", ["undo", "yes", "also tell #dev", "same for gitlab", "cancel"])
def test_without_a_subject_nothing_is_confirmed_changed_or_put_back(words: str) -> None:
    assert heard(words, None).command not in ("confirm_draft", "cancel_draft", "revise_draft", "rollback_workflow")


def test_an_answer_about_one_service_is_asked_for_about_another() -> None:
    answer = {"kind": "answer", "id": "health_report", "command": "health_report", "arguments": {"service": "github"}}
    assert heard("and for gitlab?", answer).arguments == {"service": "gitlab"}


def test_what_an_edit_was_read_as_can_be_told() -> None:
    (part,) = heard("yes but at 10", OPEN).parts
    assert part == ("", "Start: “every weekday at 09:00 (UTC)” becomes “every weekday at 10:00 (UTC)”")
