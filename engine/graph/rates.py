"""How often a workflow is expected to run: exactly from its schedule, otherwise from its past week."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, takewhile

from engine.errors import Invalid
from engine.graph.needs import RunCounts
from engine.workflow.calendar import fires
from engine.workflow.definition import Trigger, TriggerType, Workflow, WorkflowState

AHEAD = timedelta(days=7)
MOST = 200  # fires that are looked at


def runs_per_hour(workflow: Workflow, counts: RunCounts | None, *, now: datetime, zone: str, window: timedelta) -> float:
    """Expected runs. A paused or deleted workflow expects none; one younger than ``window`` is counted over its own age (an hour at least)."""
    if workflow.state is not WorkflowState.ACTIVE:
        return 0.0
    if workflow.definition.trigger.type is TriggerType.SCHEDULED:
        # The same all day, so that a thousand schedules are not walked through for every question.
        return _scheduled(workflow.definition.trigger, now.replace(hour=0, minute=0, second=0, microsecond=0), zone)
    if counts is None:
        return 0.0
    seen = min(window, max(now - workflow.created_at, timedelta(hours=1)))
    return counts.total / _hours(seen)


@lru_cache(maxsize=4_096)
def _scheduled(trigger: Trigger, since: datetime, zone: str) -> float:
    """Fires of the next seven days; a schedule that fires more than MOST times has shown its rate by then."""
    try:
        due = list(takewhile(lambda fire: fire <= since + AHEAD, islice(fires(trigger, since, zone), MOST)))
    except Invalid:  # a schedule from before a rule of this version: it does not fire here
        return 0.0
    return len(due) / _hours(due[-1] - since if len(due) == MOST else AHEAD)


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
