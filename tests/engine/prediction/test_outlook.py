"""Chances with their sample size, and advice with its evidence."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.monitoring.alert import ServiceState
from engine.prediction.outlook import outlook
from engine.prediction.rate import Rate
from tests.engine.graph.houses import manual, workflow


@dataclass(frozen=True, slots=True)
class Past:
    succeeded: int
    failed: int
    mean_seconds: float = 2.0


def test_few_runs_claim_nothing() -> None:
    told = outlook(workflow(1, manual("trello.create_card")), Past(4, 0))
    assert not told.rate.enough
    assert told.because == "There is not enough data (4 of 5 finished runs)."
    assert told.recommendations == ()
    assert outlook(workflow(1, manual("trello.create_card")), None).seed_form() == {
        "workflow_id": "wf_00000001",
        "predicted_success_rate": 0.5,
        "recommended_optimizations": [],
        "risk_factors": ["There is not enough data (0 of 5 finished runs)."],
        "estimated_completion_time": "PT0S",
        "confidence_score": 0.0,
        "samples": 0,
    }


@pytest.mark.parametrize(
    ("succeeded", "total", "low", "high"),
    # The textbook values of Wilson at 95 %.
    [(0, 10, 0.0, 0.2775), (1, 10, 0.0179, 0.4042), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (95, 100, 0.8883, 0.9785)],
)
def test_the_interval_is_wilsons(succeeded: int, total: int, low: float, high: float) -> None:
    rate = Rate(succeeded, total)
    assert (rate.low, rate.high) == (pytest.approx(low, abs=2e-4), pytest.approx(high, abs=2e-4))


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_estimate_lies_within_its_interval_and_more_runs_narrow_it(succeeded: int, failed: int) -> None:
    rate, more = Rate(succeeded, succeeded + failed), Rate(succeeded * 10, (succeeded + failed) * 10)
    assert 0 <= rate.low <= rate.estimate <= rate.high <= 1
    assert rate.confidence <= more.confidence + 1e-12
    assert 0 <= rate.confidence <= 1


def test_what_is_told_cites_its_runs() -> None:
    told = outlook(workflow(1, manual("trello.create_card")), Past(23, 1))
    assert str(told.rate) == "96% (80% to 99%, 24 runs)"
    assert told.because == "23 of 24 finished runs succeeded, taking 2 seconds on average."


def test_what_is_recommended_is_part_of_the_rest_view() -> None:
    told = outlook(workflow(1, manual("trello.create_card")), Past(7, 3), recommendations=["Let it be tried again."])
    assert told.seed_form()["recommended_optimizations"] == ["Let it be tried again."]


def test_troubles_of_its_services_are_risks() -> None:
    flow = workflow(1, manual("trello.create_card"))
    states = [
        ServiceState(service="trello", account="default", status="degraded"),
        ServiceState(service="jira", account="default", status="offline"),
    ]
    assert outlook(flow, Past(10, 0), states=states).risks == ("trello is degraded.",)
