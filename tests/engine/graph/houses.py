"""Small and random sets of workflows to ask the graph about."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from engine.graph.services import Dependencies
from engine.workflow.catalogue import Catalogue
from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Workflow, WorkflowState
from engine.workflow.parse import parse_definition

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
CATALOGUE = Catalogue([replace(service, connected=True) for service in KNOWN])


@dataclass(frozen=True, slots=True)
class Counts:
    total: int


def workflow(
    number: int, raw: Mapping[str, Any], *, name: str = "", by: str = "slack:U1", state: WorkflowState = WorkflowState.ACTIVE
) -> Workflow:
    definition = parse_definition({**raw, "name": name or f"flow {number}"})
    made = datetime(2026, 10, 1, tzinfo=UTC)
    return Workflow(
        id=f"wf_{number:08x}", version=1, revision=1, definition=definition, state=state, created_at=made, created_by=by, updated_at=made
    )  # fmt: skip


def graph(*workflows: Workflow, runs: Mapping[int, int] | None = None) -> Dependencies:
    """``runs``: of the last week, by workflow number."""
    counts = {f"wf_{number:08x}": Counts(total) for number, total in (runs or {}).items()}
    return Dependencies.build(workflows, CATALOGUE, stats=counts, now=NOW)


def event(service: str, name: str, *actions: str, **more: Any) -> dict[str, Any]:
    trigger = {"type": "event_based", "service": service, "event": name}
    return {"trigger": trigger, "steps": [{"action": action} for action in actions], **more}


def manual(*actions: str, **more: Any) -> dict[str, Any]:
    return {"trigger": {"type": "manual"}, "steps": [{"action": action} for action in actions], **more}


def random_house(seed: int, count: int) -> list[Workflow]:
    """A believable house: a few hubs, some schedules, some fallbacks."""
    dice = random.Random(seed)
    actions = sorted(CATALOGUE.actions)
    hubs = ["chat.post_message", "trello.create_card", "github.create_issue", "jira.create_issue", "slack.post_message"]
    events = sorted(CATALOGUE.events)
    made = []
    for number in range(count):
        steps = [dice.choice(hubs if dice.random() < 0.6 else actions) for _ in range(dice.randint(1, 4))]
        triggers: list[dict[str, Any]] = [
            {"type": "manual"},
            {"type": "scheduled", "cron": f"{dice.randint(0, 59)} {dice.randint(0, 23)} * * *"},
            dict(zip(("type", "service", "event"), ("event_based", *dice.choice(events).split(".")), strict=True)),
        ]
        used = sorted({step.partition(".")[0] for step in steps})
        fallback = {}
        if dice.random() < 0.4:
            service = dice.choice(used)
            others = {
                other.partition(".")[0] for step in steps if step.startswith(service + ".") for other in CATALOGUE.actions[step].equivalents
            }
            if others:
                fallback = {service: dice.choice(sorted(others))}
        raw = {"trigger": dice.choice(triggers), "steps": [{"action": step} for step in steps], "options": {"fallback": fallback}}
        made.append(workflow(number, raw, name=f"{dice.choice(WORDS)}-{dice.choice(WORDS)} {number}", by=f"slack:U{number % 7}"))
    return made


WORDS = [
    "release",
    "invoice",
    "daily",
    "onboarding",
    "triage",
    "report",
    "standup",
    "churn",
    "deploy",
    "digest",
    "ticket",
    "sync",
    "backup",
    "review",
]
