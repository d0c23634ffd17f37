"""Thresholds and reports as they are typed; Monday 2026-11-23 10:00 UTC."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/alerts tune github response_time warning 2s", "set_threshold", {"service": "github", "metric": "response_time", "severity": "warning", "value": "2s"}),
    ("/alerts tune error rate critical 5%", "set_threshold", {"metric": "error rate", "severity": "critical", "value": "5%"}),
    ("/alerts tune github latency warning learnt", "set_threshold", {"service": "github", "metric": "latency", "severity": "warning", "value": "learnt"}),
    ("/alerts tune undo github", "set_threshold", {"service": "github", "undo": "yes"}),
    ("/alerts tune", "alert_quality", {}),
    ("/alerts quality", "alert_quality", {}),
    ("/alerts digest 7d", "alert_digest", {"window": "P7D"}),
    ("/alerts report", "plan_report", {}),
    ("/alerts report digest every weekday at 9:00 in #ops", "plan_report", {"what": "digest", "channel": "#ops", "every": "0 9 * * 1-5"}),
    ("/alerts report health", "plan_report", {"what": "health"}),
    ("/alerts runbook", "set_runbook", {}),
    ("/alerts runbook github availability https://wiki.example/x", "set_runbook", {"about": "github availability", "page": "https://wiki.example/x"}),
    ("/alerts runbook github off", "set_runbook", {"about": "github", "page": "off"}),
    ("/alerts report off rpt_01ABC", "plan_report", {"off": "rpt_01ABC"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "command", "arguments"), FORMS)
def test_a_form_of_thresholds_and_reports(typed: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(typed)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)


@pytest.mark.parametrize("typed", ["/alerts tune github", "/alerts tune github response_time warning 9 parsecs", "/alerts tune github response_time", "/alerts report digest sometimes"])
def test_what_is_missing_is_asked_for(typed: str) -> None:
    assert read(typed).question
