"""What is left out of "all" is never what it is done to."""

from __future__ import annotations

import pytest

from tests.intents.words import read

NAMES = ("Nightly", "release-train")


@pytest.mark.parametrize(
    "text",
    [
        "snooze all but trello for an hour",
        "ack all alerts except stripe",
        "resolve everything but the stripe alert",
        "pause all workflows but nightly",
        'resume all workflows except "Nightly"',
        "ack all of them but not github",
        "mute everything apart from jira until 9",
    ],
)
def test_all_but_one_is_asked_about_and_nothing_is_done_to_that_one(text: str) -> None:
    understood = read(text, workflows=NAMES)
    assert understood.question is not None
    assert not {"service", "workflow", "alert"} & set(understood.arguments)


def test_one_and_nothing_else_is_just_that_one() -> None:
    understood = read("snooze stripe for an hour, nothing else")
    assert understood.question is None
    assert understood.arguments["service"] == "stripe"


@pytest.mark.parametrize("text", ["already resolved that alert myself, nvm", "delete nightly. never mind", "run release-train, scratch that"])
def test_what_is_taken_back_at_the_end_is_not_done(text: str) -> None:
    understood = read(text, workflows=NAMES)
    assert understood.command is None
    assert understood.reply
