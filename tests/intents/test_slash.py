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
    ("/flow history Lead Import failed", "run_history", {"workflow": "Lead Import", "outcome": "failed"}),
    ("/flow history queued", "run_history", {"outcome": "queued"}),
    ("/flow show run_01J9ZQ", "show_run", {"run": "run_01J9ZQ"}),
    ("/flow cancel Lead Import", "cancel_run", {"workflow": "Lead Import"}),
    ("/flow cancel run_01J9ZQ without undoing", "cancel_run", {"run": "run_01J9ZQ", "undo": False}),
    ("/flow cancel", "cancel_run", {}),
    ("/flow retry release flow", "retry_run", {"workflow": "release flow"}),
    ("/flow retry run_01J9ZQ", "retry_run", {"run": "run_01J9ZQ"}),
    ('/flow retry release flow board="To Do" post[3].n=4 inputs.version=1.4', "retry_run", {"workflow": "release flow", "changes": {"board": "To Do", "post[3].n": 4, "inputs.version": 1.4}}),
    ("/flow skip release flow create_card", "skip_step", {"workflow": "release flow", "step": "create_card"}),
    ("/flow skip run_01J9ZQ post[3]", "skip_step", {"run": "run_01J9ZQ", "step": "post[3]"}),
    ("/flow skip nightly-sync", "skip_step", {"workflow": "nightly-sync"}),
    ("/flow pause-run nightly-sync", "pause_run", {"workflow": "nightly-sync"}),
    ("/flow pause run of nightly-sync", "pause_run", {"workflow": "nightly-sync"}),
    ("/flow pause run_01J9ZQ", "pause_run", {"run": "run_01J9ZQ"}),
    ("/flow resume-run", "resume_run", {}),
    ("/flow resume run nightly-sync", "resume_run", {"workflow": "nightly-sync"}),
    ("/flow approve", "approve_step", {}),
    ("/flow approve release flow", "approve_step", {"workflow": "release flow"}),
    ("/flow approve release flow looks good to me", "approve_step", {"workflow": "release flow", "note": "looks good to me"}),
    ("/flow approve looks good to me", "approve_step", {"note": "looks good to me"}),
    ("/flow decline run_01J9ZQ not before Monday", "decline_step", {"run": "run_01J9ZQ", "note": "not before Monday"}),
    ("/flow doubt release flow happened", "settle_doubt", {"workflow": "release flow"}),
    ("/flow doubt run_01J9ZQ repeat create_card", "repeat_doubt", {"run": "run_01J9ZQ", "step": "create_card"}),
    ("/flow doubt look", "look_doubt", {}),
    ("/flow versions nightly-sync", "list_versions", {"workflow": "nightly-sync"}),
    ("/flow diff nightly-sync", "diff_versions", {"workflow": "nightly-sync"}),
    ("/flow diff Lead Import 1 3", "diff_versions", {"workflow": "Lead Import", "older": "1", "newer": "3"}),
    ("/flow diff Lead Import v2", "diff_versions", {"workflow": "Lead Import", "older": "2"}),
    ("/flow rollback release flow", "rollback_workflow", {"workflow": "release flow"}),
    ("/flow rollback release flow to version 2", "rollback_workflow", {"workflow": "release flow", "version": "2"}),
    ("/flow run release flow for alr_01ABC region=EMEA", "start_runbook", {"workflow": "release flow", "alert": "alr_01ABC", "inputs": {"region": "EMEA"}}),
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
    ("/service github watch acme/web", "watch_service", {"service": "github", "target": "acme/web"}),
    ("/service github as ops unwatch acme/web", "watch_service", {"service": "github", "account": "ops", "target": "acme/web", "off": True}),
    ("/service stripe watch", "watch_service", {"service": "stripe"}),
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
