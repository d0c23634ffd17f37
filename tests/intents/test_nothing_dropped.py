"""What a request says of its cause is read, or asked about; it is never dropped in silence."""

from __future__ import annotations

import pytest

from tests.intents.words import read, recogniser, said, workflow


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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("if a Zendesk ticket with priority urgent is created between 22:00 and 6:00, page @night", "between 22:00 and 6:00"),
        ("if notion is slow for the third time today, ping @it", "for the third time today"),
        ("warn me when mixpanel signups drop more than 30%", "drop more than 30%"),
    ],
)
def test_a_time_a_count_or_a_change_that_no_event_tells_is_asked_about(text: str, words: str) -> None:
    understood = read(text)
    assert understood.question is not None
    assert words in understood.question


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ('google calendar event "Board meeting" starts → tell #exec', "event.title == 'Board meeting'"),
        ('when an email from ceo@a.example arrives with subject containing "urgent", tell #exec', "event.subject.contains('urgent') && event.from == 'ceo@a.example'"),
        ("jira issue PAY-* transitions to Done: tell #exec", "event.project == 'PAY' && event.status == 'Done'"),
        ("merge request opened in group/backend by anyone but renovate → tell #exec", "event.project == 'group/backend' && event.author != 'renovate'"),
        ("when a Salesforce opportunity moves to Negotiation tell #exec", "event.object == 'Opportunity' && event.stage == 'Negotiation'"),
        ("a card is created in the 'Bugs' list in trello → tell #exec", "event.list == 'Bugs'"),
    ],
)  # fmt: skip
def test_what_narrows_a_cause_is_its_condition(text: str, when: str) -> None:
    assert workflow(text)["when"] == when


def test_who_is_got_to_approve_approves() -> None:
    found = workflow("every time QuickBooks creates an invoice over 10k, get @cfo to approve and then email it to b@a.example")
    assert found["options"] == {"approval": "@cfo"}
    assert [step["action"] for step in found["steps"]] == ["email.send_email"]


def test_a_reaction_is_the_one_that_was_said() -> None:
    assert workflow("when a customer posts in #vip on slack, react with eyes")["steps"] == [{"action": "slack.add_reaction", "with": {"emoji": "eyes"}}]


def test_a_priority_is_no_title() -> None:
    assert workflow("open a Jira bug in CORE with priority Highest")["steps"] == [
        {"action": "jira.create_issue", "with": {"project": "CORE", "priority": "highest", "type": "bug"}}
    ]


def test_what_is_to_be_done_otherwise_is_asked_about() -> None:
    understood = read("new lead in salesforce from Germany → @hans, otherwise @mary")
    assert understood.question is not None
    assert "otherwise @mary" in understood.question


def test_a_time_before_an_order_is_when_it_is_done() -> None:
    found = workflow("at end of day post open Jira issues of project WEB in #web")
    assert found["trigger"] == {"type": "scheduled", "at": "2026-11-23T17:00:00+00:00"}
    assert [step["action"] for step in found["steps"]] == ["jira.search_issues", "chat.post_message"]


@pytest.mark.parametrize(
    ("text", "event", "when", "actions"),
    [
        ("post to #a and #b and email x@y.example when a release is published in acme/core", "release_published", "event.repo == 'acme/core'", ["chat.post_message", "chat.post_message", "email.send_email"]),
        ('whenever quickbooks receives a payment from Acme Inc, post "Acme paid" in #fin', "payment_received", "event.customer == 'Acme Inc'", ["chat.post_message"]),
        ("Whenever a Jira issue in OPS is created with priority High, dm @lead", "issue_created", "event.project == 'OPS' && event.priority == 'High'", ["chat.post_message"]),
        ("every time a PR is merged in acme/web, post in #d; if it fails, tell @maria", "pull_request_merged", "event.repo == 'acme/web'", ["chat.post_message"]),
    ],
)  # fmt: skip
def test_cause_condition_and_deeds_are_all_read(text: str, event: str, when: str, actions: list[str]) -> None:
    found = workflow(text)
    assert found["trigger"]["event"] == event
    assert found["when"] == when
    assert [step["action"] for step in found["steps"]] == actions


def test_a_report_is_mailed_to_the_address_that_was_said() -> None:
    found = workflow("every Monday at 8 send a report of stripe payments to finance@acme.example")
    assert found["steps"] == [{"action": "stripe.list_payments", "with": {}}, {"action": "email.send_email", "with": {"to": "finance@acme.example"}}]


@pytest.mark.parametrize("words", ["2", "the second one", "box back? tell #ops too"])
def test_either_of_two_workflows_is_chosen_as_any_question_is_answered(words: str) -> None:
    asked = read("box down? tell #ops. box back? tell #ops too")
    assert asked.remember is not None
    again = recogniser().read(said(words, pending=dict(asked.remember)))
    assert again.question is None
    assert "event.status == 'healthy'" in str(again.arguments)
