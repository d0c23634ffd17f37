"""Which forecast starts which workflow: the first that is near enough for it, and no other of the same episode."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.runtime.house_news import foreseen, of_anomaly
from engine.workflow.definition import Trigger, TriggerType
from tests.engine.clock import NOON
from tests.engine.commands.hall import an_alert


def waiting(horizon: float | None = None, **more: Any) -> Trigger:
    span = None if horizon is None else timedelta(hours=horizon)
    return Trigger(type=TriggerType.AI_PREDICTED, service="github", horizon=span, **more)


def said(horizon: str | None, before: str | None = None, metric: str = "response_time") -> dict[str, Any]:
    return {"service": "github", "metric": metric, "horizon": horizon, "before": before}


@pytest.mark.parametrize(
    ("trigger", "starts"),
    [
        (waiting(24), [True, False, False, False]),
        (waiting(4), [False, True, False, False]),
        (waiting(2), [False, False, True, False]),
        (waiting(1), [False, False, False, True]),
        (waiting(0.5), [False, False, False, False]),
        (waiting(method="forecast"), [True, False, False, False]),
        (waiting(24, metric="error_rate"), [False, False, False, False]),
        (waiting(), [False, False, False, False]),
    ],
)
def test_of_an_episode_that_comes_nearer_each_workflow_takes_the_first_that_is_near_enough(trigger: Trigger, starts: list[bool]) -> None:
    told = [said("PT24H"), said("PT4H", "PT24H"), said("PT2H", "PT4H"), said("PT1H", "PT2H")]
    assert [not foreseen(trigger, one) for one in told] == starts


def test_an_outage_ahead_is_about_errors_too_and_a_horizon_nobody_can_read_starts_nothing() -> None:
    assert foreseen(waiting(4, metric="error_rate"), said("PT1H", metric="availability")) == ""
    assert "cannot be read" in foreseen(waiting(4), said("soon"))
    assert "within 4 hours" in foreseen(waiting(1), said("PT4H"))


def test_the_alert_of_a_forecast_is_no_finding_of_its_own() -> None:
    assert of_anomaly(an_alert("alr_1", "github", NOON, source="forecast")) is None
    assert of_anomaly(an_alert("alr_1", "github", NOON)) is not None
