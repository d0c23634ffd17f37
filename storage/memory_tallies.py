"""Runs and asks counted from dictionaries, as ``storage.tallies`` counts them in a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from engine.graph.traffic import Traffic
from engine.prediction.analytics.tally import MICRO, AskTally, RunTallies, RunTally, Took, rounded, slice_of
from engine.workflow.run import RunRecord, RunState


def run_tallies(rows: Iterable[RunRecord], since: datetime, until: datetime, slices: int, workflow: str) -> RunTallies:
    within = [run for run in rows if since <= run.started_at < until and workflow in ("", run.workflow)]
    grouped: dict[tuple[str, int], list[RunRecord]] = {}
    for run in within:
        grouped.setdefault((run.workflow, slice_of(run.started_at, since, until, slices)), []).append(run)
    took = Counter(
        (run.workflow, rounded(_micros(run))) for run in within if run.state is RunState.SUCCEEDED and run.finished_at is not None
    )
    return RunTallies(
        tuple(_tally(*key, grouped[key]) for key in sorted(grouped)),
        tuple(Took(name, micros, took[name, micros]) for name, micros in sorted(took)),
    )


def ask_tallies(rows: Iterable[Traffic], since: datetime, until: datetime, slices: int) -> list[AskTally]:
    grouped: dict[tuple[str, str, int], list[Traffic]] = {}
    for row in rows:
        if since <= row.at < until:
            grouped.setdefault((row.source, row.target, slice_of(row.at, since, until, slices)), []).append(row)
    return [
        AskTally(
            source=source, target=target, slice=number, count=sum(row.count for row in found), failed=sum(row.failed for row in found),
            micros=sum(row.micros for row in found),
        )
        for (source, target, number), found in sorted(grouped.items())
    ]  # fmt: skip


def _tally(workflow: str, number: int, found: list[RunRecord]) -> RunTally:
    states = Counter(run.state for run in found)
    live = [run for run in found if not run.sandbox]
    lost = [run for run in live if run.state is RunState.FAILED]
    return RunTally(
        workflow=workflow,
        slice=number,
        total=len(found),
        succeeded=states[RunState.SUCCEEDED],
        failed=states[RunState.FAILED],
        cancelled=states[RunState.CANCELLED],
        live=sum(run.state is RunState.SUCCEEDED for run in live),
        live_failed=len(lost),
        live_failed_micros=sum(max(0, _micros(run)) for run in lost),
    )


def _micros(run: RunRecord) -> int:
    """What is not over has taken no time yet."""
    return 0 if run.finished_at is None else (run.finished_at - run.started_at) // MICRO
