"""Workflows: the seed's six endpoints, and the runs of one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import JSONResponse, Response

from bot.faces.http.json import parsed, speakable
from bot.faces.http.late import LateRouter
from bot.faces.rest.asking import OR_CSV, Calendar, Format, Window, as_sheet, asked
from bot.faces.rest.auth import Guards
from bot.faces.rest.face import RestFace
from bot.faces.rest.models.analytics import period_out
from bot.faces.rest.models.envelope import failures
from bot.faces.rest.models.house import RunsOut
from bot.faces.rest.models.workflows import (
    ExecutionOut,
    PerformanceSummary,
    Prediction,
    TemplateOut,
    TemplatesOut,
    WorkflowAnalytics,
    WorkflowAnalyticsOut,
    WorkflowCreated,
    WorkflowDetail,
    WorkflowIn,
    WorkflowShownOut,
    WorkflowsOut,
)
from bot.faces.rest.seed import raw_definition, trigger_service
from bot.faces.rest.views import execution_results, performance, run_row, workflow_fields, workflow_out
from engine.commands.advising import told
from engine.commands.command import Asked, Outcome, PreviewShown
from engine.commands.drafting import draft_id
from engine.errors import Conflict, Invalid, NotFound, Rejected, SignalboxError
from engine.monitoring.alert import AlertState
from engine.parties import Actor, Address
from engine.ports import RunStats
from engine.prediction.outlook import outlook
from engine.workflow.definition import DraftState, TriggerType, Workflow, WorkflowState
from engine.workflow.expression import Condition
from engine.workflow.kernel import steps_of
from engine.workflow.run import RunRecord, RunState, StepView
from engine.workflow.templates import TEMPLATES

EVER = datetime(1970, 1, 1, tzinfo=UTC)
OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
SHOWN = 10  # finished runs in performance_metrics


class WorkflowRoutes:
    def __init__(self, face: RestFace) -> None:
        self._face = face
        self._store = face.store

    def router(self, guards: Guards) -> LateRouter:
        router = LateRouter(prefix="/api/v2/ai-workflows", tags=["workflows"], dependencies=guards)
        add = router.add_api_route
        add("", self.list, methods=["GET"], response_model=WorkflowsOut, responses=failures())
        add("", self.create, methods=["POST"], status_code=201, response_model=WorkflowCreated, responses=failures(400, 409, 422))
        sheets = {**failures(400, 404), **OR_CSV}
        add("/analytics", self.analytics, methods=["GET"], response_model=WorkflowAnalyticsOut, responses=sheets)
        add("/templates", self.templates, methods=["GET"], response_model=TemplatesOut, responses=failures())
        add("/{workflow_id}", self.show, methods=["GET"], response_model=WorkflowShownOut, responses=failures(404))
        add("/{workflow_id}/runs", self.runs, methods=["GET"], response_model=RunsOut, responses=failures(404))
        add(
            "/{workflow_id}/execute", self.execute, methods=["POST"], response_model=ExecutionOut, openapi_extra=ANY_JSON,
            responses={**failures(400, 404, 409, 422), 202: {"model": ExecutionOut, "description": "The run goes on or waits"},
                       502: {"model": ExecutionOut, "description": "A step failed for good"}},
        )  # fmt: skip
        return router

    # --- reading -----------------------------------------------------------------------------------------------------

    async def list(self) -> WorkflowsOut:
        """Every stored workflow with its prediction."""
        stats, known = await self._stats(), await self._troubles()
        shown = [workflow_out(flow, await self._predict(flow, stats.get(flow.id), *known)) for flow in await self._store.workflows.list()]
        return WorkflowsOut(workflows=shown, total_count=len(shown))

    async def show(self, workflow_id: str) -> WorkflowShownOut:
        """One workflow, its prediction and its last runs."""
        flow = await self._workflow(workflow_id)
        stats, known = await self._stats(), await self._troubles()
        finished = [run for run in await self._store.runs.list(workflow=flow.id, limit=5 * SHOWN) if run.state.over][:SHOWN]
        history = [performance(run, await self._steps(run)) for run in reversed(finished)]
        fields = workflow_fields(flow, await self._predict(flow, stats.get(flow.id), *known))
        return WorkflowShownOut(workflow=WorkflowDetail(**fields, performance_metrics=history))

    async def runs(self, workflow_id: str, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> RunsOut:
        """Its runs, newest first."""
        flow = await self._workflow(workflow_id)
        runs = await self._store.runs.list(workflow=flow.id, limit=limit)
        return RunsOut(runs=[run_row(run) for run in runs], total_count=len(runs))

    async def analytics(
        self,
        workflow: Annotated[str, Query(max_length=200, description="Its id or name; of it alone.")] = "",
        service: Annotated[str, Query(max_length=100, description="Of the workflows that asked it.")] = "",
        team: Annotated[str, Query(max_length=120, description="Of the workflows that belong to it.")] = "",
        window: Window = "",
        calendar: Calendar = "",
        format: Format = "json",
    ) -> WorkflowAnalyticsOut | Response:
        """Counts over all workflows and all runs, and the `period`: success, durations, time saved, the cost of failures and what changed."""
        shown = await asked(self._face, window, calendar, workflow=workflow, service=service, team=team)
        if format == "csv":
            return as_sheet(shown)
        flows, stats = await self._store.workflows.list(), await self._stats()
        uses: dict[str, int] = {}
        for flow in flows:
            for service in {trigger_service(flow.definition), *flow.definition.services}:
                uses[service] = uses.get(service, 0) + 1
        total = sum(each.succeeded + each.failed for each in stats.values())
        good = sum(each.succeeded for each in stats.values())
        summary = PerformanceSummary(
            total_executions=total, successful_executions=good, overall_success_rate=round(100 * good / total, 2) if total else 0.0
        )
        analytics = WorkflowAnalytics(
            total_workflows=len(flows),
            enabled_workflows=sum(flow.state is WorkflowState.ACTIVE for flow in flows),
            ai_optimized_workflows=len(flows),
            service_distribution=dict(sorted(uses.items())),
            performance_summary=summary,
            period=period_out(shown.report),
        )
        return WorkflowAnalyticsOut(analytics=analytics, timestamp=self._face.clock.now())

    async def templates(self) -> TemplatesOut:
        """Workflows to start from; none of them is stored."""
        services = self._face.desk.catalogue.services
        shown = [
            TemplateOut(
                name=each.name,
                description=each.description,
                trigger_service=each.trigger_service,
                action_services=list(each.action_services),
                conditions=dict(each.conditions),
                ai_optimized=True,
                ready=all(id in services and services[id].connected for id in (each.trigger_service, *each.action_services)),
            )
            for each in TEMPLATES
        ]
        return TemplatesOut(templates=shown, total_templates=len(shown))

    # --- writing -----------------------------------------------------------------------------------------------------

    async def create(self, request: Request, body: WorkflowIn) -> WorkflowCreated:
        """Check and store a workflow at once: who calls this has seen what it does. Chat asks for a Confirm instead."""
        desk, actor, where, key = self._face.desk, self._face.actor(body.actor), self._face.where(body.channel), self._face.key(request)
        speakable(body.definition, body.conditions)
        raw = _full(body) if body.definition is not None else raw_definition(body.model_dump(), desk.catalogue)
        draft = await self._store.drafts.get(draft_id(key))
        if draft is None or not draft.workflow:  # else the same key has made it before
            draft = await self._store.drafts.get(await self._confirmed(raw, actor, where, key))
        flow = await self._workflow(draft.workflow if draft else "")
        prediction = await self._predict(flow, None, *(await self._troubles()))
        return WorkflowCreated(workflow_id=flow.id, workflow=workflow_out(flow, prediction), ai_prediction=prediction)

    async def _confirmed(self, raw: Mapping[str, Any], actor: Actor, where: Address, key: str) -> str:
        """The id of the draft it was stored by. One that cannot be stored is put away again, with its preview in the channel."""
        desk = self._face.desk
        shown = _drafted(await desk.do("create_workflow", {"workflow": raw}, actor, where, key))
        drafted = shown.draft.id
        try:
            if _is_past(shown):
                raise Rejected("It would never fire: its time is past. Name a later one.")
            await desk.do("confirm_draft", {"draft": drafted}, actor, where, f"{key}/confirm")
        except Rejected:
            with contextlib.suppress(SignalboxError):
                await desk.do("cancel_draft", {"draft": drafted}, actor, where, f"{key}/cancel")
            raise
        return drafted

    async def execute(self, request: Request, workflow_id: str) -> JSONResponse:
        """Run it now with any JSON object as its event; answers when the run is over, or after 20 s with 202."""
        data = await _data(request)
        flow = await self._workflow(workflow_id)
        if flow.state is not WorkflowState.ACTIVE:
            raise Conflict("Workflow is disabled")
        self._check_condition(flow, data)
        key = self._face.key(request)
        run = await self._face.desk.start(flow, data=data, actor=self._face.actor(), where=self._face.where(), key=key)
        if run is None:
            raise Conflict("This Idempotency-Key has started a run already; look at it under /api/v2/runs.")
        ended = await self._face.ended(run.id) or run
        return self._executed(flow, ended, await self._steps(ended))

    def _check_condition(self, flow: Workflow, data: Mapping[str, Any]) -> None:
        if not flow.definition.when:
            return
        about = {"id": flow.id, "name": flow.name, "version": flow.version}
        holds, _ = Condition.compile(flow.definition.when).explain({"event": data, "inputs": data, "workflow": about})
        if not holds:
            raise Conflict("Conditions not met")

    def _executed(self, flow: Workflow, run: RunRecord, steps: tuple[StepView, ...]) -> JSONResponse:
        status = {RunState.SUCCEEDED: 200, RunState.FAILED: 502, RunState.CANCELLED: 409}.get(run.state, 202)
        error = {202: None, 200: None}.get(status, run.error or f"The run {run.state.value}.")
        answer = ExecutionOut(
            success=run.state is RunState.SUCCEEDED,
            error=error,
            workflow_id=flow.id,
            run=run.id,
            state=run.state.value,
            execution_results=execution_results(steps),
            timestamp=self._face.clock.now(),
        )
        return JSONResponse(answer.model_dump(mode="json"), status)

    # --- within ------------------------------------------------------------------------------------------------------

    async def _workflow(self, workflow_id: str) -> Workflow:
        flow = await self._store.workflows.get(workflow_id)
        if flow is None or flow.state is WorkflowState.DELETED:
            raise NotFound("Workflow not found")
        return flow

    async def _stats(self) -> Mapping[str, RunStats]:
        return await self._store.runs.stats(since=EVER)

    async def _predict(self, flow: Workflow, stats: RunStats | None, states: Any, alerts: Any) -> Prediction:
        advice = await told(self._store, flow.id)
        seen = outlook(flow, stats, states=states, alerts=alerts, recommendations=advice)
        form = seen.seed_form()
        if (prospect := await self._face.desk.prospect(flow)) is not None:
            form |= prospect.seed_form(further=[risk for risk in seen.risks if "open alert" in risk])
        return Prediction.model_validate(form)

    async def _troubles(self) -> tuple[Any, Any]:
        return await self._store.samples.states(), await self._store.alerts.list(states=OPEN)

    async def _steps(self, run: RunRecord) -> tuple[StepView, ...]:
        flow = await self._store.workflows.at_version(run.workflow, run.version)
        return steps_of(flow.definition, await self._store.runs.facts(run.id), run) if flow else ()


ANY_JSON = {
    "requestBody": {
        "description": "The event; without one the workflow sees an empty event.",
        "content": {"application/json": {"schema": {"type": "object"}, "example": {"branch": "main", "commits": 5}}},
    }
}


def _full(body: WorkflowIn) -> dict[str, Any]:
    raw = dict(body.definition or {})
    if body.name:
        raw["name"] = body.name
    if body.description:
        raw.setdefault("description", body.description)
    return raw


def _is_past(shown: PreviewShown) -> bool:
    scheduled = shown.definition is not None and shown.definition.trigger.type is TriggerType.SCHEDULED
    return scheduled and shown.draft.state is DraftState.OPEN and not shown.fires


def _drafted(outcome: Outcome) -> PreviewShown:
    if isinstance(outcome.result, PreviewShown):
        return outcome.result
    question = outcome.result.question if isinstance(outcome.result, Asked) else "Signalbox answered without a preview."
    raise Rejected(question)


async def _data(request: Request) -> dict[str, Any]:
    body = await request.body()
    data = parsed(body) if body else {}
    if not isinstance(data, dict):
        raise Invalid('The event must be a JSON object, for example {"branch": "main"}.')
    return data
