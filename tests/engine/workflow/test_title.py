"""Names of workflows that were given none: short, natural, typable."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workflow.catalogue_data import KNOWN
from engine.workflow.definition import Step, Trigger, TriggerType
from engine.workflow.parse import parse_definition
from engine.workflow.title import LENGTH, title

MERGED = {"type": "event_based", "service": "github", "event": "pull_request_merged"}
CARD = {"action": "trello.create_card", "with": {"board": "Release", "title": "x"}}
REPORT = {"action": "signalbox.health_report"}


def tell(channel: str = "#releases") -> dict[str, Any]:
    return {"action": "chat.post_message", "with": {"channel": channel, "text": "x"}}


def cron(text: str) -> dict[str, Any]:
    return {"type": "scheduled", "cron": text, "timezone": "Europe/Berlin"}


def event(id: str) -> dict[str, Any]:
    service, _, name = id.partition(".")
    return {"type": "event_based", "service": service, "event": name}


def named(trigger: dict[str, Any], *steps: dict[str, Any]) -> str:
    return parse_definition({"trigger": trigger, "steps": list(steps)}).name


@pytest.mark.parametrize(
    ("trigger", "steps", "name"),
    [
        (MERGED, [CARD, tell()], "Merged pull requests to the Release board"),
        (event("github.pull_request_opened"), [tell("#reviews")], "New pull requests to reviews"),
        (event("github.push"), [tell("#builds")], "Pushes to builds"),
        (event("github.workflow_run_failed"), [{"action": "jira.create_issue", "with": {"title": "{{event.title}}"}}], "Failed workflow runs to Jira"),
        (event("signalbox.health_changed"), [REPORT, tell("#ops")], "Health changes to ops"),
        (event("signalbox.anomaly_predicted"), [tell("<#C1|ops>")], "Predicted anomalies to Chat"),
        ({"type": "cross_service", "any": ["github.issue_opened", "zendesk.ticket_created"]}, [CARD], "New issues or new tickets to the Release board"),
        ({"type": "cross_service", "sequence": ["github.push", "gitlab.pipeline_failed"]}, [tell()], "Pushes then failed pipelines to releases"),
        (cron("0 9 * * 1-5"), [REPORT, tell("#ops")], "Health report every weekday"),
        (cron("*/10 * * * *"), [{"action": "jira.search_issues", "with": {"query": "x"}}, tell("#ops")], "Message to ops every 10 minutes"),
        (cron("7-9 3 1-7 * 1"), [CARD], "Trello card to the Release board by schedule"),
        ({"type": "scheduled", "at": "2026-12-01T09:00:00+01:00"}, [tell("#ops")], "Message to ops on 2026-12-01"),
        ({"type": "manual"}, [{"action": "gitlab.trigger_pipeline", "with": {"project": "acme/web"}}], "Trigger GitLab pipeline to acme/web"),
        ({"type": "manual"}, [{"action": "http.request", "with": {"url": "https://example.org"}}], "HTTP request"),
    ],
)  # fmt: skip
def test_a_workflow_is_called_after_what_it_takes_and_where_that_goes(
    trigger: dict[str, Any], steps: list[dict[str, Any]], name: str
) -> None:
    assert named(trigger, *steps) == name


def test_a_name_that_was_given_is_kept() -> None:
    assert parse_definition({"name": "release", "trigger": MERGED, "steps": [CARD]}).name == "release"


def test_every_event_and_action_we_know_makes_a_name_one_can_type() -> None:
    for service in KNOWN:
        for happened in service.events:
            for action in service.actions:
                name = named(event(happened.id), {"action": action.id})
                assert re.fullmatch(r"[A-Z][A-Za-z0-9. ]{5,59}", name), name


@given(st.text(max_size=60), st.sampled_from(["board", "channel", "to", "repo", "folder"]))
def test_whatever_a_place_is_called_the_name_is_one_printable_line(place: str, key: str) -> None:
    triggers = (
        Trigger(type=TriggerType.EVENT_BASED, service="github", event="push"),
        Trigger(type=TriggerType.SCHEDULED, cron="0 9 * * *"),
        Trigger(type=TriggerType.MANUAL),
    )
    for trigger in triggers:
        name = title(trigger, [Step(id="a", action="trello.create_card", arguments={key: place})])
        assert 0 < len(name) <= LENGTH
        assert name.isprintable()


def test_a_name_is_found_within_blocks_too() -> None:
    card = {"action": "trello.create_card", "with": {"board": "Release", "title": "x"}}
    each = {"foreach": {"items": "event.rows", "steps": [card]}}
    waiting = {"wait": {"for": "10m"}}
    assert parse_definition({"trigger": {"type": "manual"}, "steps": [waiting, each]}).name == "Trello card to the Release board"
    sub = {"run_workflow": {"workflow": "Deploy"}}
    assert parse_definition({"trigger": {"type": "manual"}, "steps": [sub]}).name == "Run Deploy"
    assert parse_definition({"trigger": {"type": "manual"}, "steps": [waiting]}).name == "Workflow"


def test_a_workflow_that_runs_another_is_called_after_it() -> None:
    run = {"action": "signalbox.run_workflow", "with": {"workflow": "nightly-sync"}}
    assert named(cron("0 9 * * 1"), run) == "Run nightly-sync every Monday"
