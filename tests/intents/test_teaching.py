"""What a team teaches, how it is looked up, and what is told of a reading."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.nearest import nearest
from intents.teaching import expanded, normal
from tests.intents.words import read, recogniser, said

TAUGHT = {"ship it": "run release-train", "the usual": "list alerts", "panic": "show impact of github"}


@pytest.mark.parametrize(
    ("text", "phrase", "means"),
    [
        ("when I say ship it, I mean run release-train", "ship it", "run release-train"),
        ('whenever someone says "the usual" I mean list alerts', "the usual", "list alerts"),
        ("if I type gm then I mean show the health report", "gm", "show the health report"),
        ("by panic I mean: what breaks if github goes down?", "panic", "what breaks if github goes down?"),
        ("remember that nr stands for run nightly-report", "nr", "run nightly-report"),
        ("/signalbox teach ship it = run release-train", "ship it", "run release-train"),
        ("/signalbox teach ship it means run release-train", "ship it", "run release-train"),
    ],
)
def test_a_phrase_is_taught_in_a_sentence_or_typed(text: str, phrase: str, means: str) -> None:
    understood = read(text)
    assert (understood.command, understood.question) == ("teach_phrase", None)
    assert understood.arguments["phrase"] == phrase
    assert str(understood.arguments["means"]).rstrip("?") == means.rstrip("?")


def test_only_what_is_understood_itself_can_be_a_meaning() -> None:
    understood = read("when I say blub, I mean frobnicate the gizmo")
    assert understood.command == "teach_phrase"
    assert "frobnicate the gizmo" in (understood.question or "")


@pytest.mark.parametrize("word", ["yes", "cancel", "delete", "/flow list", "help"])
def test_words_that_have_a_meaning_here_cannot_be_taught_another(word: str) -> None:
    assert "meaning of its own" in (read(f"when I say {word}, I mean run release-train").question or "")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ship it", "run release-train"),
        ("Ship it!", "run release-train"),
        ("please ship it", "run release-train"),
        ("ship it with version=2", "run release-train with version=2"),
        ("we will ship it tomorrow", None),
        ("shipit", None),
    ],
)
def test_a_phrase_counts_when_it_is_said_first_or_alone(text: str, meant: str | None) -> None:
    assert expanded(text, TAUGHT)[0] == (meant or text)


def test_what_was_taught_is_read_as_what_it_means_and_says_so() -> None:
    understood = recogniser().read(replace(said("ship it", workflows=["release-train"]), taught=TAUGHT))
    assert (understood.command, understood.arguments["workflow"]) == ("run_workflow", "release-train")
    assert understood.parts[0] == ("ship it", "means “run release-train”, as your team taught me")


def test_slash_forms_are_never_read_as_phrases() -> None:
    understood = recogniser().read(replace(said("/flow list"), taught={"flow list": "delete release"}))
    assert understood.command == "list_workflows"


@given(st.text(max_size=120), st.dictionaries(st.text(max_size=12), st.text(max_size=20), max_size=4))
def test_any_text_with_any_phrases_is_looked_up(text: str, taught: dict[str, str]) -> None:
    known = {normal(phrase): means for phrase, means in taught.items() if normal(phrase)}
    meant, phrase = expanded(text, known)
    assert (meant == text) if not phrase else known[phrase] in meant


@pytest.mark.parametrize(
    "text",
    ["why?", "why did you think that?", "how did you read that", "what makes you think so?", "/signalbox why", "explain your reading"],
)
def test_why_asks_how_the_last_request_was_read(text: str) -> None:
    assert read(text).command == "explain_reading"


def test_every_part_of_a_workflow_is_told_with_the_words_it_came_from() -> None:
    parts = read(
        "when a pull request is merged in github and base is main, create a trello card on the Release board and tell #releases"
    ).parts
    told = {meant.split(" with ")[0].split(":")[0]: words for words, meant in parts}
    assert "pull request" in told["starts at GitHub"]
    assert "Release board" in told["trello.create_card"]
    assert "#releases" in told["chat.post_message"]


def test_a_command_tells_which_words_gave_which_argument() -> None:
    parts = read("how many errors did github have in the last 24 hours").parts
    assert ("github", "service: github") in parts


def test_what_is_not_understood_comes_with_the_three_nearest_commands() -> None:
    understood = read("xyzzy the escalation wombat")
    assert understood.command is None
    assert len(understood.nearest) == 3
    assert any("scalat" in what for what, _ in understood.nearest)
    assert all(what and example for what, example in understood.nearest)


def test_words_that_come_near_nothing_are_answered_with_what_is_usual() -> None:
    assert len(nearest("qqq zzz")) == 3
