"""An order is heard with what people say beside it: a reason, a sigh, a remark."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("omg cancel the newsletter-blast run its sending everything twice", "cancel_run", {"workflow": "newsletter-blast"}),
        (
            "run rebuild-models: table=orders, full=true",
            "run_workflow",
            {"workflow": "rebuild-models", "inputs": {"table": "orders", "full": True}},
        ),
        ("notion throwing 500s, why", "find_root_cause", {"service": "notion"}),
        ("AL-640: why did it fire?", "explain_alert", {"alert": "AL-640"}),
        ("any alerts I should worry about?", "list_alerts", {}),
        (
            "I'd love to see what exactly happens in our Welcome Series workflow, could you walk me through it?",
            "show_workflow",
            {"workflow": "Welcome Series"},
        ),
    ],
)
def test_the_order_is_heard_beside_other_words(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert understood.command == command
    assert understood.arguments == arguments
