"""What was measured of an account, as periods: read from the rollups, which are kept longer than samples."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.monitoring.period import STEP, Period, of_rollups
from engine.monitoring.rollup import Span
from engine.monitoring.slo.objective import Kind, Objective
from engine.ports import Store

FINE = timedelta(days=3)  # read in five minutes; what is older in hours
LESSONS = "forecast:lessons/"  # and service/account: the stream under which the forecaster keeps what the past of one taught
MOST = 200_000  # rows of one reading


async def history(
    store: Store, service: str, account: str | None, since: datetime, until: datetime, *, limit: float | None = None, step: timedelta = STEP
) -> tuple[Period, ...]:
    """Of ``step`` each, oldest first; ``account`` None = all of the service together. ``limit`` in seconds: see ``Period.over``."""
    rows = await store.rollups.series(service, Span.MINUTE, since=since, until=until, account=account, limit=MOST)
    return of_rollups(rows, step=step, limit=limit)


async def hours(
    store: Store, service: str, account: str | None, since: datetime, until: datetime, *, limit: float | None = None
) -> tuple[Period, ...]:
    """Whole hours, oldest first."""
    rows = await store.rollups.series(service, Span.HOUR, since=since, until=until, account=account, limit=MOST)
    return of_rollups(rows, limit=limit)


async def of_objective(store: Store, objective: Objective, now: datetime) -> tuple[Period, ...]:
    """The whole window of an objective: hours, and five minutes of the last days."""
    limit = objective.limit if objective.kind is Kind.LATENCY else None
    account, seam = objective.account or None, Span.DAY.start(now - FINE)
    old = await hours(store, objective.service, account, now - objective.window, seam, limit=limit) if objective.window > FINE else ()
    late = await history(store, objective.service, account, max(seam, now - objective.window), now, limit=limit)
    return (*old, *late)
