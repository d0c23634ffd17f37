"""Trying things out, as exact forms and as sentences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

TEAM = ("Release", "Nightly report", "on call handover")


@pytest.mark.parametrize(
    ("said", "command", "arguments"),
    [
        ("/flow rehearse release", "rehearse_workflow", {"workflow": "Release"}),
        ("/flow rehearse Nightly report", "rehearse_workflow", {"workflow": "Nightly report"}),
        (
            "/flow rehearse release with trello down, 20 times",
            "rehearse_workflow",
            {"workflow": "Release", "words": "with trello down, 20 times"},
        ),
        (
            "/flow rehearse release trello lost answers 30%, seed 7",
            "rehearse_workflow",
            {"workflow": "Release", "words": "trello lost answers 30%, seed 7"},
        ),
        (
            '/flow rehearse release title="Speed up" number=4 random seed=7',
            "rehearse_workflow",
            {"workflow": "Release", "words": "random seed=7", "inputs": {"title": "Speed up", "number": 4}},
        ),
        ("rehearse release", "rehearse_workflow", {"workflow": "Release"}),
        (
            "please rehearse the workflow Release with github down",
            "rehearse_workflow",
            {"workflow": "Release", "words": "with github down"},
        ),
        ("dry run Nightly report", "rehearse_workflow", {"workflow": "Nightly report"}),
        ("rehearse deploy-web while github is slow", "rehearse_workflow", {"workflow": "deploy-web", "words": "github is slow"}),
        ("/flow replay release", "replay_workflow", {"workflow": "Release"}),
        ("/flow replay release 3d", "replay_workflow", {"workflow": "Release", "window": "P3D"}),
        ("/flow replay Nightly report P2W", "replay_workflow", {"workflow": "Nightly report", "window": "P2W"}),
        ("replay release over the last 3 days", "replay_workflow", {"workflow": "Release", "window": "P3D"}),
        ("replay the last week of release", "replay_workflow", {"workflow": "Release", "window": "P7D"}),
    ],
)
def test_what_is_tried_out_and_what_goes_wrong(said: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(said, workflows=TEAM)
    assert (understood.command, understood.question) == (command, None)
    assert dict(understood.arguments) == arguments


@pytest.mark.parametrize("said", ["/flow rehearse", "/flow replay"])
def test_without_a_name_it_is_asked_which_one(said: str) -> None:
    understood = read(said, workflows=TEAM)
    assert understood.question
    assert [label for label, _ in understood.options][:1] == ["Release"]
