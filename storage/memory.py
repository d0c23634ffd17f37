"""The same memory in dictionaries: for rehearsals, for tests and for whoever wants nothing kept.

Atomic like the database: every change goes through a ``Book``, which notes what it replaced; a batch that fails is turned back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar

from engine.events import (
    AlertSaved,
    Audited,
    DialogueSaved,
    DraftSaved,
    Event,
    GatheringSaved,
    Handled,
    KeyClaimed,
    MemberSaved,
    NextFireSet,
    Posting,
    PostingPutOff,
    PostingSent,
    PostingSettled,
    PostingState,
    PostingsTouched,
    PostingWanted,
    Received,
    RunMoved,
    RunStarted,
    SamplesTaken,
    ServiceStateSaved,
    WaitClosed,
    WaitOpened,
    WebMessageSaved,
    WorkflowSaved,
)
from engine.monitoring.alert import Alert, AlertState, ServiceState
from engine.monitoring.sample import Sample
from engine.parties import Address, MessageRef, Role
from engine.ports import (
    Alerts,
    Audit,
    AuditRow,
    Clock,
    Dialogues,
    Drafts,
    Gatherings,
    Inbox,
    Keys,
    Leases,
    Ledger,
    Members,
    Postings,
    Runs,
    Samples,
    Schedules,
    Tokens,
    Vault,
    Waits,
    WebMessages,
    Workflows,
)
from engine.workflow.definition import Draft, Json, Workflow, WorkflowState
from storage import posting_rules as rules
from storage.book import Book, Undo
from storage.conflicts import check_revision, check_version, exists_already, unknown
from storage.kept import DELIVERIES, EPOCH, MICROSECOND
from storage.leases import OwnLeases
from storage.memory_runs import MemoryGatherings, MemoryKeys, MemoryRuns, MemoryWaits
from storage.tokens import OwnTokens

K = TypeVar("K")
V = TypeVar("V")


def _dropped(rows: Book[K, V], old: Callable[[V], bool]) -> int:
    gone = [key for key, row in rows.items() if old(row)]
    for key in gone:
        del rows[key]
    return len(gone)


def _last(rows: list[V], limit: int) -> list[V]:
    return rows[max(0, len(rows) - limit) :]


class MemoryWorkflows:
    def __init__(self, undo: Undo) -> None:
        self._current: Book[str, Workflow] = Book(undo)
        self._versions: Book[tuple[str, int], Workflow] = Book(undo)

    def apply(self, event: WorkflowSaved) -> None:
        new, old = event.workflow, self._current.get(event.workflow.id)
        check_revision("workflow", new.id, new.revision, old.revision if old else 0)
        check_version(new, old)
        if (new.id, new.version) not in self._versions:
            self._versions.put((new.id, new.version), new)
        self._current.put(new.id, new)

    async def get(self, workflow_id: str) -> Workflow | None:
        return self._current.get(workflow_id)

    async def at_version(self, workflow_id: str, version: int) -> Workflow | None:
        return self._versions.get((workflow_id, version))

    async def versions(self, workflow_id: str) -> list[Workflow]:
        return sorted((w for (of, _), w in self._versions.items() if of == workflow_id), key=lambda w: w.version)

    async def list(self, *, deleted: bool = False) -> list[Workflow]:
        kept = (w for w in self._current.values() if deleted or w.state is not WorkflowState.DELETED)
        return sorted(kept, key=lambda w: (w.name.casefold(), w.id))


class MemoryDrafts:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, Draft] = Book(undo)

    def apply(self, event: DraftSaved) -> None:
        new, old = event.draft, self._rows.get(event.draft.id)
        check_revision("draft", new.id, new.revision, old.revision if old else 0)
        self._rows.put(new.id, new)

    async def get(self, draft_id: str) -> Draft | None:
        return self._rows.get(draft_id)

    async def prune(self, before: datetime) -> int:
        return _dropped(self._rows, lambda draft: draft.asked_at < before and draft.expires_at < before)


class MemoryAlerts:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, Alert] = Book(undo)

    def apply(self, event: AlertSaved) -> None:
        new, old = event.alert, self._rows.get(event.alert.id)
        check_revision("alert", new.id, new.revision, old.revision if old else 0)
        self._rows.put(new.id, new)

    async def get(self, alert_id: str) -> Alert | None:
        return self._rows.get(alert_id)

    async def latest(self, fingerprint: str) -> Alert | None:
        return max((alert for alert in self._rows.values() if alert.fingerprint == fingerprint), key=_opened, default=None)

    async def list(self, *, service: str = "", severity: str = "", states: Sequence[AlertState] = (), limit: int = 50) -> list[Alert]:
        found = (
            alert
            for alert in self._rows.values()
            if service in ("", alert.service) and severity in ("", alert.severity) and (not states or alert.state in states)
        )
        return sorted(found, key=_opened, reverse=True)[:limit]


def _opened(alert: Alert) -> tuple[datetime, str]:
    return alert.opened_at, alert.id


class MemorySamples:
    def __init__(self, undo: Undo) -> None:
        self._samples: Book[int, Sample] = Book(undo)
        self._states: Book[tuple[str, str], ServiceState] = Book(undo)
        self._last = 0

    def take(self, event: SamplesTaken) -> None:
        for sample in event.samples:
            self._last += 1
            self._samples.put(self._last, sample)

    def save_state(self, event: ServiceStateSaved) -> None:
        self._states.put((event.state.service, event.state.account), event.state)

    async def recent(self, service: str, *, since: datetime, limit: int = 500) -> list[Sample]:
        found = [(sample.at, number) for number, sample in self._samples.items() if sample.service == service and sample.at >= since]
        return [self._samples[number] for _, number in _last(sorted(found), limit)]

    async def states(self) -> list[ServiceState]:
        return [self._states[key] for key in sorted(self._states)]

    async def prune(self, before: datetime) -> int:
        old = [number for number, sample in self._samples.items() if sample.at < before]
        for number in old:
            del self._samples[number]
        return len(old)


class MemorySchedules:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, datetime] = Book(undo)

    def apply(self, event: NextFireSet) -> None:
        if event.at is None:
            self._rows.drop(event.workflow)
        else:
            self._rows.put(event.workflow, event.at)

    async def all(self) -> Mapping[str, datetime]:
        return dict(sorted(self._rows.items()))


class MemoryPostings:
    """``_since`` remembers the turn at which a posting began to wait, so that the longest wait is served first."""

    def __init__(self, undo: Undo, runs: MemoryRuns, clock: Clock | None) -> None:
        self._runs = runs
        self._clock = clock
        self._rows: Book[int, Posting] = Book(undo)
        self._since: Book[int, int] = Book(undo)
        self._ids: Book[tuple[str, Address], int] = Book(undo)
        self._subjects: Book[str, tuple[int, ...]] = Book(undo)
        self._turn = 0

    def want(self, event: PostingWanted) -> None:
        known = self._ids.get((event.subject, event.to))
        if known is not None:
            self._change(known, rules.wanted_again(self._rows[known], event))
            return
        number = next(reversed(self._rows), 0) + 1
        self._ids.put((event.subject, event.to), number)
        self._subjects.put(event.subject, (*self._subjects.get(event.subject, ()), number))
        self._change(number, rules.first_wanted(number, event))

    def touch(self, event: PostingsTouched) -> None:
        for number in self._subjects.get(event.subject, ()):
            self._change(number, rules.touched(self._rows[number], event.priority))

    def send(self, event: PostingSent) -> None:
        self._change(event.posting, rules.sent(self._known(event.posting)))

    def settle(self, event: PostingSettled) -> None:
        self._change(event.posting, rules.settled(self._known(event.posting), event))

    def put_off(self, event: PostingPutOff) -> None:
        self._change(event.posting, rules.put_off(self._known(event.posting), event))

    def _known(self, number: int) -> Posting:
        if number not in self._rows:
            raise unknown("posting", str(number))
        return self._rows[number]

    def _change(self, number: int, new: Posting) -> None:
        self._turn = max(self._turn + 1, (self._clock.now() - EPOCH) // MICROSECOND if self._clock else 0)
        old = self._rows.get(number)
        if rules.waits_anew(old, new):
            self._since.put(number, self._turn)
        self._rows.put(number, new)

    async def prune(self, before: datetime) -> int:
        """Without a clock nobody knows what is old."""
        alive = [run.id for run in await self._runs.unfinished() if run.started_at < before]
        done = (PostingState.SETTLED, PostingState.FAILED)
        limit = (before - EPOCH) // MICROSECOND if self._clock else 0
        old = [row for row in self._rows.values() if row.state in done and self._since[row.id] < limit]
        gone = [row for row in old if not any(run_id in row.subject for run_id in alive)]
        for row in gone:
            del self._rows[row.id], self._since[row.id], self._ids[(row.subject, row.to)]
            self._subjects[row.subject] = tuple(number for number in self._subjects[row.subject] if number != row.id)
        return len(gone)

    async def due(self, now: datetime, *, limit: int = 100) -> list[Posting]:
        ready = (
            row for row in self._rows.values() if row.state is PostingState.WANTED and (row.not_before is None or row.not_before <= now)
        )
        return sorted(ready, key=lambda row: (row.priority, self._since[row.id], row.id))[:limit]

    async def heads(self, now: datetime) -> list[Posting]:
        first: dict[tuple[str, str], Posting] = {}
        for row in await self.due(now, limit=len(self._rows)):
            first.setdefault((row.to.face, row.to.channel), row)
        return list(first.values())

    async def sending(self) -> list[Posting]:
        return [row for row in self._rows.values() if row.state is PostingState.SENDING]

    async def of(self, subject: str) -> list[Posting]:
        return [self._rows[number] for number in self._subjects.get(subject, ())]

    async def standing_at(self, ref: MessageRef) -> Posting | None:
        found = (row for row in self._rows.values() if row.ref is not None and rules.place(row.ref) == rules.place(ref))
        return max(found, key=lambda row: row.id, default=None)


class MemoryAudit:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[int, AuditRow] = Book(undo)

    def apply(self, event: Audited) -> None:
        number = len(self._rows) + 1
        self._rows.put(number, AuditRow(id=number, **asdict(event)))

    async def verify(self) -> str:
        return ""

    async def list(self, *, subject: str = "", limit: int = 100) -> list[AuditRow]:
        found = [row for row in self._rows.values() if subject in ("", row.subject)]
        return found[::-1][:limit]


class MemoryMembers:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, MemberSaved] = Book(undo)

    def apply(self, event: MemberSaved) -> None:
        self._rows.put(event.actor, event)

    async def role(self, actor_id: str) -> Role | None:
        row = self._rows.get(actor_id)
        return row.role if row else None

    async def admins(self) -> Mapping[str, str]:
        return {actor: row.name for actor, row in sorted(self._rows.items()) if row.role is Role.ADMIN}


class MemoryInbox:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, tuple[Received, bool]] = Book(undo)

    def receive(self, event: Received) -> None:
        if event.key in self._rows:
            raise exists_already("delivery", event.key)
        self._rows.put(event.key, (event, False))

    def handle(self, event: Handled) -> None:
        if event.key in self._rows:
            received, _ = self._rows[event.key]
            kept = received if event.key.startswith(DELIVERIES) else replace(received, payload={})
            self._rows.put(event.key, (kept, True))

    async def unhandled(self) -> list[tuple[str, Mapping[str, Json]]]:
        return [(key, row.payload) for key, (row, handled) in self._rows.items() if not handled]

    async def between(self, since: datetime, until: datetime, *, prefix: str, limit: int) -> list[tuple[datetime, Mapping[str, Json]]]:
        found = [(row.at, row.payload) for key, (row, _) in self._rows.items() if since <= row.at < until and key.startswith(prefix)]
        return _last(sorted(found, key=lambda row: row[0]), limit)

    async def prune(self, before: datetime) -> int:
        old = [key for key, (row, handled) in self._rows.items() if handled and row.at < before]
        for key in old:
            del self._rows[key]
        return len(old)


class MemoryDialogues:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, tuple[Mapping[str, Json], datetime]] = Book(undo)

    def apply(self, event: DialogueSaved) -> None:
        if event.expires_at is None:
            self._rows.drop(event.key)
        else:
            self._rows.put(event.key, (event.state, event.expires_at))

    async def get(self, key: str, now: datetime) -> Mapping[str, Json] | None:
        state, expires_at = self._rows.get(key, (None, now))
        return state if expires_at > now else None

    async def prune(self, before: datetime) -> int:
        old = [key for key, (_, expires_at) in self._rows.items() if expires_at < before]
        for key in old:
            del self._rows[key]
        return len(old)


class MemoryWebMessages:
    def __init__(self, undo: Undo) -> None:
        self._rows: Book[str, WebMessageSaved] = Book(undo)

    def apply(self, event: WebMessageSaved) -> None:
        old = self._rows.get(event.id)
        self._rows.put(event.id, event if old is None else replace(old, text=event.text, card=event.card))

    async def get(self, message_id: str) -> WebMessageSaved | None:
        return self._rows.get(message_id)

    async def channels(self) -> list[str]:
        return sorted({row.channel for row in self._rows.values()})

    async def list(self, channel: str, *, reader: str, limit: int = 100) -> list[WebMessageSaved]:
        seen = [row for row in self._rows.values() if row.channel == channel and row.only_for in ("", reader)]
        return _last(sorted(seen, key=lambda row: row.at), limit)

    async def prune(self, before: datetime) -> int:
        return _dropped(self._rows, lambda row: row.at < before)


class MemoryVault:
    def __init__(self) -> None:
        self._rows: dict[str, dict[str, str]] = {}

    async def put(self, name: str, secret: Mapping[str, str]) -> None:
        self._rows[name] = dict(secret)

    async def get(self, name: str) -> Mapping[str, str] | None:
        return self._rows.get(name)

    async def names(self) -> list[str]:
        return sorted(self._rows)

    async def forget(self, name: str) -> None:
        self._rows.pop(name, None)


class MemoryLedger:
    """Applies a batch event by event and turns it back as a whole if one does not fit."""

    def __init__(self, handlers: Mapping[type, Callable[[Any], None]], undo: Undo) -> None:
        self._handlers = handlers
        self._undo = undo
        self._listeners: list[Callable[[Sequence[Event]], None]] = []

    async def record(self, *events: Event) -> None:
        try:
            for event in events:
                self._handlers[type(event)](event)
        except Exception:
            while self._undo:
                self._undo.pop()()
            raise
        self._undo.clear()
        if events:
            for heard in self._listeners:
                heard(events)

    def trouble(self) -> str:
        return ""

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(heard)


class MemoryStore:
    """Every port of ``engine.ports.Store``; gone when the process ends."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Without a clock, rate limits go by that of the machine."""
        undo: Undo = []
        workflows = MemoryWorkflows(undo)
        drafts = MemoryDrafts(undo)
        runs = MemoryRuns(undo)
        alerts = MemoryAlerts(undo)
        samples = MemorySamples(undo)
        schedules = MemorySchedules(undo)
        postings = MemoryPostings(undo, runs, clock)
        audit = MemoryAudit(undo)
        members = MemoryMembers(undo)
        inbox = MemoryInbox(undo)
        dialogues = MemoryDialogues(undo)
        web_messages = MemoryWebMessages(undo)
        waits = MemoryWaits(undo)
        keys = MemoryKeys(undo)
        runs.when_forgotten(waits.forget)
        runs.when_forgotten(keys.forget)
        gatherings = MemoryGatherings(undo)
        self.workflows: Workflows = workflows
        self.drafts: Drafts = drafts
        self.runs: Runs = runs
        self.alerts: Alerts = alerts
        self.samples: Samples = samples
        self.schedules: Schedules = schedules
        self.postings: Postings = postings
        self.audit: Audit = audit
        self.members: Members = members
        self.inbox: Inbox = inbox
        self.dialogues: Dialogues = dialogues
        self.web_messages: WebMessages = web_messages
        self.waits: Waits = waits
        self.keys: Keys = keys
        self.gatherings: Gatherings = gatherings
        self.tokens: Tokens = OwnTokens(clock)
        self.leases: Leases = OwnLeases()
        self.vault: Vault = MemoryVault()
        self.ledger: Ledger = MemoryLedger(
            {
                WorkflowSaved: workflows.apply,
                DraftSaved: drafts.apply,
                RunStarted: runs.start,
                RunMoved: runs.move,
                WaitOpened: waits.open,
                WaitClosed: waits.close,
                KeyClaimed: keys.claim,
                GatheringSaved: gatherings.save,
                AlertSaved: alerts.apply,
                SamplesTaken: samples.take,
                ServiceStateSaved: samples.save_state,
                NextFireSet: schedules.apply,
                PostingWanted: postings.want,
                PostingsTouched: postings.touch,
                PostingSent: postings.send,
                PostingSettled: postings.settle,
                PostingPutOff: postings.put_off,
                Audited: audit.apply,
                MemberSaved: members.apply,
                Received: inbox.receive,
                Handled: inbox.handle,
                DialogueSaved: dialogues.apply,
                WebMessageSaved: web_messages.apply,
            },
            undo,
        )

    async def shrink(self) -> int:
        """What is forgotten takes no space."""
        return 0

    async def close(self) -> None:
        """Nothing to let go of."""
