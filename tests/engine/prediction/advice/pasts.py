"""Definitions and runs to look for recommendations in, written as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.prediction.advice.find import recommendations
from engine.prediction.advice.recommendation import Kind, Recommendation
from engine.prediction.advice.reliability import Around
from engine.prediction.advice.seen import RunSeen, StepSeen
from engine.workflow.definition import Definition
from engine.workflow.parse import parse_definition
from tests.engine.graph.houses import CATALOGUE

DAY = datetime(2026, 11, 1, 9, tzinfo=UTC)
AROUND = Around(catalogue=CATALOGUE)
WRITE, READ = "trello.create_card", "github.search_issues"


def flow(*steps: Mapping[str, Any], **more: Any) -> Definition:
    """Steps that make something have a title where none is said."""
    titled = [{"with": {"title": "x"}, **step} if ".create" in str(step.get("action")) else dict(step) for step in steps]
    return parse_definition({"name": "release", "trigger": {"type": "manual"}, "steps": titled, **more})


def run(number: int, succeeded: bool = True, **steps: StepSeen) -> RunSeen:
    return RunSeen(id=f"run_{number}", version=1, at=DAY + timedelta(hours=number), succeeded=succeeded, seconds=20.0, steps=steps)


def went(seconds: float = 1.0, *, start: float = 0.0, **more: Any) -> StepSeen:
    """A step that was asked once and answered."""
    began = DAY + timedelta(seconds=start)
    return StepSeen(**{"tries": 1, "began": began, "ended": began + timedelta(seconds=seconds), "answered": (seconds,), **more})


def gave_up(*, tries: int = 1, retried: float = 0.0, **more: Any) -> StepSeen:
    """A step that met trouble which passes, and gave up."""
    return StepSeen(**{"tries": tries, "failed": True, "passing": True, "began": DAY, "ended": DAY, "retried": retried, **more})


def found(kind: Kind, definition: Definition, runs: list[RunSeen], around: Around = AROUND) -> list[Recommendation]:
    return [one for one in recommendations(definition, runs, around) if one.kind is kind]
