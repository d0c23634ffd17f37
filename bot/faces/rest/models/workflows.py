"""Workflows, their executions and their prospects, in the seed's words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.faces.rest.models.analytics import PeriodOut
from bot.faces.rest.models.envelope import In, Out
from bot.faces.rest.models.house import RunStateName

SEED_FORM: dict[str, Any] = {
    "name": "Payment → thank-you card",
    "trigger_service": "github",
    "action_services": ["trello", "chat.post_message"],
    "conditions": {"branch": "main", "commits": 3},
    "description": "A card for every bigger push.",
}
FULL_FORM: dict[str, Any] = {
    "name": "Release flow",
    "definition": {
        "trigger": {"type": "event_based", "service": "github", "event": "pull_request_merged"},
        "when": "event.base == 'main'",
        "steps": [
            {"action": "trello.create_card", "with": {"board": "Release", "list": "To Do", "title": "{{event.title}}"}},
            {"action": "chat.post_message", "with": {"channel": "#releases", "text": "Merged: {{event.title}}"}},
        ],
        "options": {"retries": 3},
    },
}


class WorkflowIn(In):
    """The seed's form (`name`, `trigger_service`, `action_services`) or the full one (`definition`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [SEED_FORM, FULL_FORM]})

    name: str | None = Field(default=None, max_length=200)
    trigger_service: str | None = Field(default=None, description="A service id; any of its events starts a run.")
    action_services: list[str] | None = Field(default=None, description="Service ids, or `service.operation`, in order.")
    description: str = Field(default="", max_length=2000)
    conditions: dict[str, Any] = Field(default={}, description="Field of the event → value it must equal; numbers: at least.")
    ai_optimized: bool = Field(default=True, description="Kept for the seed's callers; every workflow gets its prediction.")
    definition: dict[str, Any] | None = Field(
        default=None, description="The canonical definition; nothing of the seed's form is then needed."
    )
    channel: str = Field(default="", max_length=200, description="Where its cards go: `#name` (web chat) or `face:channel`.")
    actor: str = Field(default="", max_length=100, description="A name to show; no rights come with it.")


class Prediction(BaseModel):
    workflow_id: str
    predicted_success_rate: float = Field(ge=0, le=1, description="From finished runs; 0.5 without any.")
    recommended_optimizations: list[str]
    risk_factors: list[str]
    estimated_completion_time: timedelta = Field(description="ISO 8601 duration.")
    confidence_score: float = Field(ge=0, le=1, description="0 = nothing is known; 1 − the width of the 95 % interval.")
    samples: int = Field(description="Finished runs this rests on.")


class WorkflowOut(BaseModel):
    workflow_id: str = Field(examples=["wf_3fa91c02"])
    name: str
    description: str
    trigger_service: str
    action_services: list[str]
    conditions: dict[str, Any] = Field(
        description="Only of workflows made by the seed's form; every other condition is in `definition.when`."
    )
    ai_optimized: bool
    enabled: bool
    created_at: datetime
    state: Literal["active", "paused", "deleted"]
    version: int
    definition: dict[str, Any]
    ai_prediction: Prediction | None = None


class Performance(BaseModel):
    timestamp: datetime
    execution_results: list[ExecutionResult]
    success_count: int
    total_actions: int
    success_rate: float


class WorkflowDetail(WorkflowOut):
    performance_metrics: list[Performance] = Field(default=[], description="The last ten finished runs, oldest first.")


class ExecutionResult(BaseModel):
    service: str
    success: bool
    result: Any = Field(description="The step's output, or {error}.")
    timestamp: datetime | None


class WorkflowsOut(Out):
    workflows: list[WorkflowOut]
    total_count: int


class WorkflowCreated(Out):
    workflow_id: str
    workflow: WorkflowOut
    ai_prediction: Prediction


class WorkflowShownOut(Out):
    workflow: WorkflowDetail


class ExecutionOut(BaseModel):
    """`success` is false when a step failed for good (502), or while the run goes on or waits for somebody (202)."""

    success: bool
    error: str | None = None
    workflow_id: str
    run: str
    state: RunStateName
    execution_results: list[ExecutionResult]
    timestamp: datetime


class PerformanceSummary(BaseModel):
    total_executions: int
    successful_executions: int
    overall_success_rate: float = Field(description="0..100")


class WorkflowAnalytics(BaseModel):
    total_workflows: int
    enabled_workflows: int
    ai_optimized_workflows: int
    service_distribution: dict[str, int]
    performance_summary: PerformanceSummary
    period: PeriodOut = Field(description="Of the time that was asked for; everything above is of all time.")


class WorkflowAnalyticsOut(Out):
    analytics: WorkflowAnalytics
    timestamp: datetime


class TemplateOut(BaseModel):
    """Its first six fields are a body for `POST /api/v2/ai-workflows`."""

    name: str
    description: str
    trigger_service: str
    action_services: list[str]
    conditions: dict[str, Any]
    ai_optimized: bool
    ready: bool = Field(description="False: a connector it needs does not ship yet.")


class TemplatesOut(Out):
    templates: list[TemplateOut]
    total_templates: int


Performance.model_rebuild()
