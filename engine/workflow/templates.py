"""Templates: workflows to start from, in the seed's shape and as a sentence to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.workflow.definition import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """``sentence`` is what to type; the other fields are the shape that the REST list has always had."""

    name: str
    description: str
    trigger_service: str
    action_services: tuple[str, ...]
    conditions: Mapping[str, Json]
    sentence: str


TEMPLATES: tuple[Template, ...] = (
    Template(
        name="Merged pull requests to Trello",
        description="A card on the Release board and a word in #releases for every merged pull request.",
        trigger_service="github",
        action_services=("trello", "chat"),
        conditions={"event_type": "pull_request", "action": "merged"},
        sentence="when a pull request is merged in GitHub, create a Trello card on the Release board and tell #releases",
    ),
    Template(
        name="New pull requests to reviews",
        description="Tell the team that a review is wanted.",
        trigger_service="github",
        action_services=("chat",),
        conditions={"event_type": "pull_request", "action": "opened"},
        sentence="when a pull request is opened in GitHub, tell #reviews",
    ),
    Template(
        name="Morning health report",
        description="The state of all services, every weekday at 9.",
        trigger_service="signalbox",
        action_services=("signalbox", "chat"),
        conditions={},
        sentence="every weekday at 9 post the health report in #ops",
    ),
    Template(
        name="Failed builds to issues",
        description="An issue and a message when a workflow run fails on GitHub.",
        trigger_service="github",
        action_services=("github", "chat"),
        conditions={"event_type": "workflow_run", "conclusion": "failure"},
        sentence="when a workflow run fails in GitHub, create a GitHub issue and tell #builds",
    ),
)
