"""Requests written without sight of the grammar: what was reached with them is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.ports import Said, Understood
from tests.intents.words import recogniser

HERE = Path(__file__).parent / "requests"


def rows(*names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        yield from (json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


def heard(row: dict[str, Any]) -> Understood:
    return recogniser().read(Said(text=row["text"], now=datetime.fromisoformat(row["now"]), timezone=row.get("timezone") or "UTC"))


def share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted)


def parts(workflow: Any) -> tuple[Any, ...]:
    """What starts it and what is done, without values."""
    trigger = workflow.get("trigger") or {}
    events = tuple(sorted(event for key in ("all", "any", "sequence") for event in trigger.get(key) or ()))
    return (
        trigger.get("type"),
        trigger.get("service"),
        trigger.get("event"),
        events,
        tuple(step["action"] for step in workflow.get("steps") or ()),
    )


@pytest.mark.parametrize(("half", "command", "workflow"), [("seen", 0.98, 0.95), ("unseen", 0.92, 0.77)])
def test_the_commands_and_workflows_of_many_trades_are_understood(half: str, command: float, workflow: float) -> None:
    read = [(row["gold"], heard(row)) for row in rows(f"a_{half}", f"b_{half}", f"c_{half}")]
    assert share(understood.command == gold["command"] for gold, understood in read) >= command
    made = [(gold, one) for gold, one in read if gold["command"] == "create_workflow"]
    same = (
        one.command == "create_workflow" and parts(one.arguments["workflow"]) == parts(gold["arguments"].get("workflow") or {})
        for gold, one in made
    )
    assert share(same) >= workflow


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt"])
def test_four_other_languages_are_understood(language: str) -> None:
    read = [(row, heard(row)) for row in rows("languages_seen", "languages_unseen") if row["language"] == language]
    assert share(understood.command == row["gold"]["command"] for row, understood in read) >= 0.94
