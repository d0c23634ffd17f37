"""What the past of a workflow says about its next run: chance, duration, risks and advice, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.monitoring.alert import Alert, ServiceState
from engine.prediction.rate import Rate
from engine.workflow.catalogue import Catalogue, listed
from engine.workflow.definition import Definition, Json, Step, Workflow
from engine.workflow.durations import in_words, iso
from engine.workflow.expression import Expression, templates
from engine.workflow.order import effective_steps

GOOD = 0.95  # success rate from which on nothing is advised
SLOW = 5.0  # seconds of mean duration from which on running steps at once is worth a word
NAMED = 3  # runs that are named as evidence


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
    catalogue: Catalogue | None = None,
    states: Iterable[ServiceState] = (),
    alerts: Iterable[Alert] = (),
    failures: Mapping[str, Sequence[str]] | None = None,
) -> Outlook:
    """``alerts``: open ones. ``failures``: by step id, the runs in which the step failed, newest first."""
    succeeded, failed = (history.succeeded, history.failed) if history else (0, 0)
    rate = Rate(succeeded, succeeded + failed)
    seconds = history.mean_seconds if history and rate.total else None
    return Outlook(
        workflow=workflow.id,
        rate=rate,
        seconds=seconds,
        risks=tuple(_risks(workflow.definition, rate, states, alerts)),
        recommendations=tuple(_advice(workflow.definition, rate, seconds, catalogue, failures or {})),
    )


def _risks(definition: Definition, rate: Rate, states: Iterable[ServiceState], alerts: Iterable[Alert]) -> list[str]:
    touched = {*definition.services, definition.trigger.service}
    risks = [] if rate.enough else [f"There is {rate}."]
    risks += [f"{alert.service} has an open alert: {alert.message}" for alert in alerts if alert.service in touched]
    risks += [
        f"{state.service} is {state.status}." for state in states if state.service in touched and state.status not in ("healthy", "unknown")
    ]
    return risks


def _advice(
    definition: Definition, rate: Rate, seconds: float | None, catalogue: Catalogue | None, failures: Mapping[str, Sequence[str]]
) -> list[str]:
    if not rate.enough:
        return []
    advice = []
    if rate.succeeded / rate.total < GOOD:
        failed = f"{rate.total - rate.succeeded} of {rate.total} runs failed"
        advice += _fragile(definition, failed, failures)
        advice += _unsheltered(definition, failed, catalogue, failures)
    advice += _waiting(definition, rate, seconds)
    return advice


def _fragile(definition: Definition, failed: str, failures: Mapping[str, Sequence[str]]) -> list[str]:
    """Steps that fail most, and those that are not tried again."""
    advice = []
    if failures:
        step, runs = max(failures.items(), key=lambda item: len(item[1]))
        if len(runs) >= 2:
            advice.append(f"Look at “{step}”: it failed in {len(runs)} runs, last in {listed(runs[:NAMED])}.")
    once = [step.id for step in definition.steps if (definition.options.retries if step.retries is None else step.retries) == 0]
    if once:
        advice.append(f"Let {listed(f'“{id}”' for id in once)} be tried again (retries): {failed}, and passing trouble ends a run at once.")
    return advice


def _unsheltered(definition: Definition, failed: str, catalogue: Catalogue | None, failures: Mapping[str, Sequence[str]]) -> list[str]:
    """A connected service that could stand in where a step fails and nothing does."""
    if catalogue is None:
        return []
    failing = [step for step in definition.steps if len(failures.get(step.id, ())) >= 2 and step.service not in definition.options.fallback]
    for step in failing:
        others = [name for name in catalogue.connected if name != step.service and catalogue.equivalent(step.action, name)]
        if others:
            count = len(failures[step.id])
            return [f"Let {others[0]} stand in for {step.service} (options.fallback): “{step.id}” failed in {count} runs, {failed} in all."]
    return []


def _waiting(definition: Definition, rate: Rate, seconds: float | None) -> list[str]:
    """Steps in a row that read nothing of each other."""
    steps = effective_steps(definition)
    free = [step.id for step in steps[1:] if step.needs and not _reads(step)]
    if seconds is None or seconds < SLOW or not free or any(step.when for step in steps) or definition.options.approval:
        return []
    took = in_words(seconds)
    return [
        f"Run {listed(f'“{id}”' for id in free)} at once (needs: []): no step reads another's output, and {rate.total} runs took {took} on average."
    ]


def _reads(step: Step) -> bool:
    texts = [step.when, *(expression for text in _texts(dict(step.arguments)) for expression in templates(text))]
    return any("steps" in Expression.compile(text).roots for text in texts if text)


def _texts(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in _texts(part)]
