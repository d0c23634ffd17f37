"""A question asked back is answered by the next words."""

from __future__ import annotations

import pytest

from engine.ports import Understood
from tests.intents.words import read

NAMES = ("Release train", "nightly-sync")


def answered(first: str, second: str) -> Understood:
    asked = read(first, workflows=NAMES)
    assert asked.question, asked
    return read(second, workflows=NAMES, pending=asked.remember)


@pytest.mark.parametrize("words", ["zendesk", "in zendesk", "the second one", "2", "Zendesk."])
def test_a_service_answers_which_service(words: str) -> None:
    understood = answered("when a ticket is updated tell #ops", words)
    assert understood.question is None
    assert understood.arguments["workflow"]["trigger"] == {"type": "event_based", "service": "zendesk", "event": "ticket_updated"}  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("words", "channel"), [("#dev", "#dev"), ("in <#C7|general>", "#general"), ("me", "@me"), ("post it to @max", "@max")]
)
def test_a_place_answers_where(words: str, channel: str) -> None:
    understood = answered("when a pr is merged on github tell the team", words)
    assert understood.question is None
    assert understood.arguments["workflow"]["steps"] == [{"action": "chat.post_message", "with": {"channel": channel}}]  # type: ignore[index,call-overload]


def test_the_channel_of_an_answer_is_placed_too() -> None:
    assert answered("when a pr is merged on github tell the team", "in <#C7|general>").places == {"#general": "slack:C7"}


@pytest.mark.parametrize(("words", "cron"), [("at 9:30", "30 9 * * 1"), ("9am", "0 9 * * 1")])
def test_a_time_answers_when(words: str, cron: str) -> None:
    assert answered("every monday post the health report in #ops", words).arguments["workflow"]["trigger"]["cron"] == cron  # type: ignore[index,call-overload]


def test_one_answer_may_lead_to_the_next_question() -> None:
    first = read("when a ticket is updated tell the team")
    second = read("zendesk", pending=first.remember)
    assert second.question is not None
    assert "post" in second.question
    third = read("#ops", pending=second.remember)
    assert third.question is None
    assert third.arguments["workflow"]["trigger"]["service"] == "zendesk"  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("words", "name"), [("release train", "Release train"), ("the second one", "nightly-sync"), ("nightly sync", "nightly-sync")]
)
def test_a_name_answers_which_workflow(words: str, name: str) -> None:
    assert answered("delete it", words).arguments == {"workflow": name}


def test_a_span_answers_until_when() -> None:
    assert answered("snooze the slack alert", "1 hour").arguments == {"service": "slack", "until": "2026-11-23T11:00:00+00:00"}


def test_a_severity_answers_which_severity() -> None:
    assert answered("raise the zendesk error rate limit to five percent", "critical").arguments["severity"] == "critical"


@pytest.mark.parametrize("words", ["cancel", "never mind", "forget it", "no"])
def test_a_question_can_be_withdrawn(words: str) -> None:
    understood = answered("delete it", words)
    assert understood.command is None
    assert understood.reply


def test_another_request_drops_the_question() -> None:
    assert answered("delete it", "how healthy are our services?").command == "health_report"
    assert answered("when a ticket is updated tell #ops", "/flow list").command == "list_workflows"


def test_words_that_answer_nothing_are_heard_as_themselves() -> None:
    assert answered("when a ticket is updated tell #ops", "lovely weather today").command is None


def test_an_old_or_foreign_memory_is_ignored() -> None:
    assert read("asana", pending={"what": "ever"}).command is None
    assert read("asana", pending={"slot": "trigger", "text": 5, "answers": "x", "options": {}}).command is None
