"""A run: its facts in order, and the record that lists show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.workflow.definition import Json


class FactKind(StrEnum):
    STARTED = "started"  # data: {"event": …, "inputs": …}
    ASKED = "asked"  # written before the call leaves; data: resolved arguments
    ANSWERED = "answered"  # data: {"output": …, "sandbox": bool}
    REFUSED = "refused"  # one attempt failed; data: {"error", "transient": bool, "retry_at": ISO|None}
    WAITING = "waiting"  # the ask was taken, its answer comes later (an approval)
    IN_DOUBT = "in_doubt"  # asked, outcome unknown, not repeatable
    DECIDED = "decided"  # a human settled a doubt; data: {"happened": bool, "actor", "output"}
    SKIPPED = "skipped"  # a human skipped it, or its condition failed to evaluate
    RETRIED = "retried"  # a human asked to go on from the failed steps
    CANCELLED = "cancelled"
    FINISHED = "finished"  # data: {"state": …, "error": …}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened in a run. ``seq`` counts from 1 without gaps; ``at`` is UTC; ``key`` the ask's idempotency key."""

    seq: int
    at: datetime
    kind: FactKind
    step: str = ""
    attempt: int = 0
    key: str = ""
    data: Mapping[str, Json] = field(default_factory=dict)


class RunState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"  # for a human or a later time; nothing is in flight
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class StepState(StrEnum):
    PENDING = "pending"
    ASKED = "asked"
    RETRYING = "retrying"
    WAITING = "waiting"
    IN_DOUBT = "in_doubt"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The run as lists show it: a projection of its facts, stored beside them in the same transaction."""

    id: str  # run_ + ULID, or run_<workflow>_<fire time> for a scheduled fire
    workflow: str
    version: int
    name: str
    state: RunState
    started_at: datetime
    by: str  # actor id, or "schedule", "event:github.push"
    where: str = ""  # Address as text, where its card stands; "" = nowhere
    finished_at: datetime | None = None
    sandbox: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of a run as people see it."""

    id: str
    action: str
    state: StepState
    attempts: int = 0
    output: Json = None
    error: str = ""
    sandbox: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
