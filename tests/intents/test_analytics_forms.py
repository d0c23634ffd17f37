"""Analytics as they are typed and said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intents.words import read

FORMS: list[tuple[str, dict[str, Any]]] = [
    ("/analytics", {}),
    ("/analytics all", {}),
    ("/analytics our workflows this week", {"calendar": "week"}),
    ("/analytics today", {"calendar": "today"}),
    ("/analytics 30 days", {"window": "P30D"}),
    ("/analytics over the last 24h", {"window": "PT24H"}),
    ("/analytics last month", {"window": "P1M"}),
    ("/analytics P7D", {"window": "P7D"}),
    ("/analytics github", {"service": "github"}),
    ("/analytics service Google Drive", {"service": "google_drive"}),
    ("/analytics service github this month", {"service": "github", "calendar": "month"}),
    ("/analytics team Finance & Ops this quarter", {"team": "Finance & Ops", "calendar": "quarter"}),
    ("/analytics the finance team", {"team": "finance"}),
    ("/analytics workflow Release train last 2 weeks", {"workflow": "Release train", "window": "P14D"}),
    ("/signalbox analytics team Finance", {"team": "Finance"}),
]
SENTENCES: list[tuple[str, dict[str, Any]]] = [
    ("how much time did our workflows save this month?", {"window": "P1M", "calendar": "month"}),
    ("How many hours did our automations save in the last 30 days", {"window": "P30D"}),
    ("how much time did we save this week?", {"window": "P7D", "calendar": "week"}),
    ("what did failures cost us this month?", {"window": "P1M", "calendar": "month"}),
    ("how much did our failed runs cost", {}),
    ("analytics for team Finance this month", {"team": "Finance", "window": "P1M", "calendar": "month"}),
    ("show me the analytics of the finance team", {"team": "finance"}),
    ("How did our workflows perform over the past three months?", {"window": "P3M"}),
    ("how much time does CSAT ping save us", {"workflow": "CSAT ping"}),
]


@pytest.mark.parametrize(("typed", "arguments"), [*FORMS, *SENTENCES])
def test_a_form_or_sentence_of_analytics(typed: str, arguments: dict[str, Any]) -> None:
    understood = read(typed)
    assert (understood.command, dict(understood.arguments), understood.question) == ("workflow_analytics", arguments, None)


@pytest.mark.parametrize(
    ("typed", "says"),
    [("/analytics frobnicator", "is no workflow and no service"), ("/analytics service frob", "I do not know the service")],
)
def test_what_is_not_known_is_asked_about(typed: str, says: str) -> None:
    understood = read(typed)
    assert understood.command == "workflow_analytics"
    assert says in (understood.question or "")


@pytest.mark.parametrize(
    "said",
    [
        "every monday at 9 post the workflow analytics in #ops",
        "when a run fails, send its analytics to #exec",
        "how much time does it take to save a file?",
        "what did the failure of the server cost?",
    ],
)
def test_what_only_sounds_like_it_is_left_alone(said: str) -> None:
    assert read(said).command != "workflow_analytics"
