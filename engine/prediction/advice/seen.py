"""What a run did, as plain values: its facts folded into a row a step, loops summed into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from json import dumps
from typing import Any

from engine.workflow.outline import split
from engine.workflow.run import Fact, FactKind, RunRecord, RunState

TIMED_OUT = "gave no answer within"  # how ``engine.runtime.guard`` says that an attempt took too long


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """Of one step in one run, all entries of a loop together. Times in seconds.

    ``failed``: it gave up; ``passing``: and what it gave up over was passing trouble (another attempt might have helped). ``answered``: how long
    the attempts that were answered took; ``asks``: (what exactly was asked, as a digest; when; how long until the answer).
    """

    tries: int = 0
    failed: bool = False
    passing: bool = False
    skipped: bool = False
    began: datetime | None = None
    ended: datetime | None = None
    timeouts: int = 0
    retried: float = 0.0  # from the first refusal to the end
    answered: tuple[float, ...] = ()
    asks: tuple[tuple[str, datetime, float], ...] = ()

    @property
    def seconds(self) -> float | None:
        """From the first ask to the end; None where it was not asked or did not end."""
        return (self.ended - self.began).total_seconds() if self.began and self.ended else None

    @property
    def done(self) -> bool:
        return self.ended is not None and not self.failed and not self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSeen:
    """A run that succeeded or failed."""

    id: str
    version: int
    at: datetime
    succeeded: bool
    seconds: float
    steps: Mapping[str, StepSeen]

    def step(self, id: str) -> StepSeen:
        return self.steps.get(id, UNSEEN)


UNSEEN = StepSeen()


@dataclass(slots=True)
class _Step:
    tries: int = 0
    failed: bool = False
    passing: bool = False
    skipped: int = 0
    ended_entries: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    timeouts: int = 0
    retried: float = 0.0
    answered: list[float] = field(default_factory=list)
    asks: list[tuple[str, datetime, float]] = field(default_factory=list)
    asked: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # by entry: when last, and what
    refused: dict[str, datetime] = field(default_factory=dict)  # by entry: when first


def run_seen(record: RunRecord, facts: Iterable[Fact]) -> RunSeen | None:
    """None for a run that is not over, or was cancelled: that says nothing of the workflow."""
    if record.state not in (RunState.SUCCEEDED, RunState.FAILED) or record.finished_at is None:
        return None
    found: dict[str, _Step] = {}
    for fact in facts:
        if fact.step and ".undo" not in fact.step:
            _note(found.setdefault(split(fact.step)[0], _Step()), fact)
    return RunSeen(
        id=record.id,
        version=record.version,
        at=record.started_at,
        succeeded=record.state is RunState.SUCCEEDED,
        seconds=max(0.0, (record.finished_at - record.started_at).total_seconds()),
        steps={id: _closed(step) for id, step in found.items()},
    )


def _note(step: _Step, fact: Fact) -> None:
    match fact.kind:
        case FactKind.ASKED:
            step.tries += 1
            step.began = step.began or fact.at
            step.asked[fact.step] = (fact.at, _digest(fact.data.get("arguments")))
        case FactKind.ANSWERED:
            _answered(step, fact)
        case FactKind.REFUSED:
            _refused(step, fact)
        case FactKind.SKIPPED:
            step.skipped += 1
            step.ended = fact.at


def _answered(step: _Step, fact: Fact) -> None:
    step.ended = fact.at
    step.ended_entries += 1
    if fact.step in step.asked:
        at, asked = step.asked[fact.step]
        took = (fact.at - at).total_seconds()
        step.answered.append(took)
        step.asks.append((asked, at, took))
    if fact.step in step.refused:
        step.retried += (fact.at - step.refused[fact.step]).total_seconds()


def _refused(step: _Step, fact: Fact) -> None:
    step.refused.setdefault(fact.step, fact.at)
    step.timeouts += TIMED_OUT in str(fact.data.get("error") or "")
    if fact.data.get("retry_at"):
        return
    step.failed = True
    step.passing = bool(fact.data.get("transient"))
    step.ended = fact.at
    step.retried += (fact.at - step.refused[fact.step]).total_seconds()


def _closed(step: _Step) -> StepSeen:
    return StepSeen(
        tries=step.tries,
        failed=step.failed,
        passing=step.failed and step.passing,
        skipped=step.skipped > 0 and not step.ended_entries and not step.failed,
        began=step.began,
        ended=step.ended,
        timeouts=step.timeouts,
        retried=step.retried,
        answered=tuple(step.answered),
        asks=tuple(step.asks),
    )


def _digest(arguments: Any) -> str:
    return blake2b(dumps(arguments, sort_keys=True, default=str).encode("utf-8", "replace"), digest_size=8).hexdigest()


def finished(runs: Sequence[RunSeen]) -> tuple[int, int]:
    """(succeeded, all)"""
    return sum(run.succeeded for run in runs), len(runs)
