"""Values of the hall as answers of the API. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from bot.cards.wire import to_json
from bot.faces.face import Opening, Turn
from bot.faces.rest.models.cards import ButtonOut, CardOut
from bot.faces.rest.models.house import FactOut, ImpactOut, RunOut, RunRow, StepOut, TurnOut
from bot.faces.rest.models.monitoring import AlertOut, HistoryPoint, RulingOut, ServiceMetrics
from bot.faces.rest.models.workflows import ExecutionResult, Performance, Prediction, WorkflowOut
from bot.faces.rest.seed import action_services, conditions_of, trigger_service
from engine.graph.impact import Impact
from engine.monitoring.alert import Alert, AlertState
from engine.monitoring.health import ServiceHealth
from engine.monitoring.sample import Outcome, Sample
from engine.workflow.definition import Workflow, WorkflowState
from engine.workflow.parse import to_raw
from engine.workflow.run import Fact, RunRecord, StepState, StepView


def workflow_out(workflow: Workflow, prediction: Prediction | None = None) -> WorkflowOut:
    return WorkflowOut(**workflow_fields(workflow, prediction))


def workflow_fields(workflow: Workflow, prediction: Prediction | None) -> dict[str, Any]:
    definition = workflow.definition
    return {
        "workflow_id": workflow.id,
        "name": definition.name,
        "description": definition.description,
        "trigger_service": trigger_service(definition),
        "action_services": action_services(definition),
        "conditions": conditions_of(definition),
        "ai_optimized": True,
        "enabled": workflow.state is WorkflowState.ACTIVE,
        "created_at": workflow.created_at,
        "state": workflow.state.value,
        "version": workflow.version,
        "definition": to_raw(definition),
        "ai_prediction": prediction,
    }


def execution_results(steps: Sequence[StepView]) -> list[ExecutionResult]:
    """One a step that was tried, in the seed's shape."""
    return [
        ExecutionResult(
            service=step.action.partition(".")[0],
            success=step.state is StepState.SUCCEEDED,
            result=step.output if step.state is StepState.SUCCEEDED else {"error": step.error or step.state.value},
            timestamp=step.finished_at or step.started_at,
        )
        for step in steps
        if step.state not in (StepState.PENDING, StepState.SKIPPED)
    ]


def performance(run: RunRecord, steps: Sequence[StepView]) -> Performance:
    results = execution_results(steps)
    good = sum(result.success for result in results)
    return Performance(
        timestamp=run.finished_at or run.started_at,
        execution_results=results,
        success_count=good,
        total_actions=len(results),
        success_rate=good / len(results) if results else 0.0,
    )


# --- runs --------------------------------------------------------------------------------------------------------------


def run_row(run: RunRecord) -> RunRow:
    return RunRow(**_run_fields(run))


def run_out(run: RunRecord, steps: Sequence[StepView], facts: Sequence[Fact]) -> RunOut:
    return RunOut(**_run_fields(run), steps=[_step(step) for step in steps], facts=[_fact(fact) for fact in facts])


def _run_fields(run: RunRecord) -> dict[str, Any]:
    return {
        "id": run.id,
        "workflow_id": run.workflow,
        "version": run.version,
        "name": run.name,
        "state": run.state.value,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "by": run.by,
        "sandbox": run.sandbox,
        "error": run.error,
        "wake_at": run.wake_at,
        "parent": run.parent,
        "alert": run.alert,
    }


def _step(step: StepView) -> StepOut:
    return StepOut(
        id=step.id,
        action=step.action,
        state=step.state.value,
        attempts=step.attempts,
        output=step.output,
        error=step.error,
        sandbox=step.sandbox,
        started_at=step.started_at,
        finished_at=step.finished_at,
        kind=step.kind,
        within=step.within,
        until=step.until,
        waits_for=step.waits_for,
        undo=step.undo,
        looks=step.looks,
    )


def _fact(fact: Fact) -> FactOut:
    return FactOut(seq=fact.seq, at=fact.at, kind=fact.kind.value, step=fact.step, attempt=fact.attempt, key=fact.key, data=dict(fact.data))


# --- monitoring --------------------------------------------------------------------------------------------------------


def service_metrics(health: ServiceHealth) -> ServiceMetrics:
    return ServiceMetrics(
        service_name=health.service,
        response_time_ms=round(health.response_time_ms, 3),
        success_rate=round(health.success_rate, 4),
        error_count=health.error_count,
        request_count=health.request_count,
        last_checked=health.last_checked,
        health_score=health.health_score,
        status=health.status.value,
        sandbox=health.sandbox,
        detail=health.detail,
    )


def history_point(sample: Sample) -> HistoryPoint:
    good = 1.0 if sample.outcome is Outcome.OK else 0.0
    return HistoryPoint(response_time=round(sample.latency * 1000, 3), success_rate=good, error_rate=1.0 - good, timestamp=sample.at)


def alert_out(alert: Alert) -> AlertOut:
    return AlertOut(
        alert_id=alert.id,
        service_name=alert.service,
        severity=alert.severity.value,
        message=alert.message,
        metric=alert.metric,
        threshold=alert.threshold,
        current_value=alert.value,
        timestamp=alert.opened_at,
        acknowledged=alert.acknowledged_at is not None,
        resolved=alert.state is AlertState.RESOLVED,
        state=alert.state.value,
        revision=alert.revision,
        because=alert.because,
        acknowledged_by=alert.acknowledged_by,
        acknowledged_at=alert.acknowledged_at,
        resolved_by=alert.resolved_by,
        resolved_at=alert.resolved_at,
        note=alert.note,
        sandbox=alert.sandbox,
        rule=alert.rule,
        account=alert.account,
        labels=dict(alert.labels),
        source=alert.source,
        incident=alert.leader,
        quiet=alert.quiet,
        snoozed_until=alert.snoozed_until,
        reopened=alert.reopened,
        runbook=alert.runbook,
        trace=[RulingOut(stage=one.stage, outcome=one.outcome, because=one.because) for one in alert.trace],
    )


# --- conversation, impact ----------------------------------------------------------------------------------------------


def turn_out(turn: Turn) -> TurnOut:
    cards = [CardOut.model_validate(to_json(reply.card)) for reply in turn.replies]
    error = None if turn.ok else (cards[0].summary or cards[0].title if cards else "That was refused.")
    command = cast("Mapping[str, Any] | None", turn.command)
    opens = next((button for card in cards for button in card.actions if _is_opened(button, turn.opens)), None)
    return TurnOut(
        success=turn.ok,
        error=error,
        cards=cards,
        command=dict(command) if command is not None else None,
        run=turn.run,
        faults=dict(turn.faults),
        opens=opens,
    )


def _is_opened(button: ButtonOut, opening: Opening | None) -> bool:
    return opening is not None and (button.card, button.verb, button.arg) == (opening.card, opening.verb, opening.arg)


def impact_out(impact: Impact, people: Sequence[str]) -> ImpactOut:
    return ImpactOut.model_validate(
        {
            "service": impact.service,
            "state": impact.state,
            "workflows": [
                {"id": w.id, "name": w.name, "survives_by": w.survives_by, "runs_per_hour": w.runs_per_hour, "because": w.because}
                for w in impact.workflows
            ],
            "runs_lost_per_hour": impact.runs_lost_per_hour,
            "people": list(people),
            "severity": impact.severity,
            "shared_fallback_dependencies": list(impact.shared_fallback_dependencies),
            "because": impact.because,
        }
    )
