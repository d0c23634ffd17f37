"""A definition is changed by a sentence, and what comes out is always one that can be used."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.workflow.parse import parse_definition
from intents.editing import Edited, Question, read_edit, same_for
from tests.intents.words import catalogue, recogniser, said

MERGED: dict[str, Any] = {
    "name": "release-train",
    "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
    "steps": [
        {"action": "trello.create_card", "with": {"board": "Release", "list": "Doing", "title": "{{event.title}}"}},
        {"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}},
    ],
}
PAID: dict[str, Any] = {
    "name": "paid",
    "trigger": {"type": "event_based", "service": "stripe", "event": "payment_succeeded"},
    "steps": [{"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}}],
}
REPORT: dict[str, Any] = {
    "name": "report",
    "trigger": {"type": "scheduled", "cron": "0 9 * * 1-5", "timezone": "UTC"},
    "steps": [
        {"action": "signalbox.health_report", "with": {}},
        {"action": "chat.post_message", "with": {"channel": "#ops", "text": "hi"}},
        {"action": "chat.post_message", "with": {"channel": "#sales", "text": "hi"}},
    ],
}


def heard(definition: dict[str, Any], text: str, *, sure: bool = False) -> Edited | Question | None:
    source = recogniser()._source(said(text), text)
    return read_edit(definition, source, catalogue(), sure=sure)


def edited(definition: dict[str, Any], text: str) -> dict[str, Any]:
    found = heard(definition, text)
    assert isinstance(found, Edited), found
    assert found.changes, "it said that nothing changes"
    parse_definition(found.definition, catalogue())
    return dict(found.definition)


def channels(definition: dict[str, Any]) -> list[str]:
    return [step["with"]["channel"] for step in definition["steps"] if "channel" in step.get("with", {})]


@pytest.mark.parametrize(
    ("words", "cron"),
    [
        ("yes but at 10", "0 10 * * 1-5"),
        ("make it 10 instead", "0 10 * * 1-5"),
        ("run it at 10:30 instead", "30 10 * * 1-5"),
        ("and not on fridays", "0 9 * * 1,2,3,4"),
        ("only on mondays", "0 9 * * 1"),
        ("every day at 8 instead", "0 8 * * *"),
        ("make it monday", "0 9 * * 1"),
    ],
)
def test_its_time_is_changed_and_the_rest_of_the_schedule_stays(words: str, cron: str) -> None:
    trigger = edited(REPORT, words)["trigger"]
    assert (trigger["cron"], trigger["timezone"]) == (cron, "UTC")


@pytest.mark.parametrize(
    ("words", "cron", "zone"),
    [
        ("in Berlin time", "0 9 * * 1-5", "Europe/Berlin"),
        ("make it berlin time", "0 9 * * 1-5", "Europe/Berlin"),
        ("use CET please", "0 9 * * 1-5", "Europe/Berlin"),
        ("change the time zone to Tokyo", "0 9 * * 1-5", "Asia/Tokyo"),
        ("at 10 New York time", "0 10 * * 1-5", "America/New_York"),
        ("make it 8:30 UTC", "30 8 * * 1-5", "UTC"),
    ],
)
def test_its_zone_is_changed_alone_or_with_the_time(words: str, cron: str, zone: str) -> None:
    trigger = edited(REPORT, words)["trigger"]
    assert (trigger["cron"], trigger["timezone"]) == (cron, zone)


def test_of_one_moment_the_clock_on_the_wall_stays() -> None:
    once = {**REPORT, "trigger": {"type": "scheduled", "at": "2026-12-01T09:00:00+00:00", "timezone": "UTC"}}
    assert edited(once, "in Berlin time")["trigger"] == {
        "type": "scheduled", "at": "2026-12-01T09:00:00+01:00", "timezone": "Europe/Berlin"
    }  # fmt: skip


CARD = MERGED["steps"][0]
TOLD = {"action": "chat.post_message", "with": {"channel": "#deep", "text": "hi"}}
NESTED: dict[str, Any] = {
    **MERGED,
    "steps": [
        {"id": "each", "foreach": {"items": "event.labels", "steps": [CARD, TOLD]}},
        {"id": "both", "parallel": {"a": [CARD], "b": [CARD, {**TOLD, "with": {"channel": "#b", "text": "hi"}}]}},
        {"id": "way", "switch": {"cases": [{"when": "event.title == 'x'", "steps": [CARD]}], "else": [TOLD]}},
    ],
    "options": {"on_failure": [{**TOLD, "with": {"channel": "#broken", "text": "hi"}}]},
}


def test_a_service_is_exchanged_and_a_step_taken_out_wherever_it_stands() -> None:
    swapped = str(edited(NESTED, "use Asana instead of Trello")["steps"])
    assert ("trello." in swapped, swapped.count("asana.create_task")) == (False, 4)
    told = heard(NESTED, "stop telling #b")
    assert isinstance(told, Edited)
    assert [(change.part, change.before, change.after) for change in told.changes] == [("Step 2.3", "Chat post message #b (text hi)", "")]
    assert "'#b'" not in str(told.definition)
    assert "on_failure" not in edited(NESTED, "remove the post to #broken").get("options", {})
    asked = heard(NESTED, "stop telling #deep")
    assert isinstance(asked, Question)
    assert "2 inner steps" in asked.text


def test_single_days_and_an_end_are_kept_beside_the_schedule() -> None:
    assert edited(REPORT, "not on 25 december")["trigger"]["exceptions"] == ["2026-12-25"]
    assert edited(REPORT, "until friday")["trigger"]["end"].startswith("2026-11-2")


@pytest.mark.parametrize(
    ("words", "there"),
    [
        ("also tell #dev", ["#ops", "#sales", "#dev"]),
        ("tell #dev too", ["#ops", "#sales", "#dev"]),
        ("add a step that posts to #dev after the first", ["#dev", "#ops", "#sales"]),
        ("stop telling #sales", ["#ops"]),
        ("remove the second step", ["#sales"]),
        ("swap steps 2 and 3", ["#sales", "#ops"]),
        ("use #support instead of #ops", ["#support", "#sales"]),
        ("at 10 and also tell #dev", ["#ops", "#sales", "#dev"]),
    ],
)
def test_who_is_told_is_changed(words: str, there: list[str]) -> None:
    assert channels(edited(REPORT, words)) == there


@pytest.mark.parametrize("words", ["don't post to slack any more", "no, #support", "change the text to hello", "remove the post"])
def test_what_could_mean_two_steps_is_asked_back_and_each_answer_leaves_nothing_open(words: str) -> None:
    asked = heard(REPORT, words)
    assert isinstance(asked, Question)
    assert len(asked.options) == 2
    for _, sentence in asked.options:
        edited(REPORT, sentence)


def test_a_service_is_exchanged_with_what_it_is_given() -> None:
    first = edited(MERGED, "use asana instead of trello")["steps"][0]
    assert first["action"] == "asana.create_task"
    assert first["with"]["project"] == "Release"


def test_values_names_conditions_and_options_are_changed() -> None:
    assert edited(MERGED, "change the board to Q3")["steps"][0]["with"]["board"] == "Q3"
    assert edited(MERGED, "call it Ship it")["name"] == "Ship it"
    assert edited(PAID, "only if amount > 500")["when"] == "event.amount > 500"
    assert edited({**PAID, "when": "event.amount > 500"}, "only if amount > 900")["when"] == "event.amount > 900"
    assert edited(MERGED, "retry 5 times")["options"]["retries"] == 5
    assert edited(MERGED, "if trello is down use asana")["options"]["fallback"] == {"trello": "asana"}
    assert edited(MERGED, "also when an issue is closed")["trigger"]["any"] == ["github.pull_request_merged", "github.issue_closed"]


def test_the_last_step_is_not_taken_out_and_a_missing_one_is_named() -> None:
    for words in ("stop telling #ops", "remove step 4"):
        asked = heard(PAID, words)
        assert isinstance(asked, Question)
        assert not asked.options


def test_what_is_there_already_says_that_nothing_changes() -> None:
    for words in ("only on weekdays", "retry 3 times"):
        found = heard(REPORT, words)
        assert isinstance(found, Edited)
        assert found.changes == ()


def test_the_same_for_another_service_maps_its_events() -> None:
    source = recogniser()._source(said("same for gitlab"), "same for gitlab")
    made = same_for(MERGED, source, catalogue())
    assert isinstance(made, Edited)
    assert made.definition["trigger"] == {"type": "event_based", "service": "gitlab", "event": "merge_request_merged"}


@pytest.mark.parametrize("words", ["what is this", "hello", "list workflows", "thanks", "the weather is nice"])
def test_what_is_no_edit_is_left_alone(words: str) -> None:
    assert heard(REPORT, words) is None


_SOUP = (
    "add remove step 1 2 the first last and also not on fridays at 10 9am use asana instead of trello #ops #x @max only if amount > 500 stop "
    "telling swap move after before every day until call it retry times no board to Q3 also when an issue is closed make it approval"
)
_WORDS = st.sampled_from(_SOUP.split())


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(st.lists(_WORDS, min_size=1, max_size=9).map(" ".join), st.text(max_size=60)),
    st.sampled_from([MERGED, PAID, REPORT]),
    st.booleans(),
)
def test_no_sentence_raises_and_what_comes_out_can_be_used(text: str, definition: dict[str, Any], sure: bool) -> None:
    found = heard(definition, text, sure=sure)
    if isinstance(found, Edited):
        parse_definition(found.definition, catalogue())
    elif isinstance(found, Question):
        assert found.text
