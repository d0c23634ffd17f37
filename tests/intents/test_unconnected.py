"""A product that has no connector is said openly; it is never read as one that has."""

from __future__ import annotations

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("new pipedrive deal → #sales", "Pipedrive"),
        ("copy every box file to sharepoint", "SharePoint"),
        ("when a pagerduty incident is opened post in #ops", "PagerDuty"),
        ("if a Calendly meeting gets booked ping @sam", "Calendly"),
        ("when a stripe payment fails make a clickup task", "ClickUp"),
        ("when a jira issue is created, open a linear ticket", "Linear"),
        ("send me an sms via twilio when github goes down", "Twilio"),
    ],
)
def test_a_product_without_a_connector_is_asked_about_by_its_name(text: str, name: str) -> None:
    understood = read(text)
    assert understood.command == "create_workflow"
    assert understood.question is not None
    assert understood.question.startswith(f"I have no connector for {name}")


@pytest.mark.parametrize(
    "text",
    [
        "post the zoom link in #standup every monday at 9",
        "every friday at 5pm remind #dev to update confluence",
        'every day at 9 post "the linear ticket is in sentry" in #dev',
        "when a jira issue is created post in #linear",
        "every friday at 5pm remind #dev to close the front door",
    ],
)
def test_what_is_only_talked_about_needs_no_connector(text: str) -> None:
    assert read(text).question is None


def test_connected_services_for_the_same_thing_are_offered_as_buttons() -> None:
    assert [label for label, _ in read("copy every box file to sharepoint").options] == ["Google Drive", "Dropbox", "OneDrive", "Box"]


@pytest.mark.parametrize("words", ["dropbox", "use dropbox", "the second one"])
def test_the_answer_takes_the_place_of_the_product(words: str) -> None:
    asked = read("when a stripe payment fails save the receipt to sharepoint")
    understood = read(words, pending=asked.remember)
    assert understood.question is None
    assert [step["action"] for step in understood.arguments["workflow"]["steps"]] == ["dropbox.upload_file"]  # type: ignore[index,call-overload,union-attr]
