"""A name that was said is in the workflow, or it is asked about; what people say around a request does not hide it."""

from __future__ import annotations

from typing import Any

import pytest

from intents.unused import without_words
from tests.intents.words import read, recogniser, said, workflow

LEFT_OUT = "ping @brandt in #ops when a trello card is created"


def test_a_person_left_out_is_asked_about() -> None:
    understood = read(LEFT_OUT)
    assert understood.question is not None
    assert "@brandt" in understood.question
    assert [words for _, words in understood.options] == ["without it"]


def test_without_it_the_rest_is_previewed() -> None:
    asked = read(LEFT_OUT)
    assert asked.remember is not None
    again = recogniser().read(said("without it", pending=dict(asked.remember)))
    assert again.command == "create_workflow"
    assert again.question is None
    assert "@brandt" not in str(again.arguments)


def test_said_as_a_sentence_of_its_own_it_is_done() -> None:
    asked = read(LEFT_OUT)
    assert asked.remember is not None
    again = recogniser().read(said("also tell @brandt", pending=dict(asked.remember)))
    assert again.question is None
    found: Any = again.arguments["workflow"]
    assert found["trigger"] == {"type": "event_based", "service": "trello", "event": "card_created"}
    assert [step["with"]["channel"] for step in found["steps"]] == ["#ops", "@brandt"]


def test_a_name_left_out_is_asked_about_after_another_question_too() -> None:
    first = read("ping @ana in #ops when a file is uploaded")
    assert first.remember is not None
    second = recogniser().read(said("box", pending=dict(first.remember)))
    assert "@ana" in str(second.question)
    assert second.remember is not None
    third = recogniser().read(said("without it", pending=dict(second.remember)))
    assert third.question is None
    found: Any = third.arguments["workflow"]
    assert found["trigger"] == {"type": "event_based", "service": "box", "event": "file_created"}


def test_words_go_with_what_led_to_them() -> None:
    assert without_words("tell #a and #b when it fails", "#b") == "tell #a when it fails"


@pytest.mark.parametrize(
    ("text", "event", "actions"),
    [
        (
            "Good morning! Since Mrs. Albrecht keeps missing the deliveries, could you please send her an email at h.a@x.example whenever somebody posts the word \"parcel\" in #reception?",
            "message_posted",
            ["email.send_email"],
        ),
        (
            "would you be a dear and post in #ops when a trello card is created, as nobody looks at the board",
            "card_created",
            ["chat.post_message"],
        ),
        (
            "The accountant prefers letters, so please email f@x.example each time a payment succeeds in stripe, because otherwise people forget.",
            "payment_succeeded",
            ["email.send_email"],
        ),
    ],
)  # fmt: skip
def test_reasons_and_courtesy_do_not_hide_a_request(text: str, event: str, actions: list[str]) -> None:
    found = workflow(text)
    assert found["trigger"]["event"] == event
    assert [step["action"] for step in found["steps"]] == actions


@pytest.mark.parametrize("text", ["close issue https://github.com/acme/web/issues/17", "squash and merge https://github.com/acme/web/pull/21"])
def test_a_link_that_became_its_issue_is_used(text: str) -> None:
    assert read(text).question is None


def test_a_quoted_name_before_what_it_does_names_the_workflow() -> None:
    found = workflow("A command 'evacuate' that posts \"please leave\" in #front-of-house")
    assert found["name"] == "evacuate"
    assert found["steps"] == [{"action": "chat.post_message", "with": {"channel": "#front-of-house", "text": "please leave"}}]


def test_each_of_several_people_is_invited() -> None:
    found = workflow("mixpanel errors_per_min over 200 -> new slack channel inc-errors, invite @yuki @brandt")
    assert [step["with"].get("user") for step in found["steps"]] == [None, "@yuki", "@brandt"]


@pytest.mark.parametrize(
    ("text", "actions"),
    [
        ("stripe dispute > 500 usd -> #fraud, jira FIN ticket p1, email d@k.example", ["chat.post_message", "jira.create_issue", "email.send_email"]),
        ("stripe payment failed for more than Rs. 10,000 means create HubSpot ticket and mail p@s.example", ["hubspot.create_ticket", "email.send_email"]),
        ('Kindly create one Jira issue in SUP project whenever any Zendesk ticket gets the tag "escalated", and same link please put in #l2 also', ["jira.create_issue", "chat.post_message"]),
    ],
)  # fmt: skip
def test_every_deed_of_a_list_is_done_and_none_beside_it(text: str, actions: list[str]) -> None:
    assert [step["action"] for step in workflow(text)["steps"]] == actions


def test_money_goes_back_only_when_that_is_said() -> None:
    understood = read("stripe payment of last week")
    assert "refund_payment" not in str(understood.arguments)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("when a ticket is solved in zendesk, wait 1 day and post in #csat", "wait 1 day"),
        ("when a card moves in trello ask @ann to approve, if she refuses tell #ops", "if she refuses"),
    ],
)
def test_waiting_and_branches_have_no_step_and_are_asked_about(text: str, words: str) -> None:
    understood = read(text)
    assert understood.question is not None
    assert words in understood.question
    assert "YAML" in understood.question


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ('Trello "Proposals": card lands in "Legal Review" = ping @ingrid', "event.board == 'Proposals' && event.list == 'Legal Review'"),
        ('when a card on "Offboarding" is moved to Done, archive it in trello', "event.board == 'Offboarding' && event.list == 'Done'"),
        ("when a QuickBooks invoice superior to 8 000 € is created tell #fin", "event.amount > 8000 && event.currency == 'EUR'"),
    ],
)
def test_names_of_boards_and_figures_with_gaps_are_read(text: str, when: str) -> None:
    assert workflow(text)["when"] == when


@pytest.mark.parametrize(
    ("text", "command"),
    [('"Invoice Chaser": delete, confirmed by Gideon', "delete_workflow"), ('"Commission Check": run now', "run_workflow")],
)
def test_a_name_in_quotes_may_stand_before_what_is_done_to_it(text: str, command: str) -> None:
    assert read(text).command == command


def test_a_tag_in_quotes_is_looked_for_and_not_posted() -> None:
    found = workflow('post the open Zendesk tickets tagged "vip" to #standup every weekday at 8:45')
    assert found["steps"] == [{"action": "zendesk.search_tickets", "with": {"labels": ["vip"]}}, {"action": "chat.post_message", "with": {"channel": "#standup"}}]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "upload report.pdf to google drive folder Reports and share it with bob@x.example",
            [{"action": "google_drive.upload_file", "with": {"folder": "Reports", "file": "report.pdf"}}, {"action": "google_drive.share_file", "with": {"user": "bob@x.example"}}],
        ),
        ("when a stripe payment fails log it in the notion database Payments", [{"action": "notion.create_page", "with": {"database": "Payments"}}]),
        ("copy every message in #news to discord #news", [{"action": "discord.post_message", "with": {"channel": "#news"}}]),
        (
            "create a hubspot deal worth 5000 EUR called Renewal Acme in stage Proposal",
            [{"action": "hubspot.create_deal", "with": {"title": "Renewal Acme", "stage": "Proposal", "amount": 5000, "currency": "EUR"}}],
        ),
        ("every day at 8am get the open critical alerts into #ops", [{"action": "signalbox.alert_digest", "with": {}}, {"action": "chat.post_message", "with": {"channel": "#ops"}}]),
    ],
)  # fmt: skip
def test_a_deed_is_the_products_that_was_spoken_of(text: str, steps: list[dict[str, Any]]) -> None:
    assert workflow(text)["steps"] == steps


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("I'm going to the dentist, so please snooze the github alert for 2 hours", "snooze_alert"),
        ('The garage opened at last, so please delete the "Parking lottery" workflow', "delete_workflow"),
        ("Could you show me all the workflows I have set up so far, as I have rather lost track of them?", "list_workflows"),
    ],
)
def test_an_order_behind_talk_is_heard(text: str, command: str) -> None:
    assert read(text).command == command


@pytest.mark.parametrize(
    "text", ["my cat is ill, so please could you order food?", "We had a great party, so can you show me how to dance?", "My son has an exam, so please tell me what to cook"]
)
def test_talk_behind_talk_stays_talk(text: str) -> None:
    assert read(text).command is None
