"""Every Protocol the hall needs of the rooms. Rooms implement them; ``main.py`` joins them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.events import Event, Happening, Posting, PostingState, WebMessageSaved
from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic
from engine.monitoring.alert import Alert, AlertState, ServiceState
from engine.monitoring.charting import Chart
from engine.monitoring.gauge import Gauge
from engine.monitoring.measurement import Measurement
from engine.monitoring.rollup import Rollup, Span
from engine.monitoring.sample import Sample
from engine.monitoring.signal import Signal
from engine.parties import Actor, Address, MessageRef, Role
from engine.prediction.analytics.tally import AskTally, RunTallies
from engine.prediction.foretold import Foretold
from engine.rehearsal.differing import Replayed, ReplayWish
from engine.rehearsal.story import Rehearsed
from engine.rehearsal.wish import Wish
from engine.workflow.catalogue import Service
from engine.workflow.definition import Draft, Json, Workflow
from engine.workflow.run import Fact, RunRecord, RunState
from engine.workflow.wished import Wished

# --- time and dice -----------------------------------------------------------------------------------------------------


class Clock(Protocol):
    """Time, sleep and dice, so that everything else can be told what to believe."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    def new_id(self, prefix: str) -> str:
        """``run_`` + ULID; for ``wf`` eight hex digits."""
        ...

    def random(self) -> float:
        """0 ≤ x < 1, for jitter."""
        ...


# --- durable memory ----------------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """The one door for writing."""

    async def record(self, *events: Event) -> None:
        """All of them in one transaction, durable on return. Raises Conflict (nothing recorded) or Transient (storage is busy or full)."""
        ...

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        """Call ``heard`` on the event loop after each recorded batch; it must not block or raise.

        With several processes on one database it also hears ``Elsewhere``, soon after another process recorded something.
        """
        ...

    def trouble(self) -> str:
        """Why the last batch could not be written, in a sentence; empty while storage works."""
        ...


class Workflows(Protocol):
    async def get(self, workflow_id: str) -> Workflow | None: ...
    async def at_version(self, workflow_id: str, version: int) -> Workflow | None: ...
    async def versions(self, workflow_id: str) -> list[Workflow]: ...
    async def list(self, *, deleted: bool = False) -> list[Workflow]:
        """By name; without the deleted ones unless asked."""
        ...


class Drafts(Protocol):
    async def get(self, draft_id: str) -> Draft | None: ...
    async def prune(self, before: datetime) -> int:
        """Forget those asked and expired before then, however they ended; how many that were."""
        ...


@dataclass(frozen=True, slots=True)
class RunStats:
    total: int
    succeeded: int
    failed: int
    mean_seconds: float


class Runs(Protocol):
    async def get(self, run_id: str) -> RunRecord | None: ...
    async def facts(self, run_id: str) -> list[Fact]: ...
    async def unfinished(self) -> list[RunRecord]:
        """Oldest first; those that only wait are among them, with their ``wake_at``."""
        ...

    async def adrift(self, before: datetime, *, limit: int = 500) -> list[RunRecord]:
        """Unfinished ones that ought to be on their way: those that run, and those whose ``wake_at`` is not after ``before``. Oldest first."""
        ...

    async def in_line(self, queue: str) -> list[RunRecord]:
        """The unfinished runs that share their turns under this name, by rank, then age."""
        ...

    async def children(self, parent: str) -> list[RunRecord]:
        """Runs that a step of this run started, oldest first."""
        ...

    async def list(self, *, workflow: str = "", since: datetime | None = None, outcome: str = "", limit: int = 50) -> list[RunRecord]:
        """Newest first. ``outcome`` is a RunState value."""
        ...

    async def stats(self, *, since: datetime) -> Mapping[str, RunStats]:
        """By workflow id, of runs started since."""
        ...

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1, workflow: str = "") -> RunTallies:
        """Runs begun from ``since`` on and before ``until``, counted in so many equal slices of it; of every workflow, or of the one of this id."""
        ...

    async def earliest(self) -> datetime | None:
        """When the oldest run that is kept began."""
        ...

    async def census(self) -> Mapping[RunState, int]:
        """How many unfinished runs there are, by state; states of which there are none are left out."""
        ...

    async def archive(self, before: datetime) -> int:
        """Pack away the facts of runs that were over before then, ``facts`` reads them as ever; how many runs that were."""
        ...

    async def forget(self, before: datetime) -> int:
        """Forget runs that were over before then, with their facts and the keys they claimed; how many that were."""
        ...


class Waits(Protocol):
    """Steps that wait for an event."""

    async def events(self) -> frozenset[str]:
        """Every "service.event" that somebody waits for."""
        ...

    async def for_event(self, event: str) -> list[tuple[str, str]]:
        """(run id, step id), oldest first."""
        ...


class Keys(Protocol):
    """Idempotency keys that were claimed, see ``KeyClaimed``."""

    async def holder(self, key: str) -> tuple[str, str] | None:
        """(run id, step id)."""
        ...


@dataclass(frozen=True, slots=True)
class Gathering:
    workflow: str
    key: str
    state: Mapping[str, Json]
    due_at: datetime
    revision: int = 0


class Gatherings(Protocol):
    async def get(self, workflow: str, key: str) -> Gathering | None: ...
    async def due(self, now: datetime, *, limit: int = 500) -> list[Gathering]:
        """Those due by now, the earliest first."""
        ...

    async def next_due(self) -> datetime | None: ...
    async def of(self, workflow: str, *, limit: int = 100) -> list[Gathering]:
        """The cases of one workflow, the earliest due first."""
        ...

    async def count(self, workflow: str) -> int:
        """How many cases of a workflow are kept."""
        ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """``at``: when it was moved last."""

    name: str
    state: Mapping[str, Json]
    at: datetime
    revision: int = 0


class Cursors(Protocol):
    """How far what happens elsewhere was read, see ``CursorMoved``."""

    async def get(self, name: str) -> Cursor | None: ...
    async def under(self, prefix: str) -> list[Cursor]:
        """Those whose name begins so, by name."""
        ...


class Tokens(Protocol):
    """Rate limits that hold over every process of the house."""

    async def take(self, name: str, limit: int, per: float) -> float:
        """0.0: one of ``limit`` asks in any ``per`` seconds is taken. Else seconds after which to ask again; nothing is taken."""
        ...


class Leases(Protocol):
    """Who of several processes does what only one may do. With a database of its own a house holds all of them."""

    async def acquire(self, name: str) -> bool:
        """Whether this process holds ``name`` now; asking again renews it. A process that stops renewing loses it within seconds."""
        ...

    def left(self, name: str) -> float:
        """Seconds for which this process surely goes on holding ``name`` without renewing it; 0.0 when it does not hold it.

        Counted by a clock that goes on while the process is stopped and, where the system can tell, while the machine sleeps.
        """
        ...

    async def release(self, name: str) -> None: ...


class Alerts(Protocol):
    async def get(self, alert_id: str) -> Alert | None: ...
    async def latest(self, fingerprint: str) -> Alert | None: ...
    async def of_incident(self, leader: str) -> list[Alert]:
        """The alert of that id and those that belong to its incident, oldest first."""
        ...

    async def due(self, now: datetime, *, limit: int = 200) -> list[Alert]:
        """Open ones whose ``due_at`` has come, the earliest first."""
        ...

    async def between(self, since: datetime, until: datetime, *, limit: int = 5_000) -> list[Alert]:
        """Opened in that time, or still open in it, oldest first; of more than ``limit`` the newest."""
        ...

    async def list(self, *, service: str = "", severity: str = "", states: Sequence[AlertState] = (), limit: int = 50) -> list[Alert]:
        """Newest first; no states = all."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """Something people set for the watch; see ``PolicySaved``."""

    kind: str
    id: str
    body: Mapping[str, Json]
    at: datetime
    revision: int


class Signals(Protocol):
    """Where everything that notices trouble says so: the one door by which the house makes and changes alerts."""

    async def take(self, signals: Sequence[Signal], *also: Event) -> tuple[Alert, ...]:
        """What the signals change, recorded in one transaction with ``also`` (samples, what was received …): the changed alerts, as they are now.

        The same signal twice changes nothing. Raises Conflict when ``also`` is outdated or known, Transient when storage is busy: then
        nothing was recorded.
        """
        ...

    async def reconsider(self) -> None:
        """Look again at the alerts nobody was told of: those whose reason is gone are told."""
        ...

    async def incident(self, leader: str) -> Sequence[Alert]:
        """The alert of that id and those that belong to its incident, oldest first, from memory; empty for one that was over long ago."""
        ...


class Policies(Protocol):
    async def get(self, kind: str, id: str) -> Policy | None: ...
    async def of(self, kind: str) -> list[Policy]:
        """By id."""
        ...


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a detector knew of a stream at a moment; what came since is in the samples."""

    stream: str
    state: Mapping[str, Json]
    at: datetime


class Detectors(Protocol):
    async def get(self, stream: str) -> Learnt | None: ...
    async def under(self, prefix: str) -> list[Learnt]:
        """Those whose stream begins so, by stream."""
        ...

    async def prune(self, before: datetime, *, prefix: str = "") -> int:
        """Forget those whose stream begins so and that were not saved since then; how many that were."""
        ...


class Samples(Protocol):
    async def recent(self, service: str, *, since: datetime, limit: int = 500) -> list[Sample]:
        """Oldest first, the newest ``limit`` of them."""
        ...

    async def between(self, since: datetime, until: datetime, *, service: str = "", skip: int = 0, limit: int = 5_000) -> list[Sample]:
        """Those taken from ``since`` on and before ``until``, of every service unless one is named, oldest first.

        To read on: ask again from the time of the last one, with ``skip`` as many as were read of that very time.
        """
        ...

    async def states(self) -> list[ServiceState]: ...
    async def prune(self, before: datetime) -> int: ...


class Rollups(Protocol):
    """Rollups that begin from ``since`` on and before ``until``, oldest first, then by service, account and source."""

    async def series(
        self, service: str, span: Span, *, since: datetime, until: datetime, account: str | None = None, limit: int = 200_000
    ) -> list[Rollup]:
        """Of one service; ``account`` None = all of its accounts ("" is one, too). Of more than ``limit`` the oldest."""
        ...

    async def between(self, span: Span, since: datetime, until: datetime, *, limit: int = 200_000) -> list[Rollup]:
        """Of every service. Of more than ``limit`` the oldest."""
        ...

    async def prune(self, span: Span, before: datetime) -> int:
        """Forget those of this span that began before then; how many that were."""
        ...


@dataclass(frozen=True, slots=True)
class SeriesKnown:
    """A series of measurements: its unit as it was said last, and when it was last measured."""

    name: str
    unit: str
    last_at: datetime


class Measurements(Protocol):
    async def known(self, *, prefix: str = "", limit: int = 10_000) -> list[SeriesKnown]:
        """Series whose name begins so, by name."""
        ...

    async def series(self, name: str, *, since: datetime, until: datetime, limit: int = 50_000, oldest: bool = False) -> list[Measurement]:
        """Of the time from ``since`` on and before ``until``, oldest first; of more than ``limit`` the newest, or the ``oldest``."""
        ...

    async def count(self) -> int:
        """How many measurements are kept of all series together."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget those of before then, and the series of which nothing is left; how many measurements that were."""
        ...


class TrafficBook(Protocol):
    """Who asked whom, how often, how well and how long; see ``engine.graph.traffic``."""

    async def between(self, since: datetime, until: datetime, *, source: str = "", target: str = "", limit: int = 200_000) -> list[Traffic]:
        """Spans that begin from ``since`` on and before ``until``, by key; all sources and targets unless one is named."""
        ...

    async def tallies(self, since: datetime, until: datetime, *, slices: int = 1) -> list[AskTally]:
        """Asks of the spans that begin from ``since`` on and before ``until``, summed in so many equal slices of it."""
        ...

    async def earliest(self) -> datetime | None:
        """When the oldest span that is kept began."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget spans that began before then; how many rows that were."""
        ...


class MapChanges(Protocol):
    async def list(self, *, subject: str = "", since: datetime | None = None, limit: int = 100) -> list[MapChange]:
        """Newest first. ``subject``: entries of a component, and of lines that it is an end of."""
        ...

    async def prune(self, before: datetime) -> int: ...


class ForetoldRuns(Protocol):
    async def get(self, run: str) -> Foretold | None: ...
    async def list(self, *, workflow: str = "", since: datetime | None = None, settled: bool = False, limit: int = 5_000) -> list[Foretold]:
        """Oldest first, the newest ``limit`` of them; only those whose end is known when ``settled``."""
        ...

    async def prune(self, before: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class GaugeRead:
    """A number a service was asked for. ``sandbox``: it was made up, and is not kept."""

    value: float
    at: datetime
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class GaugeState:
    """How a gauge stands in this process: what was read last, why it could not be read the last time, and when it is read next."""

    last: GaugeRead | None
    trouble: str
    due: datetime


class Gauging(Protocol):
    """Numbers that services are asked for again and again."""

    async def read(self, gauge: Gauge) -> GaugeRead:
        """Now. Raises NotFound for what is not in the catalogue, Rejected for what writes or answers no number, else as ``Actions.perform``."""
        ...

    def states(self) -> Mapping[str, GaugeState]:
        """By series, of those that are read in this process."""
        ...


class Schedules(Protocol):
    async def all(self) -> Mapping[str, datetime]:
        """Workflow id → when it is due next."""
        ...


class Postings(Protocol):
    async def due(self, now: datetime, *, limit: int = 100) -> list[Posting]:
        """WANTED and not put off beyond ``now``, by priority then age."""
        ...

    async def heads(self, now: datetime) -> list[Posting]:
        """The first of each channel (face and channel) among those due, in the order of ``due``: what can go out side by side."""
        ...

    async def sending(self) -> list[Posting]:
        """Those a crash left in SENDING."""
        ...

    async def census(self) -> Mapping[PostingState, int]:
        """How many postings are not settled, by state; states of which there are none are left out."""
        ...

    async def of(self, subject: str) -> list[Posting]: ...
    async def standing_at(self, ref: MessageRef) -> Posting | None: ...
    async def prune(self, before: datetime) -> int:
        """Forget cards that nobody has wanted anew since then and that speak of no unfinished run; how many that were."""
        ...


@dataclass(frozen=True, slots=True)
class AuditRow:
    id: int
    at: datetime
    actor: str
    actor_name: str
    verb: str
    subject: str
    where: str
    seen: int
    outcome: str
    detail: str


class Audit(Protocol):
    async def verify(self) -> str:
        """Empty, or a sentence that names the first row that was tampered with."""
        ...

    async def list(self, *, subject: str = "", limit: int = 100) -> list[AuditRow]:
        """Newest first."""
        ...


class Members(Protocol):
    async def role(self, actor_id: str) -> Role | None: ...
    async def admins(self) -> Mapping[str, str]:
        """Actor id → name; empty on a fresh install, where everyone may do everything."""
        ...


class Inbox(Protocol):
    async def unhandled(self) -> list[tuple[str, Mapping[str, Json]]]: ...
    async def between(self, since: datetime, until: datetime, *, prefix: str, limit: int) -> list[tuple[datetime, Mapping[str, Json]]]:
        """(received at, payload) of what came in under keys with this prefix, handled or not, oldest first; of more than ``limit`` the newest.

        The payload of a delivery ("hook:") is kept until it is pruned, so that a changed workflow can be tried on it; what people said is not.
        """
        ...

    async def prune(self, before: datetime) -> int: ...


class Dialogues(Protocol):
    async def get(self, key: str, now: datetime) -> Mapping[str, Json] | None: ...
    async def prune(self, before: datetime) -> int:
        """Forget what expired before then; how many that were."""
        ...


class WebMessages(Protocol):
    async def get(self, message_id: str) -> WebMessageSaved | None: ...
    async def channels(self) -> list[str]: ...
    async def list(self, channel: str, *, reader: str, limit: int = 100) -> list[WebMessageSaved]:
        """Oldest first; private ones only for their reader."""
        ...

    async def prune(self, before: datetime) -> int: ...


class Vault(Protocol):
    """Secrets, encrypted at rest."""

    async def put(self, name: str, secret: Mapping[str, str]) -> None: ...
    async def get(self, name: str) -> Mapping[str, str] | None: ...
    async def names(self) -> list[str]: ...
    async def forget(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file the house keeps; arguments name it by its id. ``size`` in bytes; ``by``: who gave it (actor id)."""

    id: str  # file_…
    name: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    by: str = ""


class Files(Protocol):
    """Files that people and workflows hand over. Their bytes never stand in a fact, an event or a card."""

    async def keep(self, name: str, content: bytes, *, media_type: str = "", by: str = "") -> StoredFile:
        """The media type is told from the name where it is not said. Raises Rejected for an empty file or one over 25 MB.

        Where all of them together grow over 500 MB, the oldest go.
        """
        ...

    async def get(self, file_id: str) -> StoredFile | None: ...
    async def read(self, file_id: str) -> bytes:
        """Raises NotFound for what is not kept (any more)."""
        ...

    async def prune(self, before: datetime, *, needed: Collection[str] = ()) -> int:
        """Forget those kept before then, but not the ``needed`` ones (ids); how many that were."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something in the world that the sandbox pretends: a card, an issue, a customer. ``gone``: it was removed, and that is remembered.

    ``kind`` "" is no thing but an answer that was given, found by its ``id`` again.
    """

    service: str  # with ``/account`` for another account than the default one
    kind: str
    id: str
    at: datetime  # when it was made
    fields: Mapping[str, Json]
    gone: bool = False


class Things(Protocol):
    """The memory of the sandbox."""

    async def keep(self, *things: Thing) -> None:
        """All of them at once; one of the same service, kind and id is replaced."""
        ...

    async def get(self, service: str, kind: str, id: str) -> Thing | None: ...
    async def of(self, service: str) -> list[Thing]:
        """The newest 2,000 (answers are not among them), newest first."""
        ...

    def since(self) -> datetime:
        """From when on answers are surely remembered."""
        ...

    async def prune(self) -> int:
        """Forget what is too old or too much; how many that were."""
        ...


class Store(Protocol):
    """Everything durable; ``storage.sql.SqlStore`` and ``storage.memory.MemoryStore`` are the two."""

    ledger: Ledger
    workflows: Workflows
    drafts: Drafts
    runs: Runs
    alerts: Alerts
    policies: Policies
    detectors: Detectors
    samples: Samples
    rollups: Rollups
    measurements: Measurements
    traffic: TrafficBook
    map_changes: MapChanges
    foretold: ForetoldRuns
    schedules: Schedules
    postings: Postings
    audit: Audit
    members: Members
    inbox: Inbox
    dialogues: Dialogues
    web_messages: WebMessages
    vault: Vault
    waits: Waits
    keys: Keys
    gatherings: Gatherings
    cursors: Cursors
    tokens: Tokens
    leases: Leases
    files: Files
    things: Things

    async def shrink(self) -> int:
        """Give space that is not needed any more back to the disk, a little at a time; how many bytes that were."""
        ...

    async def close(self) -> None: ...


# --- the world's services ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One ask put to a service. ``key`` is its idempotency key; ``places`` and ``home`` resolve spoken channels (see Definition)."""

    service: str
    operation: str
    arguments: Mapping[str, Json]
    key: str
    account: str = ""
    run: str = ""
    step: str = ""
    workflow: str = ""
    actor: str = ""
    where: str = ""  # Address as text of the run's card
    alert: str = ""  # the alert the run belongs to
    places: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    asked_at: datetime | None = None  # when the step was first asked; a ``look`` needs it where only what was made since can be ours


@dataclass(frozen=True, slots=True)
class Answer:
    """``pending``: taken, the output comes later through ``Runner.answer``. ``cached``: said before, and kept for a while."""

    output: Json
    sandbox: bool = False
    pending: bool = False
    cached: bool = False


class Actions(Protocol):
    async def perform(self, call: Call) -> Answer:
        """Raises Rejected, Transient or Unanswered, never anything of a vendor's."""
        ...

    async def look(self, call: Call) -> Answer | None:
        """Whether an earlier ``perform`` of this very call (same key) did it: its answer, or None if it surely did not.

        Raises Rejected where the service cannot be asked that, Transient or Unanswered where it could not be reached.
        """
        ...

    def looks(self, service: str, operation: str) -> bool:
        """Whether ``look`` can answer for this operation."""
        ...


class Model(Protocol):
    """A language model that answers with a value of a given shape."""

    async def ask(self, prompt: str, schema: Mapping[str, Json], *, key: str) -> Json:
        """A value that fits ``schema``. Raises Rejected when none is configured or it will not fit after one repair, else Transient or Unanswered."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One connection to a service. ``mode``: live, sandbox (examples answer) or off; ``missing`` says what to set, in words."""

    service: str
    name: str
    url: str
    mode: str
    missing: str = ""
    probed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One value that an account is connected with. ``secret`` ones are never shown again. ``setting``: the environment variable that may hold it instead."""

    name: str
    meaning: str
    setting: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to connect an account. ``browser``: a person says yes at the service; then ``needs`` are only what must be known before.

    ``missing``: why it cannot be used yet, in words.
    """

    id: str
    title: str
    needs: tuple[Need, ...] = ()
    browser: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """Where a browser is sent to say yes; ``browser`` is the secret by which it is known again when it comes back. ``secure``: over TLS only."""

    url: str
    browser: str = field(repr=False)
    secure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Whom a dance connected, and who danced."""

    account: Account
    actor: Actor


class Connecting(Protocol):
    """Accounts that people connect while the house runs. Raises Rejected and its finer words, or Transient; no text holds a secret."""

    def ways(self, service: str, account: str = "") -> Sequence[Way]:
        """Empty for what needs no credentials."""
        ...

    def kept(self, service: str, account: str) -> bool:
        """Whether the house keeps it, rather than the environment, so that it can be disconnected."""
        ...

    def key(self, account: str) -> str:
        """An account's name as it is kept. Raises Invalid for what cannot be one."""
        ...

    async def connect(self, service: str, account: str, way: str, values: Mapping[str, str]) -> Account:
        """Try the values, keep them encrypted, and use them from now on. Raises Invalid with what is wrong at each, or why the service refused."""
        ...

    async def disconnect(self, service: str, account: str) -> None:
        """Raises NotFound for one that is not kept, Rejected for one of the environment."""
        ...

    async def begin(self, service: str, account: str, actor: Actor, values: Mapping[str, str] = ...) -> str:
        """A link for this person alone that opens for ten minutes. Raises Rejected where the service's app is not set up, Invalid for ``values``."""
        ...

    async def who(self, ticket: str) -> Actor:
        """Whose link it is. Raises Rejected when it is over."""
        ...

    async def open(self, ticket: str) -> Going: ...
    async def returning(self, state: str) -> Actor:
        """Who began what comes back. Raises Rejected when it is over or was finished already."""
        ...

    async def finish(self, said: Mapping[str, str], browser: str) -> Connected:
        """``said`` is the query that the service sent the browser back with. A state counts once, in the browser it was begun in."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of ``doctor``. ``level``: ok, info, warning, problem; ``advice`` says what to do."""

    area: str
    level: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of a service's own on one account, and how much of it is used. ``resets_in``: seconds until nothing counts any more, None = not said."""

    service: str
    account: str
    name: str
    used: int
    limit: int
    resets_in: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a vendor says of itself, apart from whether our credential lives and what is left of its quota.

    ``state``: up, trouble, down or unknown: a page that cannot be read, or is none, is unknown and never down. ``says`` is a sentence.
    """

    service: str
    state: str
    says: str
    at: datetime


class Connections(Protocol):
    """What the house is connected to."""

    async def standing(self, service: str) -> Standing | None:
        """By its status page, read every few minutes; None for the house's own. Never raises, and waits a moment at most."""
        ...

    def services(self) -> Sequence[Service]:
        """The connectors that ship, with their full specs."""
        ...

    def accounts(self) -> Sequence[Account]: ...
    def example_event(self, service: str, event: str) -> Mapping[str, Json]:
        """The fields of an event as the sandbox would tell it; empty where there is no example."""
        ...

    async def probe(self, account: Account) -> Sample: ...
    async def examine(self) -> list[Finding]: ...
    def budget(self, service: str) -> Sequence[Budget]:
        """What is used of a service's own limits, on each account, the fullest first; only those of which something is used or known."""
        ...


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault on purpose in the sandbox. ``kind``: down, slow, 429, 5xx, lost_answer (it was done, nobody hears of it) or lost_ask (it never
    arrived, nobody hears of that either); ``share`` 0..1 of the calls; ``until`` None = until ended.
    """

    service: str
    kind: str
    share: float = 1.0
    until: datetime | None = None


class Sandbox(Protocol):
    def inject(self, fault: Fault) -> None:
        """Raises Rejected for a service that is not sandboxed or an unknown kind."""
        ...

    def mend(self, service: str = "") -> None: ...
    def faults(self) -> Sequence[Fault]: ...


@dataclass(frozen=True, slots=True)
class HookReply:
    """What the webhook's sender gets at once: an HTTP status, headers and body (handshakes); happenings to act on.

    ``wakes``: names of the account's polls that are to be asked at once, as the delivery only says that something changed.
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    wakes: tuple[str, ...] = ()


class Hooks(Protocol):
    async def receive(
        self,
        service: str,
        account: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        query: Mapping[str, str] | None = None,
        url: str = "",
    ) -> HookReply:
        """Verify the signature, then read. ``url``: the public address it was sent to, with its query.

        Raises Forbidden (bad signature), NotFound (no such service), Invalid (body), Transient (it is to be sent again).
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Something of an account that is asked every ``every`` seconds. ``events``: each "service.event" that it tells."""

    service: str
    account: str
    name: str
    every: float
    events: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What was new. ``cursor``: from where to go on; ``more``: ask again at once; ``note``: what somebody should know, in a sentence."""

    happenings: tuple[Happening, ...]
    cursor: Mapping[str, Json]
    more: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Deliveries that were ordered by a service's API. ``target``: what they are about, in words; ``ends_at`` None = for good."""

    service: str
    account: str
    said: Mapping[str, str]
    target: str
    made_at: datetime
    ends_at: datetime | None = None
    trouble: str = ""


class Watching(Protocol):
    """Ordering deliveries where a service takes orders. Every call is durable when it returns, and raises the three words."""

    def address(self, service: str, account: str = "") -> str:
        """Where a service delivers to. Raises NotFound for one that sends nothing, Rejected where nobody can reach this house."""
        ...

    def asks(self, service: str) -> tuple[str, ...]:
        """What has to be said: a repository, a project. Raises Rejected, saying how, where it is set up by hand."""
        ...

    async def watch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        """Raises Conflict where it is ordered already."""
        ...

    async def unwatch(self, service: str, account: str, said: Mapping[str, str]) -> Watch:
        """``said`` may be empty where there is only one. Raises NotFound, naming what there is."""
        ...

    async def watches(self, service: str = "", account: str = "") -> list[Watch]: ...
    async def expect(self, service: str, account: str) -> str:
        """For a service that is set up by hand and sends its secret itself: takes it for some minutes. What to do next; empty for every other service."""
        ...

    async def greeting(self, service: str, account: str) -> str:
        """The secret that a sender greeted the account's address with, for those that want it typed in on their page (Notion). Raises NotFound."""
        ...

    async def end(self, service: str, account: str) -> None:
        """All of an account; before it is disconnected."""
        ...

    async def renew(self) -> None:
        """What ends soon."""
        ...


@dataclass(frozen=True, slots=True)
class FeedState:
    """How a poll stands: when it was asked last and is asked next; ``trouble`` is why it failed the last time."""

    poll: Poll
    asked_at: datetime | None
    next_at: datetime
    trouble: str


class Polls(Protocol):
    """What happens over there where nothing is delivered."""

    async def polls(self) -> Sequence[Poll]:
        """Those that can be asked now: of connected accounts whose deliveries are not set up."""
        ...

    async def poll(self, poll: Poll, cursor: Mapping[str, Json] | None, wanted: Sequence[Wished]) -> Polled:
        """What is new since ``cursor``; without one nothing is told, and where now is becomes the cursor.

        ``wanted``: what those who wait ask for. The same happening has the same id however often it is asked for. Raises the three words.
        """
        ...


# --- words -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """A request that somebody confirmed: ``trigger`` is “service.event” or the kind of trigger, ``actions`` “service.operation” in order."""

    text: str
    command: str
    trigger: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words to be understood. ``text`` keeps the face's own mention tokens (``<#C1|ops>``, ``<@U1>``)."""

    text: str
    now: datetime
    timezone: str
    actor: str = ""
    where: str = ""
    workflows: Sequence[str] = ()  # names the team uses, for fuzzy matching
    pending: Mapping[str, Json] | None = None  # what was asked back of this person here
    files: Sequence[tuple[str, str]] | None = None  # (id, name) of what came with it or just before; None: nobody could attach anything
    subject: Mapping[str, Json] | None = None  # what was spoken of last here; see bot.following
    taught: Mapping[str, str] = field(default_factory=dict)  # what the team means by its own words: normal form of a phrase → meaning
    examples: Sequence[Example] = ()  # requests that people of this house confirmed, oldest first
    direct: bool = True  # said to us; False: merely overheard, which never leaves the house
    locale: str = ""  # the person's, a BCP 47 tag: what they are likelier to speak; "" where nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """``command`` None: not for us. ``question`` set: something needed is missing; ``options`` are one-press answers (label, words to say).

    ``places`` maps spoken channels to what they meant here: ``{"#ops": "slack:C1"}``. ``remember`` is kept until the answer comes.
    """

    command: str | None
    confidence: float
    arguments: Mapping[str, Json]
    question: str | None = None
    source: str = "grammar"
    options: tuple[tuple[str, str], ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    remember: Mapping[str, Json] | None = None
    reply: str = ""  # for what is not a command: a greeting answered, small talk declined
    parts: tuple[tuple[str, str], ...] = ()  # how it was read: (the words, what they became)
    nearest: tuple[tuple[str, str], ...] = ()  # for what was not understood: what comes nearest, (what it does, an example)
    also: tuple[tuple[str, Mapping[str, Json]], ...] = ()  # what is to be done beside it, (command, arguments): “ack 1 and 3”


class Understanding(Protocol):
    async def understand(self, said: Said) -> Understood: ...

    def complete(self, typed: str, workflows: Sequence[str], limit: int = 8) -> list[tuple[str, str]]:
        """Ways to go on from what is typed so far: (full text, hint)."""
        ...


# --- chat --------------------------------------------------------------------------------------------------------------


class Postman(Protocol):
    """Draws a posting and hands it to its face."""

    async def deliver(self, posting: Posting) -> MessageRef:
        """Post or edit. Raises Rejected (never will), Transient (later), Unanswered (look first)."""
        ...

    async def look(self, posting: Posting) -> MessageRef | None:
        """Whether a message whose answer was lost stands after all."""
        ...


class Speaker(Protocol):
    """Says something once, durably, and waits until it stands."""

    async def say(self, to: Address, payload: Mapping[str, Json], *, key: str, kind: str = "note", priority: int = 0) -> MessageRef:
        """The same ``key`` never posts twice. Raises Rejected when the channel cannot be reached, Unanswered when it takes too long."""
        ...

    async def standing(self, to: Address, *, key: str) -> MessageRef | None:
        """Where the message of ``key`` stands; None when it does not (yet). Raises Transient where it is on its way right now."""
        ...


class Groups(Protocol):
    """The groups that chat platforms keep themselves."""

    async def belongs(self, actor: Actor, group: str) -> bool:
        """Whether this person is in a group of their own face; ``group`` is the face's id of it or its name.

        Raises Rejected, saying what to do, where the face cannot tell or knows no such group; Transient where it cannot be asked now.
        """
        ...


class Pictures(Protocol):
    """PNG bytes, drawn off the event loop. Raises Rejected for what cannot be drawn, Transient when drawing failed; the words say the same."""

    async def impact(self, drawing: Mapping[str, Json]) -> bytes: ...

    async def chart(self, chart: Chart) -> bytes:
        """The same chart gives the same bytes. ``engine.monitoring.charting_words.alt_text`` tells it."""
        ...


# --- the engine's own loops, as others see them --------------------------------------------------------------------------


class Runner(Protocol):
    """Drives runs. Every call is durable when it returns."""

    async def start(
        self,
        workflow: Workflow,
        *,
        by: str,
        event: Mapping[str, Json] | None = None,
        inputs: Mapping[str, Json] | None = None,
        run_id: str = "",
        where: Address | None = None,
        actor: Actor | None = None,
        parent: str = "",
        alert: str = "",
    ) -> RunRecord | None:
        """None when a run of that id exists already. Raises Rejected for bad inputs, Conflict when its concurrency says skip."""
        ...

    async def cancel(self, run_id: str, actor: Actor, *, compensate: bool = True) -> RunRecord:
        """Nothing more is asked; then what was done is undone, where the definition says how, unless ``compensate`` is False."""
        ...

    async def pause(self, run_id: str, actor: Actor) -> RunRecord:
        """Nothing new is asked until ``resume``; answers are still taken."""
        ...

    async def resume(self, run_id: str, actor: Actor) -> RunRecord: ...
    async def retry(
        self,
        run_id: str,
        actor: Actor,
        *,
        inputs: Mapping[str, Json] | None = None,
        arguments: Mapping[str, Mapping[str, Json]] | None = None,
        skip: Sequence[str] = (),
    ) -> RunRecord:
        """Go on from the failed steps (of a foreach: only its failed items); answered steps are not asked again.

        ``inputs`` replace those of the run, ``arguments`` (by step) some of a failed step's own; steps of ``skip`` are passed over instead.
        """
        ...

    async def skip(self, run_id: str, step: str, actor: Actor) -> RunRecord:
        """Pass over a step that waits, is to be retried, is in doubt or has failed; its dependents go on."""
        ...

    async def vote(self, run_id: str, step: str, *, approved: bool, actor: Actor, note: str = "") -> RunRecord:
        """One person's answer to an approval. Raises Forbidden for the requester under four_eyes, Conflict for a second vote or a changed plan."""
        ...

    async def happened(self, run_id: str, step: str, happening: Happening) -> bool:
        """Offer an event to a step that waits for one; whether it was the one (its ``where`` holds)."""
        ...

    async def look(self, run_id: str, step: str, actor: Actor) -> RunRecord:
        """Settle a doubt by reading back from the service. Raises Rejected where that cannot be done or says nothing."""
        ...

    async def decide(self, run_id: str, step: str, *, happened: bool, actor: Actor, output: Json = None) -> RunRecord:
        """Settle a step in doubt: it happened (go on) or it did not (ask again)."""
        ...

    async def answer(self, run_id: str, step: str, output: Json, actor: Actor) -> RunRecord:
        """The late answer of a waiting step."""
        ...


class Rehearsals(Protocol):
    """Definitions tried where nobody is reached and time is not waited for."""

    async def rehearse(self, wish: Wish) -> Rehearsed:
        """As many trials as wanted, or as time allows. Raises Rejected for what cannot be tried, Transient when too many are under way."""
        ...

    async def replay(self, wish: ReplayWish) -> Replayed:
        """What two versions make of the events of the last days. Raises as ``rehearse``."""
        ...


class News(Protocol):
    """Takes what the house itself brought about or overheard: in its sandbox, in the chats it lives in."""

    async def wanted(self, event: str) -> bool:
        """Whether anybody waits for "service.event"; what nobody wants need not be read any further."""
        ...

    async def tell(self, happenings: Sequence[Happening], *, by_run: str = "") -> int:
        """Durable on return where anybody wants it; told again it is the same. ``by_run``: the run whose step brought it about."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Something that is over, as a span. ``trace`` and ``id`` are keys: the same key is the same trace or span; ``parent`` is another's ``id``.

    ``failed``: why, in a word; empty where it went well.
    """

    name: str
    began: datetime
    ended: datetime
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    failed: str = ""
    trace: str = ""
    id: str = ""
    parent: str = ""


class Telemetry(Protocol):
    """Traces and metrics for whoever collects them. Attributes are ids, names of commands and outcomes: never a text, an argument or a secret.

    Nothing here waits, blocks or raises.
    """

    def span(self, name: str, **attributes: str | int | float | bool) -> AbstractContextManager[None]:
        """Around something that goes on; an error that leaves it is noted by its type and goes on its way."""
        ...

    def over(self, past: Past) -> None: ...
    def count(self, name: str, amount: int = 1, **attributes: str | int | float | bool) -> None: ...
    def measure(self, name: str, value: float, unit: str = "s", **attributes: str | int | float | bool) -> None: ...


class NoTelemetry:
    """Fulfils ``Telemetry`` where nobody collects."""

    def span(self, name: str, **attributes: str | int | float | bool) -> AbstractContextManager[None]:
        return nullcontext()

    def over(self, past: Past) -> None:
        return

    def count(self, name: str, amount: int = 1, **attributes: str | int | float | bool) -> None:
        return

    def measure(self, name: str, value: float, unit: str = "s", **attributes: str | int | float | bool) -> None:
        return


class Feed(Protocol):
    def subscribe(self) -> AsyncIterator[tuple[str, Mapping[str, Json]]]:
        """(name, data) of what happens, for ``GET /api/v2/events``."""
        ...
