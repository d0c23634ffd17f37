"""Recommendations as people ask for them, answer them and allow them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("how can we improve Lead Import?", "optimize_workflow", {"workflow": "Lead Import"}),
        ("/predict improve Lead Import", "optimize_workflow", {"workflow": "Lead Import"}),
        ("apply advice 2 for Lead Import", "apply_advice", {"workflow": "Lead Import", "advice": "2"}),
        ("please try recommendation 1 for Lead Import", "try_advice", {"workflow": "Lead Import", "advice": "1"}),
        ("undo the advice for Lead Import", "undo_advice", {"workflow": "Lead Import"}),
        ("dismiss recommendation #3 for Lead Import", "dismiss_advice", {"workflow": "Lead Import", "advice": "3"}),
        ("apply advice rec_0a1b2c3d4e5f", "apply_advice", {"advice": "rec_0a1b2c3d4e5f"}),
        ("allow retry advice for Lead Import", "allow_advice", {"kind": "retry", "workflow": "Lead Import"}),
        ("allow cache recommendations for all workflows", "allow_advice", {"kind": "cache"}),
        ("forbid retry advice for Lead Import", "allow_advice", {"kind": "retry", "off": True, "workflow": "Lead Import"}),
        ("do not allow timeout advice", "allow_advice", {"kind": "timeout", "off": True}),
    ],
)
def test_a_sentence_about_recommendations_becomes_its_command(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == (command, arguments)
