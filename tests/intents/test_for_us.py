"""What is for us and what is not; what only points and when is left open is asked; how sure a reading is, is honest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ports import Understood
from intents.calibration import LEAST, MOST, UNSAID, Evidence, Rung, calibrated, said
from intents.for_us import LIKELY
from tests.intents.words import read, recogniser
from tests.intents.words import said as saying

REQUESTS = Path(__file__).parent / "requests"


def rows(name: str) -> Iterator[Mapping[str, Any]]:
    return (json.loads(line) for line in (REQUESTS / name).read_text(encoding="utf-8").splitlines() if line.strip())


def score(text: str) -> float:
    _, evidence = recogniser().evidence(saying(text))
    return evidence.weight


# --- for us --------------------------------------------------------------------------------------------------------------------------


def test_of_two_hundred_sentences_nearly_all_are_known_to_be_ours_or_not() -> None:
    found = [(row["for_us"], read(row["text"]).command is not None) for row in rows("scope_seen.jsonl")]
    foreign_right = sum(not ours and not taken for ours, taken in found)
    ours_lost = sum(ours and not taken for ours, taken in found)
    foreign_taken = sum(taken and not ours for ours, taken in found)
    assert 2 * foreign_right / (2 * foreign_right + ours_lost + foreign_taken) >= 0.95


@pytest.mark.parametrize(
    "words", ["the GitHub alert", "post it in #ops", "when a pull request is merged", "the nightly-export workflow", "our error rate"]
)
def test_what_is_ours_speaks_for_us(words: str) -> None:
    assert score(words) > 0


@pytest.mark.parametrize(
    "words",
    ["I loved that workflow", "the alert was rather loud", "@ada did you see the alert?", "write me a poem about workflows", "who founded GitHub", "is Jira better than Trello",
     "anybody up for lunch", "what is 12 times 19", "imagine you were a workflow", "translate alert into French"],
)  # fmt: skip
def test_talk_speaks_against_us_even_with_our_words_in_it(words: str) -> None:
    assert score(words) < 0.5
    assert read(words).command is None


@pytest.mark.parametrize("quoted", ["I love pizza", "write me a poem", "who founded GitHub", "book a flight to Rome"])
def test_what_is_quoted_speaks_neither_way(quoted: str) -> None:
    assert score(f"every Monday at 9 post '{quoted}' in #ops") == score("every Monday at 9 post 'x' in #ops")


def test_a_workflow_of_the_team_speaks_for_us_more_than_a_thing_of_life_against() -> None:
    _, evidence = recogniser().evidence(saying("run the pizza lunch", workflows=("pizza lunch",)))
    assert evidence.weight >= LIKELY


# --- what must be asked --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "command"),
    [("why is it slow?", "find_root_cause"), ("what breaks if it goes down?", "show_impact"), ("what depends on it", "show_impact"), ("bump that one up", "escalate_alert"),
     ("set a fallback for it", "set_fallback"), ("change the threshold", "set_threshold"), ("history of that one", "run_history"), ("will it work tomorrow at 9", "predict_run"),
     ("edit the workflow", "edit_workflow"), ("delete it", "delete_workflow"), ("snooze it for 2 hours", "snooze_alert"), ("put it in maintenance until 18:00", "set_maintenance")],
)  # fmt: skip
def test_what_only_points_keeps_its_command_and_asks_which(text: str, command: str) -> None:
    understood = read(text)
    assert understood.command == command
    assert understood.question


@pytest.mark.parametrize(
    "text",
    ["post the health report in #ops regularly", "regularly post the health report in #ops", "from time to time send the alert digest to #ops", "post the alert digest in #ops later",
     "post the health report in #ops in the morning", "set up a reminder 'check tyres' for #drivers", "run payroll-prep later", "post in #pipeline when it changes"],
)  # fmt: skip
def test_a_time_or_cause_that_is_none_yet_is_asked_for(text: str) -> None:
    understood = read(text)
    assert understood.command in ("create_workflow", "run_workflow")
    assert understood.question


@pytest.mark.parametrize(
    "text",
    [
        "create a trello card",
        "when a github issue is opened create a jira issue",
        "post 'see you later' in #ops",
        "every morning at 7 post the health report in #ops",
    ],
)
def test_details_that_may_be_absent_are_not_asked_for(text: str) -> None:
    assert read(text).question is None


@pytest.mark.parametrize(
    "text",
    ["post the health report in #ops regularly", "post the health report in #ops later", "post the health report in #ops in the morning"],
)
def test_an_answer_to_when_makes_the_schedule(text: str) -> None:
    asked = read(text)
    answered = recogniser().read(saying("every weekday at 9", pending=asked.remember))
    assert answered.arguments["workflow"]["trigger"] == {"type": "scheduled", "cron": "0 9 * * 1-5"}
    assert answered.question is None


# --- how sure ------------------------------------------------------------------------------------------------------------------------


def test_of_what_is_read_with_a_chance_that_share_is_right() -> None:
    read_rows = [(read(row["text"]), row) for row in rows("scope_seen.jsonl")]
    sure = [(understood.confidence, (understood.command is not None) == row["for_us"]) for understood, row in read_rows]
    error = 0.0
    for least in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95):
        inside = [
            (chance, right)
            for chance, right in sure
            if least <= chance < {0.0: 0.5, 0.5: 0.7, 0.7: 0.8, 0.8: 0.9, 0.9: 0.95, 0.95: 1.1}[least]
        ]
        if inside:
            error += abs(sum(chance for chance, _ in inside) - sum(right for _, right in inside)) / len(sure)
    assert error <= 0.06


_EVIDENCE = st.builds(
    Evidence, st.sampled_from(Rung), st.floats(0, 1), st.floats(-20, 20), asked=st.booleans(), rivals=st.integers(0, 9), mended=st.integers(0, 99),
    agreement=st.sampled_from(["same", "differs", "unsure", None]), said=st.booleans(),
)  # fmt: skip


@given(_EVIDENCE)
def test_a_chance_is_a_chance_and_agreement_never_lowers_it(evidence: Evidence) -> None:
    chance = calibrated(evidence)
    assert LEAST <= chance <= MOST
    assert calibrated(replace(evidence, agreement="same")) >= calibrated(replace(evidence, agreement="differs"))
    assert calibrated(replace(evidence, said=False)) <= chance or not evidence.said
    assert evidence.said or evidence.rung is Rung.NOTHING or chance <= UNSAID


_TOKENS = [
    "the",
    "workflow",
    "payroll-prep",
    "alert",
    "4711",
    "it",
    "that",
    "github",
    "please",
    "run",
    "of",
    "old",
    "#ops",
    "when",
    "down",
    "is",
    "fine",
    "over",
    "there",
    "never",
    "again",
    "delete",
    "resolve",
    "mend",
    "swap",
    "rest",
    "sleep",
    "quiet",
    "tomorrow",
    "critical",
    "make",
    "put",
    "take",
    "hold",
    "'x'",
    "@ada",
    "jira",
    "one",
    "all",
    "every",
    "away",
    "out",
    "for",
]


@given(st.lists(st.sampled_from(_TOKENS), max_size=9).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_nothing_that_cannot_be_taken_back_is_surely_read_without_a_word_for_it(text: str) -> None:
    understood: Understood = read(text)
    if not understood.question and understood.confidence > UNSAID:
        assert said(understood.command, text)
