"""A condition that was said is read or asked about; it is never left out."""

from __future__ import annotations

import pytest

from tests.intents.words import read, workflow

DRAFTS = "when a github issue is opened tell #dev, but skip drafts"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (DRAFTS, "but skip drafts"),
        ("when a new zendesk ticket comes in tell #support, excluding spam", "excluding spam"),
        ("when a stripe payment fails tell #billing, only during office hours", "only during office hours"),
        ("when a pr is merged on github post in #dev if it touches the api folder", "if it touches the api folder"),
        ("every weekday at 9 post the health report in #ops, but not on holidays", "but not on holidays"),
    ],
)
def test_a_condition_that_would_make_no_difference_is_asked_about(text: str, words: str) -> None:
    assert f"“{words}”" in (read(text).question or "")


@pytest.mark.parametrize(
    "text",
    [
        "when a stripe payment fails tell #billing as long as it's more than 100",
        "new file in box, but only pdfs -> slack #docs",
        "every day at 9 post the health report in #ops except on fridays",
        "when a github issue is opened tell #dev, if possible",
        "every day at 9 post 'unless you were there, read the notes' in #ops",
        "when a zendesk ticket comes in make a jira issue in SUP, use asana if jira is down",
    ],
)
def test_a_condition_that_was_read_or_is_mere_courtesy_is_not(text: str) -> None:
    assert read(text).question is None


def test_the_question_names_the_fields_that_there_are() -> None:
    assert "It knows: assignee, author, labels" in (read(DRAFTS).question or "")


@pytest.mark.parametrize(
    ("answer", "when"),
    [
        ("author is max", "event.author == 'max'"),
        ("unless author is dependabot", "event.author != 'dependabot'"),
        ('the title contains "bug"', "event.title.contains('bug')"),
        ("without it", None),
        ("forget the condition", None),
    ],
)
def test_the_answer_takes_the_place_of_the_condition(answer: str, when: str | None) -> None:
    understood = read(answer, pending=read(DRAFTS).remember)
    assert understood.question is None
    flow = understood.arguments["workflow"]
    assert isinstance(flow, dict)
    assert flow.get("when") == when
    assert flow["steps"] == workflow("when a github issue is opened tell #dev")["steps"]


def test_days_answer_for_a_schedule() -> None:
    asked = read("every 2 hours post the health report in #status unless it's the weekend")
    assert "on a schedule" in (asked.question or "")
    understood = read("on weekdays", pending=asked.remember)
    assert understood.arguments["workflow"]["trigger"]["cron"] == "0 */2 * * 1-5"  # type: ignore[index,call-overload]
