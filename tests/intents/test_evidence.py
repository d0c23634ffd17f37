"""Commands in wordings that no reader knows whole are understood by the weight of what stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

UNHEARD: list[tuple[str, str, dict[str, Any]]] = [
    ("please start the workflow named Evening count", "run_workflow", {"workflow": "Evening count"}),
    ("could you freeze Monthly Close for 3 days", "pause_workflow", {"workflow": "Monthly Close"}),
    ("lead-router is good to go again", "resume_workflow", {"workflow": "lead-router"}),
    ("can you ditch nightly-export entirely", "delete_workflow", {"workflow": "nightly-export"}),
    ("lead-router fell over, give it another shot", "retry_run", {"workflow": "lead-router"}),
    ("please redo run 48213", "retry_run", {"run": "48213"}),
    ("AL-77 is mine", "acknowledge_alert", {"alert": "AL-77"}),
    ("AL-12 was a false alarm", "resolve_alert", {"alert": "AL-12"}),
    ("AL-4410 needs someone more senior", "escalate_alert", {"alert": "AL-4410"}),
    ("how slow is zendesk today", "service_metrics", {"service": "zendesk", "metric": "response_time"}),
    ("consequences of a github outage", "show_impact", {"service": "github"}),
    ("what's hanging off stripe", "show_dependencies", {"service": "stripe"}),
    ("make asana our plan b for trello", "set_fallback", {"service": "trello", "fallback": "asana"}),
    ("fail over from stripe to quickbooks", "set_fallback", {"service": "stripe", "fallback": "quickbooks"}),
    ("how likely is Monthly Close to fail", "predict_run", {"workflow": "Monthly Close"}),
    ("where is the bottleneck in rota-sync", "optimize_workflow", {"workflow": "rota-sync"}),
]


@pytest.mark.parametrize(("text", "command", "arguments"), UNHEARD)
def test_an_unheard_wording_of_a_known_deed_is_understood(text: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(text)
    assert understood.command == command
    assert {key: understood.arguments.get(key) for key in arguments} == arguments


@pytest.mark.parametrize(
    "text", ["resolve the argument between tom and anna", "close the window please it's cold", "retry the coffee machine"]
)
def test_a_deed_to_what_is_not_ours_is_no_command(text: str) -> None:
    assert read(text).command is None
