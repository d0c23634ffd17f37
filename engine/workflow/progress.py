"""How far a run has come: its steps, what is ready, what is open; the value that facts are folded into."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import NotFound
from engine.workflow.definition import Json
from engine.workflow.outline import Outline, Place
from engine.workflow.run import RunRecord, RunState, StepState

OPEN = frozenset({StepState.ASKED, StepState.RETRYING, StepState.WAITING, StepState.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one step has come. ``attempt`` counts asks; ``tries`` those that count against its retries."""

    state: StepState = StepState.PENDING
    attempt: int = 0
    tries: int = 0
    key: str = ""
    action: str = ""  # whom it was put to: the step's own action or its stand-in's
    arguments: Mapping[str, Json] = field(default_factory=dict)
    output: Json = None
    error: str = ""
    sandbox: bool = False
    retry_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    until: datetime | None = None  # of a wait or approval: when it ends by itself
    votes: tuple[Mapping[str, Json], ...] = ()  # {"approved", "actor", "by", "note"} each


UNTOUCHED = Progress()
SKIPPED = Progress(state=StepState.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run after its first ``seq`` facts. ``ready``: steps to ask now; ``broken``: those whose condition could not be read, with why."""

    outline: Outline
    origin: RunRecord
    seq: int = 0
    state: RunState = RunState.RUNNING  # never WAITING: that shade is derived, see ``state_of``
    steps: Mapping[str, Progress] = field(default_factory=dict)
    unmet: Mapping[str, int] = field(default_factory=dict)
    ready: Mapping[str, None] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    open: Mapping[str, StepState] = field(default_factory=dict)
    failed: tuple[str, ...] = ()
    known: Mapping[str, Json] = field(default_factory=dict)  # what expressions see as ``steps``
    event: Json = None
    inputs: Json = None
    actor: str = ""
    requesters: tuple[str, ...] = ()  # actor ids: who started it, and who retried it
    queued: bool = False
    paused: bool = False
    failing: bool = False  # the on-failure steps have begun
    round: int = 1  # grows with every RETRIED
    denied: str = ""
    sandbox: bool = False
    error: str = ""
    finished_at: datetime | None = None

    def progress(self, step: str) -> Progress:
        return self.steps.get(step, UNTOUCHED)

    def place(self, step: str) -> Place:
        """Raises NotFound for a step this run does not have."""
        try:
            return self.outline.places[step]
        except KeyError:
            raise NotFound(f"The run has no step “{step}”. Its steps are {', '.join(self.outline.order)}.") from None

    @property
    def over(self) -> bool:
        return self.state is not RunState.RUNNING

    @property
    def in_flight(self) -> bool:
        return StepState.ASKED in self.open.values()


def scope_of(origin: RunRecord, event: Json, inputs: Json, known: Mapping[str, Json], error: str) -> dict[str, Any]:
    """What expressions see."""
    return {
        "event": event,
        "inputs": inputs,
        "steps": known,
        "workflow": {"id": origin.workflow, "name": origin.name, "version": origin.version},
        "run": {"id": origin.id, "by": origin.by, "started_at": origin.started_at.isoformat(), "error": error},
    }


def state_of(run: Run) -> RunState:
    """With its shade: a run in which nothing is in flight or ready is waiting."""
    if run.over or run.in_flight or run.ready or not run.open:
        return run.state
    return RunState.WAITING
