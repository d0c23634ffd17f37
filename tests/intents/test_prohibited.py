"""What must not be done is not done, whatever stands in front of the prohibition."""

from __future__ import annotations

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    "text",
    [
        "The painters are in, so please don't pause nightly-sync",
        "my boss is away, please do not resolve the stripe alert",
        "the release is out so please don't resume nightly-sync",
        "if you can, please don't cancel the run of nightly-sync",
        "ok but please, do not acknowledge the github alert",
        "everything is red and please, never delete nightly-sync",
        "careful: kindly don't delete nightly-sync",
    ],
)
def test_a_prohibition_behind_other_words_is_one(text: str) -> None:
    understood = read(text, workflows=("nightly-sync",))
    assert understood.command is None


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("please resolve the stripe alert, we do not need it", "resolve_alert"),
        ("The painters are gone, so please resume nightly-sync", "resume_workflow"),
        ("I don't know why, but please pause nightly-sync", "pause_workflow"),
    ],
)
def test_an_order_beside_a_negation_is_still_an_order(text: str, command: str) -> None:
    assert read(text, workflows=("nightly-sync",)).command == command
