"""Runs in dictionaries, and what they wait for and have claimed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from engine.events import GatheringSaved, KeyClaimed, RunMoved, RunStarted, WaitClosed, WaitOpened
from engine.ports import Gathering, RunStats
from engine.prediction.analytics.tally import RunTallies
from engine.workflow.run import Fact, RunRecord, RunState
from storage.book import Book, Undo, dropped
from storage.conflicts import check_revision, claimed, exists_already, unknown
from storage.memory_tallies import run_tallies


class MemoryRuns:
    def __init__(self, undo: Undo) -> None:
        self._runs: Book[str, RunRecord] = Book(undo)
        self._facts: Book[str, tuple[Fact, ...]] = Book(undo)
        self._archived: set[str] = set()
        self._forgotten: list[Callable[[Sequence[str]], None]] = []

    def start(self, event: RunStarted) -> None:
        if event.run.id in self._runs:
            raise exists_already("run", event.run.id)
        self._runs.put(event.run.id, event.run)
        self._append(event.run.id, event.facts)

    def move(self, event: RunMoved) -> None:
        if event.run_id not in self._runs and (event.facts or event.run):
            raise unknown("run", event.run_id)
        self._append(event.run_id, event.facts)
        if event.run is not None:
            self._runs.put(event.run_id, event.run)

    def _append(self, run_id: str, facts: Sequence[Fact]) -> None:
        known = {fact.seq for fact in self._facts.get(run_id, ())}
        for fact in facts:
            if fact.seq in known:
                raise exists_already(f"fact {fact.seq} of run", run_id)
            known.add(fact.seq)
        if facts:
            self._archived.discard(run_id)
            self._facts.put(run_id, (*self._facts.get(run_id, ()), *facts))

    async def get(self, run_id: str) -> RunRecord | None:
        return self._runs.get(run_id)

    async def facts(self, run_id: str) -> list[Fact]:
        return sorted(self._facts.get(run_id, ()), key=lambda fact: fact.seq)

    async def census(self) -> Mapping[RunState, int]:
        return Counter(run.state for run in await self.unfinished())

    async def unfinished(self) -> list[RunRecord]:
        return sorted((run for run in self._runs.values() if not run.state.over), key=_age)

    async def adrift(self, before: datetime, *, limit: int = 500) -> list[RunRecord]:
        due = (run for run in await self.unfinished() if run.state is RunState.RUNNING or (run.wake_at and run.wake_at <= before))
        return list(due)[:limit]

    async def in_line(self, queue: str) -> list[RunRecord]:
        waiting = [run for run in await self.unfinished() if run.queue == queue and queue]
        return sorted(waiting, key=lambda run: run.rank)

    async def children(self, parent: str) -> list[RunRecord]:
        born = (run for run in self._runs.values() if run.parent.startswith(f"{parent} "))
        return sorted(born, key=_age)

    async def stats(self, *, since: datetime) -> Mapping[str, RunStats]:
        grouped: dict[str, list[RunRecord]] = {}
        for run in self._runs.values():
            if run.started_at >= since:
                grouped.setdefault(run.workflow, []).append(run)
        return {workflow: _stats(runs) for workflow, runs in sorted(grouped.items())}

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1, workflow: str = "") -> RunTallies:
        return run_tallies(self._runs.values(), since, until, slices, workflow)

    async def earliest(self) -> datetime | None:
        return min((run.started_at for run in self._runs.values()), default=None)

    async def archive(self, before: datetime) -> int:
        """Dictionaries pack nothing; they only say so once, as the others do."""
        due = {run.id for run in self._over(before) if self._facts.get(run.id)} - self._archived
        self._archived |= due
        return len(due)

    async def forget(self, before: datetime) -> int:
        gone = [run.id for run in self._over(before)]
        for run_id in gone:
            del self._runs[run_id]
            self._facts.pop(run_id, None)
        for forgotten in self._forgotten:
            forgotten(gone)
        return len(gone)

    def when_forgotten(self, told: Callable[[Sequence[str]], None]) -> None:
        self._forgotten.append(told)

    def _over(self, before: datetime) -> Iterable[RunRecord]:
        return [run for run in self._runs.values() if run.state.over and run.finished_at is not None and run.finished_at < before]

    async def list(self, *, workflow: str = "", since: datetime | None = None, outcome: str = "", limit: int = 50) -> list[RunRecord]:
        found = (
            run
            for run in self._runs.values()
            if workflow in ("", run.workflow) and outcome in ("", run.state) and (since is None or run.started_at >= since)
        )
        return sorted(found, key=_age, reverse=True)[:limit]


def _age(run: RunRecord) -> tuple[datetime, str]:
    return run.started_at, run.id


def _stats(runs: Sequence[RunRecord]) -> RunStats:
    durations = [(run.finished_at - run.started_at).total_seconds() for run in runs if run.finished_at is not None]
    return RunStats(
        total=len(runs),
        succeeded=sum(run.state is RunState.SUCCEEDED for run in runs),
        failed=sum(run.state is RunState.FAILED for run in runs),
        mean_seconds=sum(durations) / len(durations) if durations else 0.0,
    )


class MemoryWaits:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[tuple[str, str], WaitOpened] = Book(undo)

    def open(self, event: WaitOpened) -> None:
        self._rows.put((event.run, event.step), event)

    def close(self, event: WaitClosed) -> None:
        self._rows.drop((event.run, event.step))

    def forget(self, gone: Sequence[str]) -> None:
        dropped(self._rows, lambda wait: wait.run in gone)

    async def events(self) -> frozenset[str]:
        return frozenset(wait.event for wait in self._rows.values())

    async def for_event(self, event: str) -> list[tuple[str, str]]:
        return [key for key, wait in self._rows.items() if wait.event == event]


class MemoryKeys:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, KeyClaimed] = Book(undo)

    def claim(self, event: KeyClaimed) -> None:
        held = self._rows.get(event.key)
        if held is None:
            self._rows.put(event.key, event)
        elif (held.run, held.step) != (event.run, event.step):
            raise claimed(event.key, held.run, held.step)

    def forget(self, gone: Sequence[str]) -> None:
        dropped(self._rows, lambda held: held.run in gone)

    async def holder(self, key: str) -> tuple[str, str] | None:
        held = self._rows.get(key)
        return (held.run, held.step) if held else None


class MemoryGatherings:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[tuple[str, str], Gathering] = Book(undo)

    def save(self, event: GatheringSaved) -> None:
        stored = self._rows.get((event.workflow, event.key))
        if event.revision:
            check_revision("case", event.key, event.revision, stored.revision if stored else 0)
        if event.state is None:
            self._rows.drop((event.workflow, event.key))
        else:
            self._rows.put((event.workflow, event.key), Gathering(event.workflow, event.key, event.state, event.due_at, event.revision))

    async def get(self, workflow: str, key: str) -> Gathering | None:
        return self._rows.get((workflow, key))

    async def due(self, now: datetime, *, limit: int = 500) -> list[Gathering]:
        return self._earliest_first(row for row in self._rows.values() if row.due_at <= now)[:limit]

    async def of(self, workflow: str, *, limit: int = 100) -> list[Gathering]:
        return self._earliest_first(row for row in self._rows.values() if row.workflow == workflow)[:limit]

    async def count(self, workflow: str) -> int:
        return sum(row.workflow == workflow for row in self._rows.values())

    def _earliest_first(self, rows: Iterable[Gathering]) -> list[Gathering]:
        return sorted(rows, key=lambda row: (row.due_at, row.workflow, row.key))

    async def next_due(self) -> datetime | None:
        return min((row.due_at for row in self._rows.values()), default=None)
