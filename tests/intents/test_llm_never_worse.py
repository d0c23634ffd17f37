"""A model that always answers what fits and is wrong takes nothing away from the grammar, and brings about nothing without a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from engine.ports import Said, Understood
from intents.llm import LanguageModel
from intents.merging import GUESSED, Reading, merged
from intents.model.checking import check
from tests.intents.model_fake import Body, ModelFake, serving
from tests.intents.words import catalogue, recogniser, said
from tests.shared_data import shared

OWN_PREVIEW = {"create_workflow", "edit_workflow", "delete_workflow"}
LOOKS = {"health_report", "list_alerts", "show_impact", "help"}


def wrong(body: Body) -> tuple[int, str]:
    """Another one for every sentence, made of its own words where those are looked for."""
    text = json.loads(body["messages"][1]["content"].removeprefix("<data>").removesuffix("</data>"))["request"]
    word = next(iter(text.split()), "x")
    steps = [{"action": "trello.create_card", "with": {"board": "x", "list": "y", "title": "z"}}]
    answers: list[dict[str, Any]] = [
        {"command": "delete_workflow", "arguments": {"workflow": word}},
        {"command": "resolve_alert", "arguments": {"service": "trello"}},
        {"command": None, "arguments": {}},
        {"command": "create_workflow", "arguments": {"workflow": {"trigger": {"type": "manual"}, "steps": steps}}},
        {"command": "run_workflow", "arguments": {"workflow": word}},
        {"command": "set_threshold", "arguments": {"service": "box", "metric": "throughput", "severity": "info", "value": 7}},
        {"command": "health_report", "arguments": {"service": "monday"}},
        {"command": "set_maintenance", "arguments": {"service": "asana", "until": "2027-01-01T00:00:00+00:00"}},
    ]
    return 200, json.dumps({**answers[len(text) % len(answers)], "confidence": 1})


@pytest.mark.shared
async def test_firm_readings_stand_and_guesses_are_only_offered() -> None:
    golds = [json.loads(line) for line in shared("data/gold/dev.jsonl").read_text().splitlines()]
    offered = firm = 0
    async with serving(ModelFake(wrong)) as fake:
        model = LanguageModel(catalogue(), api_key="", model="m", base_url=fake.url, per_day=10**9)
        for gold in golds:
            spoken = Said(text=gold["text"], now=datetime.fromisoformat(gold["now"]), timezone=gold.get("timezone") or "UTC")
            best = recogniser().read(spoken)
            better = await model.improve(spoken, best)
            if better is None:
                continue
            if best.command is not None:
                firm += 1
                assert not_worse(better, best), gold["text"]
            else:
                offered += 1
                assert only_offered(better), (gold["text"], better)
        await model.close()
    assert offered > 10
    assert len(fake.requests) >= len(golds)


def not_worse(better: Understood, best: Understood) -> bool:
    """The same command, everything that was understood, and nothing done that was to be asked first."""
    kept = better.command == best.command and all(
        better.arguments.get(key) == value for key, value in best.arguments.items() if key != "workflow"
    )
    own, theirs = best.arguments.get("workflow"), better.arguments.get("workflow")
    if isinstance(own, dict) and isinstance(theirs, dict):
        kept = kept and all(theirs.get(key) == value for key, value in own.items() if value and (key != "trigger" or best.question is None))
    else:
        kept = kept and (own is None or own == theirs)
    acts = better.command not in OWN_PREVIEW | LOOKS
    return kept and (not acts or bool(better.question)) and (bool(best.question) or better.arguments == best.arguments)


def only_offered(better: Understood) -> bool:
    return better.confidence <= GUESSED and (better.command in OWN_PREVIEW | LOOKS or bool(better.question))


def test_a_firm_reading_is_not_weighed_against_another() -> None:
    best = recogniser().read(said("pause nightly-sync", workflows=("nightly-sync",)))
    assert (best.command, best.question) == ("pause_workflow", None)
    for command in ("delete_workflow", None):
        reading = Reading(command, {"workflow": "nightly-sync"} if command else {}, 1.0)
        assert merged(reading, best, said("pause nightly-sync"), catalogue()) is None


async def test_two_readings_of_unsure_words_become_a_question_with_both() -> None:
    unsure = Understood(command="health_report", confidence=0.5, arguments={"service": "github"})
    words = said("github, hm")
    other = merged(Reading("list_alerts", {"service": "github"}, 0.9), unsure, words, catalogue())
    assert other is not None
    assert (other.command, other.arguments) == (unsure.command, unsure.arguments)
    assert [label for label, _ in other.options] == ["health report (service github)", "list alerts (service github)"]
    for answer, command in (("the second one", "list_alerts"), ("1", "health_report"), (other.options[1][1], "list_alerts")):
        chosen = recogniser().read(said(answer, pending=other.remember))
        assert (chosen.command, chosen.arguments) == (command, {"service": "github"})
    same = merged(Reading("health_report", {"service": "github"}, 0.9), unsure, words, catalogue())
    assert same is not None
    assert same == replace(unsure, confidence=same.confidence)
    assert same.confidence > unsure.confidence


@pytest.mark.parametrize(
    ("workflow", "fault"),
    [
        ({"trigger": {"type": "manual"}, "steps": [{"action": "trello.create_card"}] * 31}, "at most 30 steps"),
        ({"steps": [{"action": "chat.post_message", "with": {"text": "x" * 5000}}]}, "longer than"),
        ({"steps": [{"action": "chat.post_message", "with": {"text": ["x" * 900] * 40}}]}, "larger than"),
    ],
)
def test_a_workflow_beyond_the_limits_is_refused_with_the_reason(workflow: dict[str, Any], fault: str) -> None:
    checked = check(json.dumps({"command": "create_workflow", "arguments": {"workflow": workflow}}), catalogue())
    assert isinstance(checked, str)
    assert fault in checked


def test_what_is_nested_too_deeply_is_refused_without_being_followed() -> None:
    deep = "[" * 400 + "]" * 400
    checked = check(f'{{"command": "run_workflow", "arguments": {{"inputs": {deep}}}}}', catalogue())
    assert isinstance(checked, str)
    assert "nested" in checked


@pytest.mark.parametrize("value", ['"NaN"', "NaN", "Infinity", "true", '"sure"', "[]"])
def test_a_confidence_that_is_none_counts_as_half(value: str) -> None:
    checked = check(f'{{"command": "on_call", "arguments": {{}}, "confidence": {value}}}', catalogue())
    assert isinstance(checked, Reading)
    assert checked.confidence == 0.5
