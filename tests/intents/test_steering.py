"""Sentences that steer runs and versions, and those that only sound like it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

NAMES = ("release flow", "nightly-sync", "Lead Import")
SAID: list[tuple[str, str, dict[str, Any]]] = [
    ("pause the run of nightly-sync", "pause_run", {"workflow": "nightly-sync"}),
    ("please hold run_01J9ZQ", "pause_run", {"run": "run_01J9ZQ"}),
    ("resume the run of release flow", "resume_run", {"workflow": "release flow"}),
    ("let the paused run of nightly-sync go on", "resume_run", {"workflow": "nightly-sync"}),
    ("continue run run_01J9ZQ", "resume_run", {"run": "run_01J9ZQ"}),
    ("cancel the run of nightly-sync without undoing it", "cancel_run", {"workflow": "nightly-sync", "undo": False}),
    ("cancel the run of nightly-sync", "cancel_run", {"workflow": "nightly-sync"}),
    ("skip create_card in the run of release flow", "skip_step", {"workflow": "release flow", "step": "create_card"}),
    ("skip the step post[3] of run_01J9ZQ", "skip_step", {"run": "run_01J9ZQ", "step": "post[3]"}),
    ("approve the release flow", "approve_step", {"workflow": "release flow"}),
    ("I approve run_01J9ZQ", "approve_step", {"run": "run_01J9ZQ"}),
    ("reject the request of Lead Import", "decline_step", {"workflow": "Lead Import"}),
    ("create_card of release flow did not happen", "repeat_doubt", {"workflow": "release flow", "step": "create_card"}),
    ("the step create_card in release flow happened", "settle_doubt", {"workflow": "release flow", "step": "create_card"}),
    ("show me the difference between version 1 and 3 of nightly-sync", "diff_versions", {"workflow": "nightly-sync", "older": "1", "newer": "3"}),
    ("what has changed in nightly-sync since version 2?", "diff_versions", {"workflow": "nightly-sync", "older": "2"}),
    ("roll nightly-sync back to version 2", "rollback_workflow", {"workflow": "nightly-sync", "version": "2"}),
    ("revert Lead Import", "rollback_workflow", {"workflow": "Lead Import"}),
    ("go back to version 4 of release flow", "rollback_workflow", {"workflow": "release flow", "version": "4"}),
    ("list the versions of release flow", "list_versions", {"workflow": "release flow"}),
    ("show the queued runs of nightly-sync", "run_history", {"workflow": "nightly-sync", "outcome": "queued"}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "command", "arguments"), SAID)
def test_a_sentence_that_steers(said: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(said, workflows=NAMES)
    assert (understood.command, understood.question) == (command, None)
    assert dict(understood.arguments) == arguments


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("pause nightly-sync", "pause_workflow"),
        ("resume nightly-sync", "resume_workflow"),
        ("approve my vacation", None),
        ("reject the pull request", None),
        ("skip lunch today", None),
        ("roll back the database to Monday", None),
        ("continue the meeting", None),
        ("versions of python", None),
    ],
)
def test_what_only_sounds_like_it(said: str, command: str | None) -> None:
    assert read(said, workflows=NAMES).command == command
