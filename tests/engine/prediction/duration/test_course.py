"""What of a definition says how long it takes."""

from __future__ import annotations

from typing import Any

import pytest

from engine.prediction.duration.course import Leg, course_of
from engine.prediction.success.circumstances import Part
from engine.workflow.parse import parse_definition

JIRA, CHAT, TRELLO = Part("jira", "create_issue"), Part("chat", "post_message"), Part("trello", "create_card")


def definition(*steps: dict[str, Any], **options: Any) -> Any:
    return parse_definition({"name": "x", "trigger": {"type": "manual"}, "steps": list(steps), "options": options})


def test_steps_follow_each_other_or_go_side_by_side() -> None:
    flow = definition(
        {"id": "a", "action": "jira.create_issue"},
        {"id": "b", "action": "chat.post_message"},
        {"id": "c", "action": "trello.create_card", "needs": ["a"]},
    )
    assert course_of(flow) == (Leg(JIRA), Leg(CHAT, (0,)), Leg(TRELLO, (0,)))


def test_branches_and_waits_are_laid_out() -> None:
    flow = definition(
        {"id": "both", "parallel": {"left": [{"action": "jira.create_issue"}], "right": [{"action": "chat.post_message"}, {"wait": {"for": "10s"}}]}},
        {"action": "trello.create_card"},
    )  # fmt: skip
    assert course_of(flow) == (Leg(JIRA), Leg(CHAT), Leg(None, (1,), 10.0), Leg(TRELLO, (0, 2)))


@pytest.mark.parametrize(
    "step",
    [
        {"approve": {"by": ["@ana"], "text": "May it?"}},
        {"foreach": {"items": "[1, 2]", "as": "one", "steps": [{"action": "chat.post_message"}]}},
        {"wait": {"event": "github.pull_request_merged", "timeout": "1h"}},
    ],
)
def test_where_the_steps_do_not_say_it_nothing_is_made_up(step: dict[str, Any]) -> None:
    assert course_of(definition({"action": "jira.create_issue"}, step)) is None


def test_an_approval_before_the_first_step_takes_as_long_as_people_do() -> None:
    assert course_of(definition({"action": "jira.create_issue"}, approval="@ana")) is None
