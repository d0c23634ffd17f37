"""The workflow definition: what a team asked for, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

SCHEMA = 1


class TriggerType(StrEnum):
    SCHEDULED = "scheduled"
    EVENT_BASED = "event_based"
    AI_PREDICTED = "ai_predicted"
    CROSS_SERVICE = "cross_service"
    MANUAL = "manual"


class Misfire(StrEnum):
    """What becomes of fires that were due while the house was down: dropped, the latest one made up, or every one (up to ``MOST_MADE_UP``)."""

    SKIP = "skip"
    ONCE = "once"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Input:
    """One typed input of a run by hand. ``type`` is string, number, integer or boolean; ``choices``: the only values it takes, () = any."""

    name: str
    type: str = "string"
    required: bool = False
    default: Json = None
    help: str = ""
    choices: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Debounce:
    """Start once it has been quiet for ``seconds``, with the last event; ``key`` is CEL over ``event``: one quiet spell per value."""

    seconds: float
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a run. Only the fields of its type are filled."""

    type: TriggerType
    service: str = ""  # event_based, ai_predicted
    event: str = ""  # event_based
    dedup: str = ""  # event_based, cross_service: CEL over ``event``; a value that has started a run never starts another
    debounce: Debounce | None = None  # event_based
    cron: str = ""  # scheduled: five fields
    rrule: str = ""  # scheduled: RFC 5545, no DTSTART
    at: datetime | None = None  # scheduled: once
    timezone: str = ""  # IANA name; empty = the zone of the house
    misfire: Misfire = Misfire.ONCE
    jitter: float = 0.0  # scheduled: each fire begins up to so many seconds late; which, follows from workflow and fire time
    end: datetime | None = None  # scheduled: no fire after it
    exceptions: tuple[str, ...] = ()  # scheduled: ISO dates (of the trigger's zone) or moments on which it does not fire
    all: tuple[str, ...] = ()  # cross_service: "service.event" in any order
    any: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    within: timedelta | None = None  # from the first event to the last
    correlate: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # "service.event" → CEL over ``event``; "" = for every event; same value = same case
    metric: str = ""  # ai_predicted
    horizon: timedelta | None = None
    method: str = ""  # ai_predicted: forecast or anomaly; "" = forecast where a horizon is said, else anomaly
    inputs: tuple[Input, ...] = ()  # manual

    @property
    def forecasts(self) -> bool:
        """Whether an ai_predicted trigger waits for a forecast; else for what the detector finds (anomaly)."""
        return self.method == "forecast" or (not self.method and self.horizon is not None)

    @property
    def events(self) -> tuple[str, ...]:
        """Every "service.event" that an event_based or cross_service trigger waits for."""
        return (f"{self.service}.{self.event}",) if self.type is TriggerType.EVENT_BASED else (*self.any, *self.all, *self.sequence)


# --- policies -----------------------------------------------------------------------------------------------------------


class Trouble(StrEnum):
    """Which failures of an attempt a retry rule covers."""

    TRANSIENT = "transient"  # the service said: try again (5xx, connection refused)
    THROTTLED = "throttled"  # the service said: too fast (429)
    UNANSWERED = "unanswered"  # no answer is known; repeated only where that is safe


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRule:
    """How pauses between attempts grow. Seconds. ``backoff``: exponential (doubling from ``first`` to ``longest``) or fixed (``first``)."""

    backoff: str = "exponential"
    first: float = 1.0
    longest: float = 60.0
    jitter: bool = True
    on: frozenset[Trouble] = frozenset(Trouble)


class WhenFull(StrEnum):
    """What becomes of a run that would be one too many: it waits its turn, is not started, or takes the place of the oldest."""

    QUEUE = "queue"
    SKIP = "skip"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most ``limit`` runs at a time, of the workflow or, with ``key`` (CEL over ``event`` and ``inputs``), for each of its values."""

    limit: int = 1
    key: str = ""
    when_full: WhenFull = WhenFull.QUEUE


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most ``limit`` asks in any ``per`` seconds."""

    limit: int
    per: float


@dataclass(frozen=True, slots=True)
class Cache:
    """An answer of a reading action may be used again for ``seconds``; ``key`` is CEL, "" = account and arguments."""

    seconds: float
    key: str = ""


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """Smaller goes first."""
        return ("urgent", "high", "normal", "low").index(self.value)


class OnError(StrEnum):
    """What a failed step means: the run fails, or goes on (its ``state`` and ``error`` can be read)."""

    FAIL = "fail"
    CONTINUE = "continue"


# --- what a step may be, other than an action -----------------------------------------------------------------------------


class ItemFailure(StrEnum):
    """A failed item of a foreach: no further item begins; the others are still done and then the step fails; or the step succeeds all the same."""

    STOP = "stop"
    FINISH = "finish"
    TOLERATE = "tolerate"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """``steps`` once for each entry of the list that ``items`` (CEL) gives, at most ``concurrency`` at a time.

    Expressions within see the entry as ``name`` (``item``), its place as ``index`` (from 0), and of steps beside them those of the same entry.
    """

    items: str
    steps: tuple[Step, ...]
    name: str = "item"
    concurrency: int = 10
    on_failure: ItemFailure = ItemFailure.STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel:
    """Branches side by side, by name; within a branch the usual order."""

    branches: Mapping[str, tuple[Step, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    when: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """The steps of the first case that holds, else ``otherwise``."""

    cases: tuple[Case, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """For ``seconds``; or ``until`` a moment (ISO 8601, or a template that gives one); or for ``event`` ("service.event"), of which ``where`` holds.

    ``where`` is CEL and sees the awaited event as ``incoming``. ``timeout`` in seconds, ``on_timeout``: fail or continue.
    """

    seconds: float | None = None
    until: str = ""
    event: str = ""
    where: str = ""
    timeout: float | None = None
    on_timeout: OnError = OnError.FAIL


class OnExpiry(StrEnum):
    DECLINE = "decline"
    APPROVE = "approve"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """People say yes or no. ``by``: @person, @group or role:<name>; empty = whoever may confirm. ``quorum``: so many different yeses; one no is a no.

    ``four_eyes``: whoever started the run may not answer. ``reason``: an answer must say why. ``expires``, ``remind``: seconds.
    A no cancels the run, unless ``on_no`` is continue (``steps.<id>.approved`` can be read).
    """

    by: tuple[str, ...] = ()
    text: str = ""
    channel: str = ""
    quorum: int = 1
    four_eyes: bool = False
    reason: bool = False
    expires: float | None = None
    on_expiry: OnExpiry = OnExpiry.DECLINE
    remind: float | None = None
    on_no: OnError = OnError.FAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class SubRun:
    """A run of another workflow (id or name); ``wait`` False: started, and not waited for."""

    workflow: str
    inputs: Mapping[str, Json] = field(default_factory=dict)
    wait: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValues:
    """Values worked out and kept; asks nobody."""

    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskModel:
    """A language model answers ``prompt`` (a template) with a value that ``schema`` (JSON Schema) describes. ``optional``: without a model the output is null."""

    prompt: str
    schema: Mapping[str, Json]
    optional: bool = False


Construct: TypeAlias = "ForEach | Parallel | Switch | Wait | Approve | SubRun | SetValues | AskModel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """An action that stands in for a step's own, with arguments of its own."""

    action: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One ask to one service (``action``), or a construct (``does``; then ``action`` is empty).

    ``needs`` None = the step before it; empty = at once. ``when`` is CEL, empty = always. Ids are unique in the whole definition, nested steps included.
    """

    id: str
    action: str = ""  # "trello.create_card"
    arguments: Mapping[str, Json] = field(default_factory=dict)  # strings may hold {{CEL}}
    does: Construct | None = None
    when: str = ""
    needs: tuple[str, ...] | None = None
    retries: int | None = None  # None = the workflow's
    retry: RetryRule | None = None  # None = the workflow's
    timeout: float | None = None  # seconds; None = the workflow's
    account: str = ""  # empty = the service's default account
    on_error: OnError = OnError.FAIL
    fallback: Substitute | None = None  # when its own service is not to be had
    compensate: Substitute | None = None  # undoes it when the run fails or is cancelled later on
    idempotency_key: str = ""  # template; a value that any run of this workflow has done here is not done again
    cache: Cache | None = None

    @property
    def service(self) -> str:
        return self.action.partition(".")[0]

    @property
    def operation(self) -> str:
        return self.action.partition(".")[2]

    @property
    def kind(self) -> str:
        """``action``, or the field that holds the construct: foreach, parallel, switch, wait, approve, run_workflow, set, ask_model."""
        return "action" if self.does is None else _FIELDS[type(self.does)]

    @property
    def inner(self) -> tuple[Step, ...]:
        """The steps right within it."""
        match self.does:
            case ForEach(steps=steps):
                return steps
            case Parallel(branches=branches):
                return tuple(step for steps in branches.values() for step in steps)
            case Switch(cases=cases, otherwise=otherwise):
                return (*(step for case in cases for step in case.steps), *otherwise)
        return ()


_FIELDS: Mapping[type, str] = {
    ForEach: "foreach",
    Parallel: "parallel",
    Switch: "switch",
    Wait: "wait",
    Approve: "approve",
    SubRun: "run_workflow",
    SetValues: "set",
    AskModel: "ask_model",
}


def flat(steps: Iterable[Step]) -> Iterator[Step]:
    """Every step, each before those within it."""
    for step in steps:
        yield step
        yield from flat(step.inner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Of the whole workflow. Times in seconds."""

    retries: int = 3  # further attempts after the first
    retry: RetryRule = field(default_factory=RetryRule)
    timeout: float = 30.0  # for one attempt
    deadline: float | None = None  # for the whole run, waiting included
    fallback: Mapping[str, str] = field(default_factory=dict)  # service -> service that stands in
    among: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # service -> those that are as good -> weight, its own being 1
    patience: float | None = None  # how long a run may wait for services that are down, before a step fails
    approval: str = ""  # who must approve before the first step, "" = nobody
    concurrency: Concurrency | None = None
    rate_limits: Mapping[str, RateLimit] = field(default_factory=dict)  # by service
    priority: Priority = Priority.NORMAL
    saves: float | None = None  # work by hand that a run which succeeded has spared somebody; None = not declared
    failure_costs: float | None = None  # work that a run which failed makes somebody, beside what then is done by hand
    on_failure: tuple[Step, ...] = ()
    finally_: tuple[Step, ...] = ()  # in YAML: finally; after everything else, however it ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A workflow as its authors wrote it; immutable, versioned by its Workflow.

    ``places`` says which address a spoken channel meant where it was spoken: ``{"#ops": "slack:C1"}``.
    ``home`` is the face whose channels unplaced names belong to. ``env``: constants that expressions see as ``env``, no secrets.
    ``owner``: the team or person it belongs to, in the words they use; "" = nobody said so.
    """

    name: str
    trigger: Trigger
    steps: tuple[Step, ...]
    when: str = ""
    description: str = ""
    owner: str = ""
    env: Mapping[str, Json] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    places: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    schema: int = SCHEMA

    @property
    def every_step(self) -> tuple[Step, ...]:
        """Main, on-failure and finally steps, nested ones included."""
        return tuple(flat((*self.steps, *self.options.on_failure, *self.options.finally_)))

    @property
    def services(self) -> tuple[str, ...]:
        """Every service the steps touch, in order, each once; stand-ins not counted."""
        return tuple(dict.fromkeys(step.service for step in self.every_step if step.action))


class WorkflowState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A stored definition. ``version`` grows with the definition, ``revision`` with every change of the record."""

    id: str  # wf_ + 8 hex
    version: int
    revision: int
    definition: Definition
    state: WorkflowState
    created_at: datetime
    created_by: str  # actor id
    updated_at: datetime
    paused_until: datetime | None = None
    where: str = ""  # Address as text: where it was made, and where the cards of its runs stand

    @property
    def name(self) -> str:
        return self.definition.name


class DraftState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A request that waits for a human's Confirm: a new or changed definition, or a command that asks first (delete).

    ``command`` names the command that Confirm runs (``create_workflow``, ``delete_workflow``, …) and ``arguments`` are its own;
    for a definition ``definition`` holds it.
    """

    id: str  # prv_ + ULID
    revision: int  # the version its card shows; a press must carry it
    state: DraftState
    command: str
    arguments: Mapping[str, Json]
    definition: Definition | None
    asked_by: str  # actor id
    asked_by_name: str
    asked_at: datetime
    expires_at: datetime
    where: str  # Address as text
    workflow: str = ""  # the workflow that came of it, or that it changes
    decided_by: str = ""  # name
    decided_at: datetime | None = None
