"""What has happened, in the past tense: the only thing the ledger records, several at once or not at all.

Changes of a versioned noun carry the whole new value; its ``revision`` must be exactly one more than the stored one
(1 for a new one), else the ledger raises Conflict and records nothing of the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TypeAlias

from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic
from engine.monitoring.alert import Alert, ServiceState
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import Rollup
from engine.monitoring.sample import Sample
from engine.parties import Address, MessageRef, Role
from engine.prediction.foretold import Foretold
from engine.workflow.definition import Draft, Json, Workflow
from engine.workflow.run import Fact, RunRecord


@dataclass(frozen=True, slots=True)
class WorkflowSaved:
    workflow: Workflow


@dataclass(frozen=True, slots=True)
class DraftSaved:
    draft: Draft


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run with this id must not exist yet: that is what makes a fire or a webhook happen once. Its first facts come along."""

    run: RunRecord
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RunMoved:
    """Further facts of a run, and its record if that changed. ``(run, seq)`` is unique: a second runner is refused."""

    run_id: str
    facts: tuple[Fact, ...]
    run: RunRecord | None = None


@dataclass(frozen=True, slots=True)
class WaitOpened:
    """A step of a run waits for ``event`` ("service.event"). Recorded beside the run's facts; last write wins."""

    run: str
    step: str
    event: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitClosed:
    run: str
    step: str


@dataclass(frozen=True, slots=True)
class KeyClaimed:
    """``key`` (workflow, step and the value of its idempotency key) belongs to this step of this run from now on.

    Conflict when it belongs to another run; claiming it again for the same run and step changes nothing.
    """

    key: str
    run: str
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GatheringSaved:
    """What a trigger has seen so far of one case (cross_service, debounce). ``state`` None = forget it.

    ``due_at``: when it is acted on (debounce) or given up (the window has passed). ``revision`` must be exactly one more than the stored
    one (1 where none is stored), else Conflict and nothing of the batch: two processes that see events of one case at the same moment must
    not lose one of them. 0 = whatever is stored, last write wins.
    """

    workflow: str
    key: str
    state: Mapping[str, Json] | None
    due_at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class CursorMoved:
    """How far something elsewhere was read: ``name`` says what (``poll:github:default:events``), ``state`` None = forget it.

    Recorded beside what was read, so that a crash neither loses nor doubles it. ``revision`` must be exactly one more than the stored one (1
    where none is stored), else Conflict and nothing of the batch. 0 = whatever is stored, last write wins.
    """

    name: str
    state: Mapping[str, Json] | None
    at: datetime
    revision: int = 0


@dataclass(frozen=True, slots=True)
class AlertSaved:
    alert: Alert


@dataclass(frozen=True, slots=True)
class PolicySaved:
    """Something people set for the watch: a silence, a rota, an escalation, a threshold … ``kind`` says which, ``body`` None = removed.

    ``revision`` must be exactly one more than the stored one (1 where none is stored), else Conflict and nothing of the batch; removing keeps
    nothing, so that the next one begins at 1.
    """

    kind: str
    id: str
    body: Mapping[str, Json] | None
    at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class DetectorSaved:
    """What a detector has learnt of one stream by ``at``; ``state`` None = forget it. Last write wins; only the monitor writes it."""

    stream: str
    state: Mapping[str, Json] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SamplesTaken:
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class RollupsSaved:
    """Derived from samples; one of the same key replaces what was stored."""

    rollups: tuple[Rollup, ...]


@dataclass(frozen=True, slots=True)
class MeasurementsTaken:
    """Of a series there is one value at a time: a second one of the same moment changes nothing."""

    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class TrafficCounted:
    """Added to what was counted of the same key before."""

    traffic: tuple[Traffic, ...]


@dataclass(frozen=True, slots=True)
class MapChanged:
    """Entries of the history of who needs whom; only ever added."""

    changes: tuple[MapChange, ...]


@dataclass(frozen=True, slots=True)
class RunForetold:
    """What was foretold of a run as it began; a second one of the same run changes nothing."""

    foretold: Foretold


@dataclass(frozen=True, slots=True)
class ForetoldSettled:
    """How a run ended of which something was foretold; the first word stands, and of a run without any nothing is kept."""

    run: str
    succeeded: bool
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceStateSaved:
    """Last write wins; only the monitor writes it."""

    state: ServiceState


@dataclass(frozen=True, slots=True)
class NextFireSet:
    """When a scheduled workflow is due next; ``at`` None = never again."""

    workflow: str
    at: datetime | None


class Priority(IntEnum):
    """Order of delivery within a channel; smaller goes first."""

    REPLY = 0
    EDIT = 1
    ALERT = 2
    REPORT = 3


@dataclass(frozen=True, slots=True)
class PostingWanted:
    """A card about ``subject`` is to stand at ``to``, in its newest state.

    One (subject, to) is one message for ever: the first time it is posted, afterwards edited, coalesced to the newest want.
    ``kind`` says who draws it (``draft``, ``run``, ``alert``, ``doubt``, ``approval``, ``note``); a ``note`` carries its text in ``payload``.
    """

    subject: str
    kind: str
    to: Address
    priority: Priority = Priority.REPLY
    payload: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PostingsTouched:
    """The subject changed: every message that already stands about it is to be edited."""

    subject: str
    priority: Priority = Priority.EDIT


class PostingState(IntEnum):
    WANTED = 0  # something newer is wanted than what stands
    SENDING = 1  # handed to the face; after a crash: look before repeating
    SETTLED = 2
    FAILED = 3  # given up, with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One message the house keeps up to date. ``wanted`` counts the wants, ``shown`` is the one that stands."""

    id: int
    subject: str
    kind: str
    to: Address
    priority: Priority
    payload: Mapping[str, Json]
    state: PostingState
    wanted: int
    shown: int
    ref: MessageRef | None
    tries: int
    not_before: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class PostingSent:
    """About to be handed to its face (written before the wire)."""

    posting: int


@dataclass(frozen=True, slots=True)
class PostingSettled:
    """It stands as of want ``shown``; if more was wanted meanwhile it stays WANTED."""

    posting: int
    ref: MessageRef
    shown: int


@dataclass(frozen=True, slots=True)
class PostingPutOff:
    """Not sent: to be tried again at ``until``, or given up (``until`` None) with the reason."""

    posting: int
    until: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Audited:
    """A row of the audit: who did what to what, from where, having seen which version, and what came of it."""

    at: datetime
    actor: str
    actor_name: str
    verb: str
    subject: str
    where: str = ""
    seen: int = 0
    outcome: str = "done"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MemberSaved:
    """``actor`` id → name and role; last write wins."""

    actor: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Received:
    """Something came in from outside under its sender's id; recorded once, Conflict if it is known. ``payload`` lets it be taken up after a crash."""

    key: str
    at: datetime
    payload: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Handled:
    key: str


@dataclass(frozen=True, slots=True)
class DialogueSaved:
    """What was asked back of one person in one place; ``expires_at`` None = forget it."""

    key: str  # "<actor id>@<address>"
    state: Mapping[str, Json]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebMessageSaved:
    """A message of the local web chat; a second one with the same id replaces its card (an edit)."""

    id: str
    channel: str
    at: datetime
    author: str
    author_id: str
    text: str
    card: Mapping[str, Json] | None = None
    only_for: str = ""  # actor id; "" = everyone in the channel


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a connected service, in the catalogue's words. ``id`` is the sender's delivery id."""

    id: str
    service: str
    event: str
    at: datetime
    data: Mapping[str, Json]
    account: str = ""


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account was connected or disconnected. The vault keeps what it is; whoever uses it reads that again."""

    service: str
    account: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another process on the same database changed something. Never recorded: listeners hear it and read again what they hold of it.

    ``noun``: workflow, run, posting, alert, policy, service_state, web_message or account.
    """

    noun: str
    id: str


Event: TypeAlias = (
    WorkflowSaved
    | DraftSaved
    | RunStarted
    | RunMoved
    | WaitOpened
    | WaitClosed
    | KeyClaimed
    | GatheringSaved
    | CursorMoved
    | AlertSaved
    | PolicySaved
    | DetectorSaved
    | SamplesTaken
    | RollupsSaved
    | MeasurementsTaken
    | TrafficCounted
    | MapChanged
    | RunForetold
    | ForetoldSettled
    | ServiceStateSaved
    | NextFireSet
    | PostingWanted
    | PostingsTouched
    | PostingSent
    | PostingSettled
    | PostingPutOff
    | Audited
    | MemberSaved
    | Received
    | Handled
    | DialogueSaved
    | WebMessageSaved
    | AccountChanged
    | Elsewhere
)
