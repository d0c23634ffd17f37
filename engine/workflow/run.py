"""A run: its facts in order, and the record that lists show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.workflow.definition import Json


class FactKind(StrEnum):
    STARTED = "started"  # data: {"event", "inputs", "actor", "queued": bool, "alert"}
    RELEASED = "released"  # a queued run's turn has come
    ASKED = "asked"  # written before the call leaves; data: resolved arguments
    ANSWERED = "answered"  # data: {"output": …, "sandbox": bool}
    REFUSED = "refused"  # one attempt failed; data: {"error", "transient": bool, "retry_at": ISO|None}
    WAITING = "waiting"  # it is waited for: an approval, a time, an event, a sub-run; data: {"until": ISO|None, "event"}
    VOTED = "voted"  # one person answered an approval; data: {"approved": bool, "actor", "by", "note"}
    REMINDED = "reminded"  # people were reminded of an approval
    IN_DOUBT = "in_doubt"  # asked, outcome unknown, not repeatable
    DECIDED = "decided"  # a human, or a look at the service, settled a doubt; data: {"happened": bool, "actor", "output"}
    SKIPPED = "skipped"  # a human skipped it, or its condition failed to evaluate
    EXPIRED = "expired"  # the deadline of the run has passed
    PAUSED = "paused"  # nothing new is asked until it is resumed
    RESUMED = "resumed"
    RETRIED = "retried"  # a human asked to go on from the failed steps; data: {"actor", "inputs"?, "arguments"?: {step: {…}}, "skip"?: [step]}
    CANCELLED = "cancelled"  # data: {"error", "compensate": bool}
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
    QUEUED = "queued"  # waits its turn, see Concurrency
    RUNNING = "running"
    WAITING = "waiting"  # for a human, a later time, an event or a sub-run; nothing is in flight
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)


class StepState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"  # a construct whose steps are on their way
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
    wake_at: datetime | None = None  # when it goes on by itself: a retry, a timer, an expiry, its deadline
    parent: str = ""  # "<run id> <step>": the run_workflow step that started it
    alert: str = ""  # the alert it belongs to
    queue: str = ""  # whom it shares its turns with: "<workflow>" or "<workflow>:<value of the concurrency key>"; "" = nobody
    rank: int = 2  # definition.Priority.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step of a run as people see it. ``id`` within a foreach is ``post[3]``; ``within`` is the construct's own (``each``)."""

    id: str
    action: str
    state: StepState
    attempts: int = 0
    output: Json = None
    error: str = ""
    sandbox: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    kind: str = "action"  # or foreach, parallel, switch, wait, approve, run_workflow, set, ask_model
    within: str = ""
    until: datetime | None = None  # when its wait or approval ends by itself
    waits_for: str = ""  # what it waits for, in words
    undo: bool = False  # a compensation
    looks: bool = False  # in doubt, and the service can be looked at
    because: str = ""  # why another service than its own was asked
