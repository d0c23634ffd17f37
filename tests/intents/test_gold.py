"""The development requests of twelve personas, scored by the shared scorer. It is a development set: the floor guards against going back."""

from __future__ import annotations

import json
import runpy
from datetime import datetime
from typing import Any

import pytest

from engine.ports import Said
from intents.lines import to_contract
from tests.intents.words import recogniser
from tests.shared_data import shared

FLOOR = {"command_accuracy": 0.98, "argument_f1": 0.97}
WORKFLOW_FLOOR = {"full_exact": 0.97, "parameter_f1": 0.97, "option_f1": 0.97, "schedule_exact": 0.97}


@pytest.mark.shared
def test_the_development_requests_are_understood() -> None:
    golds = [json.loads(line) for line in shared("data/gold/dev.jsonl").read_text().splitlines()]
    score = runpy.run_path(str(shared("tools/score_parse.py")))["score"]
    result, wrong = score([_scorable(gold) for gold in golds], [_parsed(gold) for gold in golds])
    assert {key: result[key] for key in FLOOR if result[key] < FLOOR[key]} == {}, wrong
    assert {key: result["workflow"][key] for key, floor in WORKFLOW_FLOOR.items() if result["workflow"][key] < floor} == {}, wrong
    assert result["out_of_scope"]["f1"] >= 0.97, wrong
    assert result["ask_back"]["f1"] >= 0.95, wrong


def _parsed(gold: dict[str, Any]) -> dict[str, Any]:
    said = Said(text=gold["text"], now=datetime.fromisoformat(gold["now"]), timezone=gold.get("timezone") or "UTC")
    return to_contract(recogniser().read(said), gold["text"])


def _scorable(gold: dict[str, Any]) -> dict[str, Any]:
    """The scorer wants a trigger type in every workflow; one request states no trigger at all."""
    workflow = gold["gold"]["arguments"].get("workflow")
    if gold["gold"]["command"] == "create_workflow" and isinstance(workflow, dict):
        workflow.setdefault("trigger", {"type": ""})
    return gold
