"""What the runs so far say about the next one, in the seed's shape. Pure.

The rate is the mean of a Beta(1, 1) prior updated by every finished run (Laplace's rule of succession); the confidence is one
minus the width of its 95 % interval (normal approximation), so that it is 0 without any run and grows with their number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import timedelta

from bot.faces.rest.models.workflows import Prediction
from engine.monitoring.alert import Alert, ServiceState
from engine.ports import RunStats
from engine.workflow.definition import Workflow

ENOUGH = 5  # finished runs below which the answer says that it is a guess
RETRIES_HELP = 0.9  # success rate below which a workflow without retries is told so


def predict(workflow: Workflow, stats: RunStats | None, states: Iterable[ServiceState], alerts: Iterable[Alert]) -> Prediction:
    finished = stats.succeeded + stats.failed if stats else 0
    succeeded = stats.succeeded if stats else 0
    rate = (succeeded + 1) / (finished + 2)
    return Prediction(
        workflow_id=workflow.id,
        predicted_success_rate=round(rate, 4),
        recommended_optimizations=_advice(workflow, rate, finished),
        risk_factors=_risks(workflow, finished, states, alerts),
        estimated_completion_time=timedelta(seconds=round(stats.mean_seconds, 3) if stats else 0.0),
        confidence_score=round(_confidence(rate, finished), 4),
        samples=finished,
    )


def _confidence(rate: float, finished: int) -> float:
    deviation = math.sqrt(rate * (1 - rate) / (finished + 3))
    return max(0.0, 1 - 2 * 1.96 * deviation) if finished else 0.0


def _risks(workflow: Workflow, finished: int, states: Iterable[ServiceState], alerts: Iterable[Alert]) -> list[str]:
    touched = set(workflow.definition.services)
    risks = []
    if finished < ENOUGH:
        runs = "1 finished run" if finished == 1 else f"{finished} finished runs"
        risks.append(f"Only {runs} so far: this is a guess, {ENOUGH} are needed for a measurement.")
    risks += [f"{alert.service} has an open alert: {alert.message}" for alert in alerts if alert.service in touched]
    risks += [
        f"{state.service} is {state.status}."
        for state in states
        if state.service in touched and state.status not in ("healthy", "unknown")
    ]
    return risks


def _advice(workflow: Workflow, rate: float, finished: int) -> list[str]:
    options = workflow.definition.options
    if finished < ENOUGH or rate >= RETRIES_HELP:
        return []
    advice = []
    if not options.retries:
        advice.append(f"{rate:.0%} of {finished} runs succeed and failed steps are not retried: set options.retries.")
    if not options.fallback:
        advice.append(f"{rate:.0%} of {finished} runs succeed and no service stands in for another: set options.fallback.")
    return advice
