"""Maintenance and silences as they are typed; Monday 2026-11-23 10:00 UTC."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

SET = "set_maintenance"
FORMS: list[tuple[str, str, dict[str, Any]]] = [
    ("/alerts maintenance", "list_maintenance", {}),
    ("/alerts maintenance list github", "list_maintenance", {"service": "github"}),
    ("/alerts maintenance end github", "end_maintenance", {"window": "github"}),
    ("/maintenance end sil_01ABC.2", "end_maintenance", {"window": "sil_01ABC.2"}),
    ("/alerts maintenance extend github by 30m", "extend_maintenance", {"window": "github", "by": "PT30M"}),
    ("/alerts maintenance extend sil_01ABC.1 2h", "extend_maintenance", {"window": "sil_01ABC.1", "by": "PT2H"}),
    (
        "/alerts maintenance set github tonight 22:00 to 23:30 because of the big upgrade",
        SET,
        {"service": "github", "start": "2026-11-23T22:00:00+00:00", "until": "2026-11-23T23:30:00+00:00", "note": "the big upgrade"},
    ),
    ("/signalbox maintenance github for 2 hours", SET, {"service": "github", "until": "2026-11-23T12:00:00+00:00"}),
    (
        "/alerts maintenance set jira every Sunday 02:00 to 04:00 with 30 minutes notice",
        SET,
        {
            "service": "jira", "start": "2026-11-29T02:00:00+00:00", "until": "2026-11-29T04:00:00+00:00", "every": "0 2 * * 0", "notice": "PT30M",
        },
    ),
    (
        "/alerts silence rule:response_time severity:medium for 3h",
        SET,
        {"kind": "silence", "rule": "response_time", "severity": "medium", "until": "2026-11-23T13:00:00+00:00"},
    ),
    ("/alerts silence github until 18:00 without notice", SET, {"kind": "silence", "service": "github", "until": "2026-11-23T18:00:00+00:00", "notice": "PT0S"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "command", "arguments"), FORMS)
def test_a_form_of_maintenance(typed: str, command: str, arguments: dict[str, Any]) -> None:
    understood = read(typed)
    assert (understood.command, dict(understood.arguments), understood.question) == (command, arguments, None)


@pytest.mark.parametrize(
    "typed",
    [
        "/alerts maintenance set github",
        "/alerts maintenance set for 2 hours",
        "/alerts maintenance extend github",
        "/alerts maintenance end",
    ],
)
def test_what_is_missing_is_asked_for(typed: str) -> None:
    assert read(typed).question


def test_an_alert_is_raised_by_hand() -> None:
    understood = read("/alerts raise severity:high github pushes hang for everybody")
    assert (understood.command, dict(understood.arguments)) == (
        "raise_alert",
        {"severity": "high", "service": "github", "message": "github pushes hang for everybody"},
    )
    assert read("/alerts raise severity:low").question
