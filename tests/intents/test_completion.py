"""Ways to go on from what is typed."""

from __future__ import annotations

from tests.intents.words import recogniser

NAMES = ("Release train", "nightly-sync")


def texts(typed: str, limit: int = 8) -> list[str]:
    return [text for text, _ in recogniser().complete(typed, NAMES, limit)]


def test_a_slash_offers_the_forms() -> None:
    assert "/flow create " in texts("/fl")
    assert texts("/flow c") == ["/flow create ", "/flow cancel "]


def test_a_form_that_takes_a_workflow_offers_the_teams_own() -> None:
    assert texts("/flow run ni") == ["/flow run nightly-sync"]
    assert texts("pause re")[0] == "pause Release train"


def test_a_form_that_takes_a_service_offers_services() -> None:
    assert texts("/health git") == ["/health github", "/health gitlab"]


def test_no_more_than_asked_and_never_what_stands_there_already() -> None:
    assert len(texts("/", limit=3)) == 3
    assert texts("/doctor") == []
    assert texts("x" * 500) == []
