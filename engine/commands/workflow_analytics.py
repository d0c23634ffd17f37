"""How workflows did over a time, what they saved and what their failures cost; of all, one, a service or a team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from engine.commands.analysing import analysed, scope_of
from engine.commands.command import AnalyticsShown, Asking, Command, Outcome
from engine.commands.house import House
from engine.commands.spans import span_of
from engine.prediction.analytics.report import Analytics, Row, headline
from engine.prediction.analytics.words import amount, length, share, work

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowAnalytics(Command):
    """``window``: an ISO 8601 duration or one like 30d; ``calendar``: today, week, month, quarter or year so far, instead of it."""

    NAME: ClassVar[str] = "workflow_analytics"
    SLASH: ClassVar[str] = "/analytics"
    HELP: ClassVar[str] = (
        "Runs, success, durations, time saved and the cost of failures, with what changed; of all, a workflow, a service or a team."
    )
    EXAMPLE: ClassVar[str] = "/analytics team Finance this month"
    workflow: str = ""
    service: str = ""
    team: str = ""
    window: str = ""
    calendar: str = ""

    async def handle(self, house: House, asking: Asking) -> Outcome:
        scope = await scope_of(house, self.workflow, self.service, self.team)
        span = span_of(self.window, self.calendar, asking.at, asking.timezone, WEEK)
        return Outcome(result=await analysed(house, scope, span.since, span.until, span.words, asking.timezone))


async def analytics_of(house: House, name: str, window: str, now: datetime) -> AnalyticsShown:
    """For a workflow that posts them: of one workflow or of all."""
    span = span_of(window, "", now, house.timezone, WEEK)
    return await analysed(house, await scope_of(house, name), span.since, span.until, span.words, house.timezone)


def analytics_text(shown: AnalyticsShown) -> str:
    """Plain lines: the time, the whole, a line a workflow, what changed, what is not known."""
    report = shown.report
    lines = [f"{shown.words[:1].upper()}{shown.words[1:]}", *map(_line, report.rows)]
    if len(report.rows) != 1:
        lines.insert(1, headline(report))
    lines += [change.text for change in report.changes if change.clear]
    return "\n".join([*lines, *report.notes])


def _line(row: Row) -> str:
    one = row.figures
    parts = [amount(one.total, "run")]
    if one.success_rate is not None:
        parts.append(f"{share(one.success_rate)} of {one.over:,} succeeded")
    if one.median is not None:
        parts.append(f"half within {length(one.median)}")
    if one.saved is not None:
        parts.append(f"{work(one.saved)} saved")
    if one.cost:
        parts.append(f"failures cost {work(one.cost)}")
    return f"“{row.flow.name}”: {', '.join(parts)}."


def numbers(report: Analytics) -> dict[str, int | float]:
    """What later steps of a workflow can reckon with; seconds and a share of 0..1, 0 where nothing is known."""
    total = report.total
    return {
        "total": total.total,
        "success_rate": round(total.success_rate or 0.0, 4),
        "saved_seconds": round(total.saved or 0.0, 3),
        "failure_cost_seconds": round(total.cost or 0.0, 3),
    }
