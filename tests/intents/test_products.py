"""Requests told by their products: what is news of which product, what is read, and what is written where."""

from __future__ import annotations

import pytest

from tests.intents.words import read, workflow


@pytest.mark.parametrize(
    ("words", "service", "event"),
    [
        ("watch my urgent emails", "email", "message_received"),
        ("let me know about changes to my inbox", "email", "message_received"),
        ("ping me whenever somebody writes a message on slack", "slack", "message_posted"),
        ("alert me when a new file shows up in my dropbox", "dropbox", "file_created"),
        ("for a new commit on github make a folder in dropbox", "github", "push"),
        ("send all new dropbox files by email", "dropbox", "file_created"),
    ],
)
def test_news_of_a_product_is_what_starts_it(words: str, service: str, event: str) -> None:
    trigger = workflow(words)["trigger"]
    assert (trigger["service"], trigger["event"]) == (service, event)


@pytest.mark.parametrize(
    ("words", "action"),
    [
        ("fetch my newest emails", "email.search_messages"),
        ("how many files are in my dropbox?", "dropbox.search_files"),
        ("how much space is left in our dropbox?", "dropbox.get_space_usage"),
        ("in dropbox, what is the average size of my pictures?", "dropbox.search_files"),
        ("which meetings do we have on thursday", "google_calendar.list_events"),
        ("do a quick search for emails from ana@example.com", "email.search_messages"),
        ("list the icalendar events", "google_calendar.list_events"),
        ("show the last messages on slack", "slack.list_messages"),
    ],
)
def test_what_somebody_wants_to_see_is_read(words: str, action: str) -> None:
    made = workflow(words)
    assert made["trigger"] == {"type": "manual"}
    assert [step["action"] for step in made["steps"]] == [action]


def test_an_email_without_an_address_is_kept_and_asked_about() -> None:
    understood = read("send an email to my sister")
    assert understood.arguments["workflow"]["steps"][0]["action"] == "email.send_email"
    assert understood.question


def test_a_cause_is_kept_where_the_deed_is_none_of_ours() -> None:
    understood = read("when i get an email, dim the lamp in the hall")
    assert understood.arguments["workflow"]["trigger"]["service"] == "email"
    assert understood.question


@pytest.mark.parametrize("words", ["is there a meeting room free on monday", "how to schedule a meeting", "jira or trello, hard to say"])
def test_talk_of_a_product_is_no_request(words: str) -> None:
    assert read(words).command is None
