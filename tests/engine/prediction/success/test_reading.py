"""What a definition says of its chances."""

from __future__ import annotations

from typing import Any

from engine.prediction.success.circumstances import Part, ServiceNow
from engine.prediction.success.reading import circumstances_of, parts_of
from engine.workflow.parse import parse_definition


def definition(*steps: dict[str, Any], **options: Any) -> Any:
    return parse_definition({"name": "x", "trigger": {"type": "manual"}, "steps": list(steps), "options": options})


def test_steps_that_cannot_fail_the_run_are_left_out() -> None:
    flow = definition(
        {"action": "jira.create_issue"}, {"id": "b", "action": "chat.post_message", "on_error": "continue"},
        {"id": "c", "action": "jira.create_issue"}, {"action": "trello.create_card"}, fallback={"trello": "asana"},
    )  # fmt: skip
    assert parts_of(flow) == (Part("jira", "create_issue"), Part("jira", "create_issue"))


def test_services_that_it_does_not_need_do_no_harm() -> None:
    flow = definition({"action": "jira.create_issue"})
    now = circumstances_of(flow, [ServiceNow(service="jira", status="degraded"), ServiceNow(service="trello", status="offline")])
    assert [one.service for one in now.services] == ["jira"]
    assert now.weather == "degraded"
