"""How far a run has come: its steps, what is ready, what is open; the value that facts are folded into.

Several of these are made for every fact, and a NamedTuple is made three times as fast as a frozen dataclass; that is why they are some.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from engine.errors import NotFound
from engine.workflow.definition import Json
from engine.workflow.outline import Outline, Part, Place, split
from engine.workflow.run import RunRecord, RunState, StepState
from engine.workflow.secrets import SecretPart

OPEN = frozenset({StepState.ASKED, StepState.RETRYING, StepState.WAITING, StepState.IN_DOUBT})
_NONE: Mapping[str, Any] = {}  # nobody writes into it
DONE = frozenset({StepState.SUCCEEDED, StepState.SKIPPED})


class More(NamedTuple):
    """What only few steps have. ``until``: when a wait or approval ends by itself; ``votes``: {"approved", "actor", "by", "note"} each;
    ``shown``: a hash of what an approval showed; ``because``: why another service than the step's own was asked;
    ``unsure``: an ask of it got no answer, so it may have been done where it was asked.

    ``round``: of the run, in which its key was made; ``fresh``: its arguments are to be filled in anew, and if they differ from those it was
    asked with, under a new key.
    """

    until: datetime | None = None
    remind_at: datetime | None = None
    votes: tuple[Mapping[str, Json], ...] = ()
    shown: str = ""
    secrets: tuple[SecretPart, ...] = ()
    claim: str = ""
    round: int = 1
    fresh: bool = False
    because: str = ""
    unsure: bool = False


PLAIN = More()


class Progress(NamedTuple):
    """How far one step has come. ``attempt`` counts asks; ``tries`` those that count against its retries; ``first`` is the number of the
    fact that asked it first.
    """

    state: StepState = StepState.PENDING
    attempt: int = 0
    tries: int = 0
    key: str = ""
    action: str = ""  # whom it was put to: the step's own action or its stand-in's
    arguments: Mapping[str, Json] = _NONE
    output: Json = None
    error: str = ""
    sandbox: bool = False
    retry_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    first: int = 0
    more: More = PLAIN

    @property
    def until(self) -> datetime | None:
        return self.more.until

    @property
    def votes(self) -> tuple[Mapping[str, Json], ...]:
        return self.more.votes

    @property
    def shown(self) -> str:
        return self.more.shown

    @property
    def secrets(self) -> tuple[SecretPart, ...]:
        return self.more.secrets

    @property
    def claim(self) -> str:
        return self.more.claim

    @property
    def round(self) -> int:
        return self.more.round

    @property
    def fresh(self) -> bool:
        return self.more.fresh

    @property
    def because(self) -> str:
        return self.more.because

    @property
    def unsure(self) -> bool:
        return self.more.unsure


UNTOUCHED = Progress()
SKIPPED = Progress(state=StepState.SKIPPED)


class Loop(NamedTuple):
    """A foreach under way. ``next``: the entry that begins next; ``again``: begun ones that a retry takes up first; ``failed``: (entry, why)."""

    items: Sequence[Json]
    next: int = 0
    running: int = 0
    done: int = 0
    failed: tuple[tuple[int, str], ...] = ()
    again: tuple[int, ...] = ()


# What succeeded and can be undone, newest first: (step, what came before it).
Done: TypeAlias = "tuple[str, Done] | None"


class Nest(NamedTuple):
    """What only runs with constructs, claims or compensations have. ``active``: by list of steps, how many of them are on their way.

    ``kept``: steps a retry passes through as they are; ``reopened``: constructs it goes on with instead of opening them anew.
    """

    active: Mapping[str, int] = _NONE
    loops: Mapping[str, Loop] = _NONE
    kept: Mapping[str, None] = _NONE
    reopened: Mapping[str, None] = _NONE
    claims: Mapping[str, str] = _NONE  # claim → step
    done: Done = None
    undoing: Done = None  # what is still to be undone
    adrift: frozenset[str] = frozenset()  # open steps of a part that is over: their outcome is still written down
    entries: int = 0  # of all foreach together, as far as they have begun


class Begun(NamedTuple):
    """With what the run began, and what was changed about that when it was retried. ``edits``: arguments given anew, by step."""

    event: Json = None
    inputs: Json = None
    actor: str = ""
    requesters: tuple[str, ...] = ()  # actor ids: who started it, and who retried it
    alert: str = ""
    deadline: datetime | None = None
    edits: Mapping[str, Mapping[str, Json]] = _NONE
    altered: int = 1  # the round in which inputs or arguments were changed last


class Fate(NamedTuple):
    """Where the run as a whole stands. ``ending``: how it will have ended, known once the main part is over. ``failed``: main steps, in time."""

    part: Part = Part.MAIN
    ending: RunState | None = None
    error: str = ""
    failed: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()  # what went wrong in later parts
    denied: str = ""
    queued: bool = False
    paused: bool = False
    compensate: bool = True
    round: int = 1  # grows with every RETRIED
    sandbox: bool = False
    finished_at: datetime | None = None


EMPTY_NEST, EMPTY_BEGUN, EMPTY_FATE = Nest(), Begun(), Fate()


class Run(NamedTuple):
    """A run after its first ``seq`` facts. Steps within a foreach are called as ``outline.split`` reads them: ``post[3]``.

    ``ready``: steps to ask now; ``broken``: those whose condition could not be read, with why; ``timers``: when open steps go on by
    themselves; ``unmet``: how many needs are still open where that is not what the outline says.
    """

    outline: Outline
    origin: RunRecord
    seq: int = 0
    state: RunState = RunState.RUNNING  # or over; QUEUED, PAUSED and WAITING are shades, see ``state_of``
    steps: Mapping[str, Progress] = _NONE
    unmet: Mapping[str, int] = _NONE
    ready: Mapping[str, None] = _NONE
    broken: Mapping[str, str] = _NONE
    open: Mapping[str, StepState] = _NONE
    timers: Mapping[str, datetime] = _NONE
    known: Mapping[str, Json] = _NONE  # what expressions see as ``steps``, those within a foreach left out
    begun: Begun = EMPTY_BEGUN
    fate: Fate = EMPTY_FATE
    nest: Nest = EMPTY_NEST

    def progress(self, step: str) -> Progress:
        found: Progress = self.steps.get(step, UNTOUCHED)
        return found

    def place(self, step: str) -> Place:
        """Where it stands in the outline; of ``post[3]`` the place of ``post``. Raises NotFound for a step this run does not have."""
        return place_of(self.outline, step)

    def ended(self, step: str) -> bool:
        """Whether the part of the run it belongs to is over: its outcome is written down, and nothing follows from it."""
        return self.over or self.place(step).part < self.fate.part

    @property
    def over(self) -> bool:
        return self.state is not RunState.RUNNING

    @property
    def in_flight(self) -> bool:
        return StepState.ASKED in self.open.values()

    @property
    def loops(self) -> Mapping[str, Loop]:
        return self.nest.loops

    @property
    def event(self) -> Json:
        return self.begun.event

    @property
    def inputs(self) -> Json:
        return self.begun.inputs

    @property
    def actor(self) -> str:
        return self.begun.actor

    @property
    def requesters(self) -> tuple[str, ...]:
        return self.begun.requesters

    @property
    def queued(self) -> bool:
        return self.fate.queued

    @property
    def paused(self) -> bool:
        return self.fate.paused

    @property
    def round(self) -> int:
        return self.fate.round

    @property
    def error(self) -> str:
        return self.fate.error

    @property
    def sandbox(self) -> bool:
        return self.fate.sandbox

    @property
    def finished_at(self) -> datetime | None:
        return self.fate.finished_at


def place_of(outline: Outline, step: str) -> Place:
    """Raises NotFound for a step the outline does not have, or one that lies within more, or fewer, foreach than said."""
    place = outline.places.get(step)
    if place is not None and not place.depth:
        return place
    base, suffix = split(step)
    place = outline.places.get(base)
    if place is None or place.depth != suffix.count("["):
        raise NotFound(f"The run has no step “{step[:80]}”. Its steps are {_named(outline)}.")
    return place


def _named(outline: Outline, most: int = 40) -> str:
    names = [id + "[0]" * place.depth for id, place in outline.places.items() if not place.undoes]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def state_of(run: Run) -> RunState:
    """With its shade: queued, paused, or waiting when nothing in it is in flight or ready."""
    if run.over:
        return run.state
    if run.fate.queued:
        return RunState.QUEUED
    if run.fate.paused:
        return RunState.PAUSED
    if run.ready or not run.open or run.in_flight:
        return run.state
    return RunState.WAITING
