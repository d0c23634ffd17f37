"""Forecasts of runs as they are typed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("/predict", "predict_run", {}),
        ("/predict release", "predict_run", {"workflow": "release"}),
        ("/predict release tomorrow 9:00", "predict_run", {"workflow": "release", "at": "2026-11-24T09:00:00+00:00"}),
        ("/predict calibration", "show_calibration", {}),
        ("/predict calibration of release", "show_calibration", {"workflow": "release"}),
    ],
)
def test_a_forecast_is_asked_for(text: str, command: str, arguments: dict[str, Any]) -> None:
    found = read(text, workflows=["release"])
    assert (found.command, dict(found.arguments)) == (command, arguments)


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("/impact jira", {"service": "jira"}),
        ("/impact jira github slack", {"service": "jira github slack"}),
        ("/impact jira and slack are degraded", {"service": "jira and slack", "state": "degraded"}),
        ("/impact jira over its quota", {"service": "jira", "state": "over quota"}),
        ("/impact release", {"workflow": "release"}),
        ("/impact vault", {"service": "vault"}),
        ("what breaks if jira and slack go down?", {"service": "jira and slack"}),
        ("what breaks if jira is degraded?", {"service": "jira", "state": "degraded"}),
    ],
)
def test_what_breaks_is_asked_of_several_and_in_any_state(text: str, arguments: dict[str, Any]) -> None:
    found = read(text, workflows=["release"])
    assert (found.command, dict(found.arguments), found.question) == ("show_impact", arguments, None)
