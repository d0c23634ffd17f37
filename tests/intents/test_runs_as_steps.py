"""A workflow of the team as a step of another, options told in other words, and causes joined by signs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read, workflow


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("each monday at 9 run etl-load", {"workflow": "etl-load"}),
        ("when a card moves in trello start etl-load", {"workflow": "etl-load"}),
        ("when a stripe payment fails run refund-check with customer=cus_1 and amount=40", {"workflow": "refund-check", "inputs": {"customer": "cus_1", "amount": 40}}),
        ('whenever a github release is published, run "Lead Import" with region EMEA', {"workflow": "Lead Import", "inputs": {"region": "EMEA"}}),
        ("every monday at 7 kick off the Lead Import workflow", {"workflow": "Lead Import"}),
    ],
)  # fmt: skip
def test_a_workflow_is_run_by_its_name(text: str, said: dict[str, Any]) -> None:
    assert workflow(text)["steps"] == [{"action": "signalbox.run_workflow", "with": said}]


def test_a_workflow_of_a_product_is_that_products() -> None:
    assert workflow("when a jira issue is created run github workflow deploy.yml")["steps"][0]["action"] == "github.dispatch_workflow"


@pytest.mark.parametrize(
    ("text", "timeout"),
    [
        ("when a trello card moves post in #a, and don't let it take longer than 3 minutes", "PT3M"),
        ("each monday at 9 run db-clean, it must not run longer than 2 hours", "PT2H"),
        ("every day at 9am run db-clean and abort it after 10 minutes", "PT10M"),
    ],
)
def test_how_long_it_may_take_is_its_timeout(text: str, timeout: str) -> None:
    assert workflow(text)["options"] == {"timeout": timeout}


@pytest.mark.parametrize(
    "text",
    [
        "if that email can't be sent, send a message to @finn: when a trello card is moved, email a@b.example",
        "when a trello card is moved email a@b.example and, if that email can't be sent, send a message to @finn",
        "when a trello card is moved, email a@b.example. when it doesn't get through tell @finn",
    ],
)
def test_what_is_done_when_a_step_fails_is_no_step(text: str) -> None:
    found = workflow(text)
    assert [step["action"] for step in found["steps"]] == ["email.send_email"]
    assert found["options"] == {"on_failure": [{"action": "chat.post_message", "with": {"channel": "@finn"}}]}


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("any: asana task created | trello card created → #pm", ["asana.task_created", "trello.card_created"]),
        ("Report to #pm whichever occurs: an alert opening or a workflow run failing.", ["signalbox.alert_opened", "signalbox.run_failed"]),
    ],
)
def test_any_of_several_events_starts_it(text: str, events: list[str]) -> None:
    found = workflow(text)
    assert found["trigger"] == {"type": "cross_service", "any": events}
    assert found["steps"] == [{"action": "chat.post_message", "with": {"channel": "#pm"}}]


def test_daily_active_users_are_a_number_and_no_time() -> None:
    found = workflow("daily active users in mixpanel falling below 500?? i want to know immediately, dm me")
    assert found["trigger"] == {"type": "event_based", "service": "mixpanel", "event": "metric_threshold"}
    assert found["when"] == "event.metric == 'daily_active_users' && event.value < 500"
    assert found["steps"] == [{"action": "chat.post_message", "with": {"channel": "@me"}}]


@pytest.mark.parametrize(
    "text",
    ["0 1 * * 6 europe/vienna: POST to https://x.example/vacuum", "http post to https://x.example/vacuum at 0 1 * * 6 Europe/Vienna"],
)
def test_a_cron_line_takes_its_zone_in_any_letters(text: str) -> None:
    found = workflow(text)
    assert found["trigger"] == {"type": "scheduled", "cron": "0 1 * * 6", "timezone": "Europe/Vienna"}
    assert found["steps"] == [{"action": "http.request", "with": {"method": "POST", "url": "https://x.example/vacuum"}}]


def test_a_second_participle_is_a_second_deed() -> None:
    found = workflow("Files updated in Google Drive are to be uploaded to Dropbox and flagged in #dlp")
    assert [step["action"] for step in found["steps"]] == ["dropbox.upload_file", "chat.post_message"]


@pytest.mark.parametrize("text", ["how's demo-day doing", "hows demo-day doing?"])
def test_a_name_may_end_in_a_day(text: str) -> None:
    understood = read(text)
    assert (understood.command, dict(understood.arguments)) == ("workflow_analytics", {"workflow": "demo-day"})


@pytest.mark.parametrize(
    ("text", "cron"),
    [
        ("each night at half past two post the health report in #ops", "30 2 * * *"),
        ("every night at quarter to four post the health report in #ops", "45 3 * * *"),
        ("every afternoon at half past two post the health report in #ops", "30 14 * * *"),
        ("2x a day, 7am & 7pm, post the health report in #ops", "0 7,19 * * *"),
        ("3x per week: mon wed fri at 8 post the health report in #ops", "0 8 * * 1,3,5"),
        ("all the days at 07:00 post the health report in #ops", "0 7 * * *"),
        ("the 5 of each month at 9 hours post the health report in #ops", "0 9 5 * *"),
        ("mon-fri @ 0900 post the health report in #ops", "0 9 * * 1-5"),
        ("on mondays, 9 sharp, post the health report in #ops", "0 9 * * 1"),
        ("beginning of each month at 8 post the health report in #ops", "0 8 1 * *"),
        ("every min post the health report in #ops", "* * * * *"),
    ],
)
def test_a_recurrence_is_read_in_the_words_of_chat(text: str, cron: str) -> None:
    assert workflow(text)["trigger"] == {"type": "scheduled", "cron": cron}
