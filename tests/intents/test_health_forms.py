"""The exact forms about health and objectives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/health", "health_report", {}),
    ("/health github", "health_report", {"service": "github"}),
    ("/health github over 24h", "health_report", {"service": "github", "window": "PT24H"}),
    ("/health legacy", "health_report", {"formula": "legacy"}),
    ("/health github formula=legacy", "health_report", {"service": "github", "formula": "legacy"}),
    ("/health github forecast", "forecast", {"service": "github"}),
    ("/health forecast github", "forecast", {"service": "github"}),
    ("/health github response_time over 24h", "service_metrics", {"service": "github", "metric": "response_time", "window": "PT24H"}),
    ("/health github error rate last 7 days", "service_metrics", {"service": "github", "metric": "error_rate", "window": "P7D"}),
    ("/health google drive metrics", "service_metrics", {"service": "google_drive"}),
    ("/health github metrics", "service_metrics", {"service": "github"}),
    ("/slo", "show_objectives", {}),
    ("/slo list", "show_objectives", {}),
    ("/slo github", "show_objectives", {"service": "github"}),
    ("/slo set github 99.5%", "set_objective", {"service": "github", "goal": 0.995}),
    ("/slo set github 99,9 % within 800ms over 7d", "set_objective", {"service": "github", "goal": 0.999, "limit": "PT0.8S", "window": "P7D"}),
    ("/slo set google drive 99% as eu", "set_objective", {"service": "google_drive", "goal": 0.99, "account": "eu"}),
    ("/slo remove github", "remove_objective", {"service": "github"}),
    ("/slo remove github latency", "remove_objective", {"service": "github", "kind": "latency"}),
]
ASKED = [
    ("/health forecast", "forecast", "Of which service"), ("/health nonsense", "health_report", "I do not know the service"),
    ("/health githb forecast", "forecast", "Did you mean"), ("/slo set github", "set_objective", "What share"), ("/slo set", "set_objective", "Of which service"),
    ("/slo remove", "remove_objective", "Of which service"), ("/health response_time", "service_metrics", "Of which service"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "command", "arguments"), FORMS)
def test_what_is_typed_is_what_is_meant(text: str, command: str, arguments: dict[str, Any]) -> None:
    found = read(text)
    assert (found.command, dict(found.arguments), found.question) == (command, arguments, None)


@pytest.mark.parametrize(("text", "command", "question"), ASKED)
def test_what_is_missing_is_asked_for(text: str, command: str, question: str) -> None:
    found = read(text)
    assert found.command == command
    assert question in str(found.question)
