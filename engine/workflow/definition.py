"""The workflow definition: what a team asked for, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
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
    """What becomes of a fire that was due while the house was down: dropped, or made up once (the latest one)."""

    SKIP = "skip"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Input:
    """One typed input of a manual run. ``type`` is string, number, integer or boolean."""

    name: str
    type: str = "string"
    required: bool = False
    default: Json = None
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What starts a run. Only the fields of its type are filled."""

    type: TriggerType
    service: str = ""  # event_based, ai_predicted
    event: str = ""  # event_based
    cron: str = ""  # scheduled: five fields
    rrule: str = ""  # scheduled: RFC 5545, no DTSTART
    at: datetime | None = None  # scheduled: once
    timezone: str = ""  # IANA name; empty = the zone of the house
    misfire: Misfire = Misfire.ONCE
    all: tuple[str, ...] = ()  # cross_service: "service.event" in any order
    any: tuple[str, ...] = ()
    sequence: tuple[str, ...] = ()
    within: timedelta | None = None
    metric: str = ""  # ai_predicted
    horizon: timedelta | None = None
    inputs: tuple[Input, ...] = ()  # manual


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One ask to one service. ``needs`` None = the step before it; empty = at once. ``when`` is CEL, empty = always."""

    id: str
    action: str  # "trello.create_card"
    arguments: Mapping[str, Json] = field(default_factory=dict)  # strings may hold {{CEL}}
    when: str = ""
    needs: tuple[str, ...] | None = None
    retries: int | None = None  # None = the workflow's
    timeout: float | None = None  # seconds; None = the workflow's
    account: str = ""  # empty = the service's default account

    @property
    def service(self) -> str:
        return self.action.partition(".")[0]

    @property
    def operation(self) -> str:
        return self.action.partition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    retries: int = 3  # further attempts after the first, for transient failures
    timeout: float = 30.0  # seconds for one attempt
    fallback: Mapping[str, str] = field(default_factory=dict)  # service -> service that stands in
    approval: str = ""  # who must approve before the first step, "" = nobody
    on_failure: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A workflow as its authors wrote it; immutable, versioned by its Workflow.

    ``places`` says which address a spoken channel meant where it was spoken: ``{"#ops": "slack:C1"}``.
    ``home`` is the face whose channels unplaced names belong to.
    """

    name: str
    trigger: Trigger
    steps: tuple[Step, ...]
    when: str = ""
    description: str = ""
    options: Options = field(default_factory=Options)
    places: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    schema: int = SCHEMA

    @property
    def services(self) -> tuple[str, ...]:
        """Every service the steps touch, in order, each once."""
        return tuple(dict.fromkeys(step.service for step in (*self.steps, *self.options.on_failure)))


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
