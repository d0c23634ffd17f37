"""Runs and asks counted by the database itself: few rows leave it, however many runs there are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, func, literal, not_, select, type_coerce

from engine.prediction.analytics.tally import DIGITS, MICRO, STEPS, AskTally, RunTallies, RunTally, Took
from engine.workflow.run import RunState
from storage.kept import EPOCH
from storage.tables import runs, traffic

LENGTH = type_coerce(runs.c.finished_at, BigInteger) - type_coerce(runs.c.started_at, BigInteger)


def run_tallies(connection: Connection, since: datetime, until: datetime, slices: int, workflow: str) -> RunTallies:
    """See ``ports.Runs.tallies``. Both answers are of the same moment where the database keeps one for a transaction."""
    within = [runs.c.started_at >= since, runs.c.started_at < until]
    if workflow:
        within.append(runs.c.workflow == workflow)
    # Of all workflows: grouped by an expression, so that the rows are read as they lie and not one by one by the index of workflows (half the time).
    name = (runs.c.workflow if workflow else runs.c.workflow.concat("")).label("of")
    good, bad = runs.c.state == RunState.SUCCEEDED, runs.c.state == RunState.FAILED
    live = not_(runs.c.sandbox)
    part = _slice(runs.c.started_at, since, until, slices).label("part")
    counted = (
        select(
            name,
            part,
            func.count(),
            _sum(good),
            _sum(bad),
            _sum(runs.c.state == RunState.CANCELLED),
            _sum(and_(good, live)),
            _sum(and_(bad, live)),
            func.sum(case((and_(bad, live, runs.c.finished_at.is_not(None), LENGTH > 0), LENGTH), else_=0)),
        )
        .where(*within)
        .group_by(name, part)
        .order_by(name, part)
    )
    about = _rounded(LENGTH).label("about")
    lasted = (
        select(name, about, func.count()).where(*within, good, runs.c.finished_at.is_not(None)).group_by(name, about).order_by(name, about)
    )
    return RunTallies(
        tuple(_tally(*row) for row in connection.execute(counted)),
        tuple(Took(of, int(micros), count) for of, micros, count in connection.execute(lasted)),
    )


def ask_tallies(connection: Connection, since: datetime, until: datetime, slices: int) -> list[AskTally]:
    """See ``ports.TrafficBook.tallies``."""
    part = _slice(traffic.c.at, since, until, slices).label("part")
    query = (
        select(
            traffic.c.source,
            traffic.c.target,
            part,
            *(func.sum(column) for column in (traffic.c.count, traffic.c.failed, traffic.c.micros)),
        )
        .where(traffic.c.at >= since, traffic.c.at < until)
        .group_by(traffic.c.source, traffic.c.target, part)
        .order_by(traffic.c.source, traffic.c.target, part)
    )
    return [
        AskTally(source=source, target=target, slice=int(number), count=int(count), failed=int(failed), micros=int(micros))
        for source, target, number, count, failed, micros in connection.execute(query)
    ]


def _tally(workflow: str, number: int, *counts: Any) -> RunTally:
    total, succeeded, failed, cancelled, live, live_failed, micros = map(int, counts)
    return RunTally(
        workflow=workflow, slice=int(number), total=total, succeeded=succeeded, failed=failed, cancelled=cancelled, live=live,
        live_failed=live_failed, live_failed_micros=micros,
    )  # fmt: skip


def _sum(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((holds, 1), else_=0))


def _slice(at: ColumnElement[Any], since: datetime, until: datetime, slices: int) -> ColumnElement[int]:
    begun = type_coerce(at, BigInteger) - _whole((since - EPOCH) // MICRO)
    return (begun * _whole(slices)) // _whole((until - since) // MICRO)


def _rounded(micros: ColumnElement[int]) -> ColumnElement[int]:
    """As ``tally.rounded``."""
    arms = [(micros >= _whole(limit), micros // _whole(limit // STEPS) * _whole(limit // STEPS)) for limit in reversed(DIGITS)]
    return case(*arms, (micros < 0, 0), else_=micros)


def _whole(number: int) -> ColumnElement[int]:
    return literal(number, BigInteger)
