"""What a request says of its cause is read, or asked about; it is never dropped in silence."""

from __future__ import annotations

import pytest

from tests.intents.words import read, workflow


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("asana task overdue → dm @lena", "overdue"),
        ("if a pr is opened in github and has no review in 2 days, nudge #dev", "has no review in 2 days"),
        ("create a trello card from every starred email", "starred"),
    ],
)
def test_a_quality_that_no_event_tells_is_asked_about(text: str, words: str) -> None:
    understood = read(text)
    assert understood.question is not None
    assert words in understood.question


def test_half_a_cause_that_was_not_heard_is_asked_about() -> None:
    understood = read("either a stripe dispute or a refund request in zendesk → ping #fin")
    assert understood.question is not None
    assert "refund request in zendesk" in understood.question


def test_two_workflows_in_one_message_are_asked_about() -> None:
    understood = read("box down? tell #ops. box back? tell #ops too")
    assert understood.question is not None
    assert [words for _, words in understood.options] == ["box down? tell #ops.", "box back? tell #ops too"]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("when a card leaves Backlog in trello, tell #pm", "event.from_list == 'Backlog'"),
        ("when a jira issue is moved from In Progress to Done tell #pm", "event.from_status == 'In Progress' && event.status == 'Done'"),
        ("hubspot deal goes from Proposal to Closed Won → #pm", "event.from_stage == 'Proposal' && event.stage == 'Closed Won'"),
        ("mixpanel says crash_rate > 2%? → #pm", "event.metric == 'crash_rate' && event.value > 0.02"),
    ],
)
def test_where_a_thing_came_from_is_a_condition(text: str, when: str) -> None:
    assert workflow(text)["when"] == when


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("open a jira issue for each failed stripe payment", "payment_failed"),
        ("open a jira issue for every declined payment in stripe", "payment_failed"),
        ("whenever anything goes wrong with stripe, open a jira issue in OPS", "health_changed"),
    ],
)
def test_what_failed_is_never_heard_as_a_success(text: str, event: str) -> None:
    found = workflow(text)
    assert found["trigger"]["event"] == event
    assert [step["action"] for step in found["steps"]] == ["jira.create_issue"]


def test_for_whom_a_card_is_made_starts_nothing() -> None:
    found = workflow("make me a trello card 'order coffee' in list Todo")
    assert found["trigger"] == {"type": "manual"}
    assert found["steps"] == [{"action": "trello.create_card", "with": {"title": "order coffee", "list": "Todo"}}]


def test_all_runs_are_not_the_workflow_called_runs() -> None:
    understood = read("cancel all runs")
    assert understood.question is not None
    assert understood.arguments == {}
