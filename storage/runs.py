"""Runs and their facts: the hot path, one statement a kind for a whole transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Connection, and_, bindparam, case, func, insert, or_, select, type_coerce, update

from engine.events import RunMoved, RunStarted
from engine.ports import RunStats
from engine.prediction.analytics.tally import RunTallies
from engine.workflow.run import Fact, RunRecord, RunState
from storage.archive import facts_of, forget, put_away
from storage.columns import row_of
from storage.conflicts import unknown
from storage.reader import Query, Reader
from storage.tables import BORN, IN_LINE, UNFINISHED, facts, runs
from storage.tallies import run_tallies
from storage.writer import Writer

run_row = row_of(RunRecord)

INSERT_RUNS = insert(runs)
INSERT_FACTS = insert(facts)
UPDATE_RUNS = update(runs).where(runs.c.id == bindparam("of")).values({c.name: bindparam(c.name) for c in runs.c if c.name != "id"})


class SqlRuns:
    """Fulfils ``ports.Runs``."""

    EVENTS: ClassVar[tuple[type, ...]] = (RunStarted, RunMoved)

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def apply(self, connection: Connection, events: Sequence[RunStarted | RunMoved]) -> None:
        """An id or a (run, seq) that exists, and a run that does not, are refused by the database's own keys."""
        for stretch in _stretches(events):
            started, moved, written = _sorted_out(stretch)
            if started:
                connection.execute(INSERT_RUNS, started)
            if moved:
                changed = connection.execute(UPDATE_RUNS, moved).rowcount
                if changed != len(moved):
                    raise unknown("run", ", ".join(row["of"] for row in moved))
            if written:
                connection.execute(INSERT_FACTS, written)

    async def get(self, run_id: str) -> RunRecord | None:
        row = await self._reader.row(select(runs).where(runs.c.id == run_id))
        return RunRecord(**row._mapping) if row else None

    async def facts(self, run_id: str) -> list[Fact]:
        return await self._reader.read(lambda connection: facts_of(connection, run_id))

    async def census(self) -> Mapping[RunState, int]:
        query = select(runs.c.state, func.count()).where(UNFINISHED).group_by(runs.c.state)
        return dict(tuple(row) for row in await self._reader.rows(query))

    async def archive(self, before: datetime) -> int:
        return await put_away(self._reader, self._writer, before)

    async def forget(self, before: datetime) -> int:
        return await forget(self._reader, self._writer, before)

    async def unfinished(self) -> list[RunRecord]:
        return await self._records(select(runs).where(UNFINISHED).order_by(runs.c.started_at, runs.c.id))

    async def adrift(self, before: datetime, *, limit: int = 500) -> list[RunRecord]:
        due = or_(runs.c.state == RunState.RUNNING, runs.c.wake_at <= before)
        return await self._records(select(runs).where(UNFINISHED, due).order_by(runs.c.started_at, runs.c.id).limit(limit))

    async def in_line(self, queue: str) -> list[RunRecord]:
        return await self._records(select(runs).where(IN_LINE, runs.c.queue == queue).order_by(runs.c.rank, runs.c.started_at, runs.c.id))

    async def children(self, parent: str) -> list[RunRecord]:
        """A parent is "<run id> <step>"; ``!`` is the sign after the blank."""
        born = and_(BORN, runs.c.parent >= f"{parent} ", runs.c.parent < f"{parent}!")
        return await self._records(select(runs).where(born).order_by(runs.c.started_at, runs.c.id))

    async def _records(self, query: Query) -> list[RunRecord]:
        return [RunRecord(**row._mapping) for row in await self._reader.rows(query)]

    async def stats(self, *, since: datetime) -> Mapping[str, RunStats]:
        query = (
            select(
                runs.c.workflow,
                func.count().label("total"),
                func.sum(case((runs.c.state == RunState.SUCCEEDED, 1), else_=0)),
                func.sum(case((runs.c.state == RunState.FAILED, 1), else_=0)),
                func.count(runs.c.finished_at),
                func.sum(type_coerce(runs.c.finished_at, BigInteger) - type_coerce(runs.c.started_at, BigInteger)),
            )
            .where(runs.c.started_at >= since)
            .group_by(runs.c.workflow)
            .order_by(runs.c.workflow)
        )
        return {workflow: _stats(*counts) for workflow, *counts in await self._reader.rows(query)}

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1, workflow: str = "") -> RunTallies:
        return await self._reader.read(lambda connection: run_tallies(connection, since, until, slices, workflow))

    async def earliest(self) -> datetime | None:
        found = await self._reader.row(select(runs.c.started_at).order_by(runs.c.started_at).limit(1))
        return found[0] if found else None

    async def list(self, *, workflow: str = "", since: datetime | None = None, outcome: str = "", limit: int = 50) -> list[RunRecord]:
        query = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        if workflow:
            query = query.where(runs.c.workflow == workflow)
        if since is not None:
            query = query.where(runs.c.started_at >= since)
        if outcome:
            query = query.where(runs.c.state == outcome)
        return await self._records(query)


def _stretches(events: Sequence[RunStarted | RunMoved]) -> Iterator[Sequence[RunStarted | RunMoved]]:
    """Cut where a run is started after it was moved: sorting by kind would hide that this does not fit."""
    moved: set[str] = set()
    begin = 0
    for number, event in enumerate(events):
        if isinstance(event, RunMoved):
            moved.add(event.run_id)
        elif event.run.id in moved:
            yield events[begin:number]
            begin = number
    yield events[begin:]


def _sorted_out(events: Sequence[RunStarted | RunMoved]) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows for: runs to insert, runs to update, facts to insert."""
    started: list[dict[str, Any]] = []
    moved: list[dict[str, Any]] = []
    written: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, RunStarted):
            run_id = event.run.id
            started.append(run_row(event.run))
        else:
            run_id = event.run_id
            if event.run is not None:
                row = run_row(event.run)
                row["of"] = row.pop("id")
                moved.append(row)
        written.extend(_fact_row(run_id, fact) for fact in event.facts)
    return started, moved, written


def _fact_row(run_id: str, fact: Fact) -> dict[str, Any]:
    return {
        "run": run_id,
        "seq": fact.seq,
        "at": fact.at,
        "kind": fact.kind,
        "step": fact.step,
        "attempt": fact.attempt,
        "key": fact.key,
        "data": fact.data,
    }


def _stats(total: int, succeeded: int, failed: int, finished: int, micros: int | None) -> RunStats:
    mean = int(micros or 0) / finished / 1_000_000 if finished else 0.0
    return RunStats(total=total, succeeded=int(succeeded), failed=int(failed), mean_seconds=mean)
