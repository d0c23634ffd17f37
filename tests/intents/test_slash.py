"""The exact forms: what is typed is what is meant."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

NAMES = ("release flow", "nightly-sync", "Lead Import")
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/flow list", "list_workflows", {}),
    ("/flow list github", "list_workflows", {"service": "github"}),
    ("/flow list paused", "list_workflows", {"state": "paused"}),
    ("/flow show release flow", "show_workflow", {"workflow": "release flow"}),
    ("/flow show relese flow", "show_workflow", {"workflow": "release flow"}),
    ('/flow run Lead Import region=EMEA n=3 dry=true note="two words"', "run_workflow", {"workflow": "Lead Import", "inputs": {"region": "EMEA", "n": 3, "dry": True, "note": "two words"}}),
    ("/flow pause nightly-sync", "pause_workflow", {"workflow": "nightly-sync"}),
    ("/flow pause nightly-sync until monday", "pause_workflow", {"workflow": "nightly-sync", "until": "2026-11-30T00:00:00+00:00"}),
    ("/flow resume nightly-sync", "resume_workflow", {"workflow": "nightly-sync"}),
    ("/flow edit nightly-sync move it to 4am", "edit_workflow", {"workflow": "nightly-sync", "change": "move it to 4am"}),
    ("/flow delete nightly-sync", "delete_workflow", {"workflow": "nightly-sync"}),
    ("/flow history", "run_history", {}),
    ("/flow history Lead Import", "run_history", {"workflow": "Lead Import"}),
    ("/flow export nightly-sync", "export_workflows", {"workflow": "nightly-sync"}),
    ("/flow import ```yaml\nname: 'x'\n  steps: []\n```", "import_workflows", {"text": "name: 'x'\n  steps: []"}),
    ("/flow templates", "list_templates", {}),
    ("/health", "health_report", {}),
    ("/health github", "health_report", {"service": "github"}),
    ("/alerts mine", "list_alerts", {"state": "mine"}),
    ("/alerts service:github severity:high", "list_alerts", {"service": "github", "severity": "high"}),
    ("/ack 4711", "acknowledge_alert", {"alert": "4711"}),
    ("/ack github", "acknowledge_alert", {"service": "github"}),
    ("/ack", "acknowledge_alert", {}),
    ("/resolve alr_01ABC note fixed by vendor", "resolve_alert", {"alert": "alr_01ABC", "note": "fixed by vendor"}),
    ("/impact trello", "show_impact", {"service": "trello"}),
    ("/deps", "show_dependencies", {}),
    ("/deps Lead Import", "show_dependencies", {"workflow": "Lead Import"}),
    ("/oncall", "on_call", {}),
    ("/connect github", "connect_service", {"service": "github"}),
    ("/service github", "show_service", {"service": "github"}),
    ("/doctor", "doctor", {}),
    ("/signalbox what breaks if trello goes down?", "show_impact", {"service": "trello"}),
    ("/signalbox admin <@U1|max>", "name_admin", {"user": "@max"}),
    ("/signalbox help schedule", "help", {"topic": "schedule"}),
    ("/signalbox audit", "show_audit", {}),
    ("/signalbox /health", "health_report", {}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "command", "arguments"), FORMS)
def test_a_slash_form(typed: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(typed, workflows=NAMES)
    assert (understood.command, understood.question) == (command, None)
    assert dict(understood.arguments) == arguments


def test_the_structured_form_says_everything_exactly() -> None:
    understood = read(
        "/flow create release on github.pull_request_merged if event.base == \"main\" && event.author != 'bot' do trello.create_card board=Release "
        'title="Ship {{event.title}}" then chat.post_message channel=#releases text=out retry 3 fallback trello=asana approval @lead timeout 30s '
        "on failure do chat.post_message channel=#mods"
    )
    assert understood.arguments["workflow"] == {
        "name": "release",
        "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
        "when": "event.base == 'main' && event.author != 'bot'",
        "steps": [
            {"action": "trello.create_card", "with": {"board": "Release", "title": "Ship {{event.title}}"}},
            {"action": "chat.post_message", "with": {"channel": "#releases", "text": "out"}},
        ],
        "options": {
            "retries": 3,
            "approval": "@lead",
            "timeout": "PT30S",
            "fallback": {"trello": "asana"},
            "on_failure": [{"action": "chat.post_message", "with": {"channel": "#mods"}}],
        },
    }


def test_the_structured_form_takes_schedules() -> None:
    understood = read("/flow create every weekday at 9 do signalbox.health_report then chat.post_message channel=#ops")
    assert understood.arguments["workflow"]["trigger"] == {"type": "scheduled", "cron": "0 9 * * 1-5"}  # type: ignore[index,call-overload]


def test_flow_create_takes_a_sentence() -> None:
    understood = read("/flow create when a pull request is merged in GitHub tell <#C1|releases>")
    assert understood.command == "create_workflow"
    assert understood.places == {"#releases": "slack:C1"}


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [("/flow crate x", "create"), ("/flwo list", "/flow"), ("/flow list gitbub", "github"), ("/health gihub", "github")],
)
def test_a_misspelt_form_is_asked_about_with_the_nearest(typed: str, suggestion: str) -> None:
    understood = read(typed)
    assert understood.question is not None
    assert "Did you mean" in understood.question
    assert suggestion in understood.question
    assert any(suggestion in words for _, words in understood.options)


@pytest.mark.parametrize(
    "typed", ["/flow pause nightly-sync until blue moon", "/impact", "/flow delete", "/flow create", "/signalbox admin", "/flow import"]
)
def test_a_form_with_something_missing_asks_for_it(typed: str) -> None:
    assert read(typed).question


def test_rehearsing_says_that_it_is_not_there_yet() -> None:
    assert "not there yet" in read("/flow rehearse x").reply
