"""What the past of a workflow says about its next run: chance, duration, risks and advice, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from engine.monitoring.alert import Alert, ServiceState
from engine.prediction.rate import Rate
from engine.workflow.definition import Definition, Json, Workflow
from engine.workflow.durations import in_words, iso


class History(Protocol):
    """Counts of finished runs, such as ``engine.ports.RunStats``; ``mean_seconds`` of those that succeeded or failed."""

    @property
    def succeeded(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def mean_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """``seconds``: mean duration, None without a finished run. Every risk and recommendation is a sentence that cites its evidence."""

    workflow: str
    rate: Rate
    seconds: float | None
    risks: tuple[str, ...]
    recommendations: tuple[str, ...]

    @property
    def because(self) -> str:
        if not self.rate.enough:
            return f"There is {self.rate}."
        took = f", taking {in_words(max(1.0, self.seconds))} on average" if self.seconds else ""
        return f"{self.rate.succeeded} of {self.rate.total} finished runs succeeded{took}."

    def seed_form(self) -> dict[str, Json]:
        """The AIPrediction of the REST contract; the duration in ISO 8601. ``samples`` says what it rests on."""
        return {
            "workflow_id": self.workflow,
            "predicted_success_rate": round(self.rate.estimate, 4),
            "recommended_optimizations": list(self.recommendations),
            "risk_factors": list(self.risks),
            "estimated_completion_time": iso(round(self.seconds or 0.0, 3)),
            "confidence_score": round(self.rate.confidence, 4),
            "samples": self.rate.total,
        }


def outlook(
    workflow: Workflow,
    history: History | None,
    *,
    states: Iterable[ServiceState] = (),
    alerts: Iterable[Alert] = (),
    recommendations: Iterable[str] = (),
) -> Outlook:
    """``alerts``: open ones. ``recommendations``: those that are kept as open, see ``engine.prediction.advice``."""
    succeeded, failed = (history.succeeded, history.failed) if history else (0, 0)
    rate = Rate(succeeded, succeeded + failed)
    seconds = history.mean_seconds if history and rate.total else None
    return Outlook(
        workflow=workflow.id,
        rate=rate,
        seconds=seconds,
        risks=tuple(_risks(workflow.definition, rate, states, alerts)),
        recommendations=tuple(recommendations),
    )


def _risks(definition: Definition, rate: Rate, states: Iterable[ServiceState], alerts: Iterable[Alert]) -> list[str]:
    touched = {*definition.services, definition.trigger.service}
    risks = [] if rate.enough else [f"There is {rate}."]
    risks += [f"{alert.service} has an open alert: {alert.message}" for alert in alerts if alert.service in touched]
    risks += [
        f"{state.service} is {state.status}." for state in states if state.service in touched and state.status not in ("healthy", "unknown")
    ]
    return risks
