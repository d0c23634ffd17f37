"""Analytics of a time: figures, what they were worth, and what changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, Field

from engine.prediction.analytics.changes import Change
from engine.prediction.analytics.figures import Figures
from engine.prediction.analytics.report import Analytics, Kind
from engine.prediction.analytics.services import ServiceFigures

Verdict = Literal["better", "worse", "different", "no clear change", "cannot be told"]


class FiguresOut(BaseModel):
    """Durations in ISO 8601. null: nothing is known, or nobody declared it."""

    runs: int
    succeeded: int
    failed: int
    cancelled: int
    sandbox: int = Field(description="Of the succeeded and failed ones; they save and cost nothing.")
    success_rate: float | None = Field(description="0..1, of those that succeeded or failed.")
    median_duration: timedelta | None = Field(description="Of runs that succeeded, waiting included; within two percent.")
    p90_duration: timedelta | None
    time_saved: timedelta | None = Field(description="By `options.saves` of the definition.")
    failure_cost: timedelta | None = Field(description="`repair` and `by_hand` together.")
    repair: timedelta | None = Field(description="By `options.failure_costs` of the definition.")
    by_hand: timedelta | None = Field(description="What failed runs would have saved is done by somebody after all.")
    waited: timedelta = Field(description="How long failed runs had been under way.")


class ChangeOut(BaseModel):
    """Against the equally long time before."""

    measure: str
    verdict: Verdict
    text: str
    now: float | None
    before: float | None


class WorkflowFigures(FiguresOut):
    workflow_id: str
    name: str
    owner: str
    deleted: bool
    change: ChangeOut | None = Field(description="The clear change that matters most; null: there is none.")


class TeamFigures(FiguresOut):
    owner: str = Field(description="Empty: of workflows that nobody owns.")


class UsageOut(BaseModel):
    """What workflows asked of a service."""

    service: str
    asks: int = Field(description="Attempts, each counted.")
    failed: int
    success_rate: float | None
    mean_duration: timedelta | None
    median_duration: timedelta | None = Field(description="Where one service was asked for.")
    p90_duration: timedelta | None
    workflows: list[str]
    failed_runs_at_most: int = Field(description="Sums do not tell which ask of which run failed: no more failed runs can be its fault.")
    failure_cost_at_most: timedelta | None


class PeriodOut(BaseModel):
    scope: Literal["all", "workflow", "service", "team"]
    name: str
    since: datetime
    until: datetime
    total: FiguresOut
    workflows: list[WorkflowFigures]
    teams: list[TeamFigures]
    services: list[UsageOut]
    changes: list[ChangeOut]
    notes: list[str] = Field(description="What is not known or not counted, a sentence each.")


def period_out(report: Analytics) -> PeriodOut:
    rows = [
        WorkflowFigures(
            **_figures(row.figures), workflow_id=row.flow.id, name=row.flow.name, owner=row.flow.owner, deleted=row.flow.deleted,
            change=change_out(row.change) if row.change else None,
        )
        for row in report.rows
    ]  # fmt: skip
    asked = [report.service] if report.scope.kind is Kind.SERVICE and report.service is not None else list(report.services)
    return PeriodOut(
        scope=report.scope.kind.value,
        name=report.scope.name,
        since=report.since,
        until=report.until,
        total=FiguresOut(**_figures(report.total)),
        workflows=rows,
        teams=[TeamFigures(**_figures(figures), owner=owner) for owner, figures in report.teams],
        services=[usage_out(one) for one in asked],
        changes=[change_out(change) for change in report.changes],
        notes=list(report.notes),
    )


def usage_out(one: ServiceFigures) -> UsageOut:
    return UsageOut(
        service=one.service,
        asks=one.asks,
        failed=one.failed,
        success_rate=_share(one.success_rate),
        mean_duration=_length(one.seconds / one.asks if one.asks else None),
        median_duration=_length(one.median),
        p90_duration=_length(one.p90),
        workflows=list(one.workflows),
        failed_runs_at_most=one.runs_at_most,
        failure_cost_at_most=_length(one.cost_at_most),
    )


def change_out(change: Change) -> ChangeOut:
    return ChangeOut(measure=change.measure, verdict=change.verdict.value, text=change.text, now=change.now, before=change.before)


def _figures(one: Figures) -> dict[str, Any]:
    return {
        "runs": one.total,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "cancelled": one.cancelled,
        "sandbox": one.sandbox,
        "success_rate": _share(one.success_rate),
        "median_duration": _length(one.median),
        "p90_duration": _length(one.p90),
        "time_saved": _length(one.saved),
        "failure_cost": _length(one.cost),
        "repair": _length(one.repair),
        "by_hand": _length(one.by_hand),
        "waited": _length(one.waited),
    }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=round(seconds, 3))
