"""The same memory in dictionaries: for rehearsals, for tests and for whoever wants nothing kept.

Atomic like the database: every change goes through a ``Book``, which notes what it replaced; a batch that fails is turned back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeVar

from engine.events import (
    AccountChanged,
    AlertSaved,
    Audited,
    CursorMoved,
    DetectorSaved,
    DialogueSaved,
    DraftSaved,
    Event,
    ForetoldSettled,
    GatheringSaved,
    Handled,
    KeyClaimed,
    MapChanged,
    MeasurementsTaken,
    MemberSaved,
    NextFireSet,
    PolicySaved,
    PostingPutOff,
    PostingSent,
    PostingSettled,
    PostingsTouched,
    PostingWanted,
    Received,
    RollupsSaved,
    RunForetold,
    RunMoved,
    RunStarted,
    SamplesTaken,
    ServiceStateSaved,
    TrafficCounted,
    WaitClosed,
    WaitOpened,
    WebMessageSaved,
    WorkflowSaved,
)
from engine.monitoring.alert import Alert, AlertState, ServiceState
from engine.monitoring.sample import Sample
from engine.parties import Role
from engine.ports import (
    Alerts,
    Audit,
    AuditRow,
    Clock,
    Cursors,
    Detectors,
    Dialogues,
    Drafts,
    Files,
    ForetoldRuns,
    Gatherings,
    Inbox,
    Keys,
    Leases,
    Ledger,
    MapChanges,
    Measurements,
    Members,
    Policies,
    Postings,
    Rollups,
    Runs,
    Samples,
    Schedules,
    Things,
    Tokens,
    TrafficBook,
    Vault,
    Waits,
    WebMessages,
    Workflows,
)
from engine.runtime.clock import SystemClock
from engine.workflow.definition import Draft, Workflow, WorkflowState
from storage.book import Book, Undo, dropped, newest
from storage.conflicts import check_revision, check_version
from storage.hearing import tell
from storage.leases import OwnLeases
from storage.memory_cursors import MemoryCursors
from storage.memory_files import MemoryFiles, MemoryThings
from storage.memory_inbox import MemoryDialogues, MemoryInbox, MemoryWebMessages
from storage.memory_measures import MemoryMeasurements, MemoryRollups
from storage.memory_mind import MemoryForetold, MemoryMapChanges, MemoryTraffic
from storage.memory_postings import MemoryPostings
from storage.memory_runs import MemoryGatherings, MemoryKeys, MemoryRuns, MemoryWaits
from storage.memory_watch import MemoryDetectors, MemoryPolicies
from storage.tokens import OwnTokens

K = TypeVar("K")
V = TypeVar("V")


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
        return dropped(self._rows, lambda draft: draft.asked_at < before and draft.expires_at < before)


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

    async def of_incident(self, leader: str) -> list[Alert]:
        return sorted((alert for alert in self._rows.values() if leader in (alert.id, alert.incident)), key=_opened)

    async def due(self, now: datetime, *, limit: int = 200) -> list[Alert]:
        found = [(alert.due_at, alert.id) for alert in self._rows.values() if alert.due_at is not None and alert.due_at <= now]
        return [self._rows[id] for _, id in sorted(found)[:limit]]

    async def between(self, since: datetime, until: datetime, *, limit: int = 5_000) -> list[Alert]:
        there = (
            alert
            for alert in self._rows.values()
            if alert.opened_at < until and (alert.open or (alert.resolved_at is not None and alert.resolved_at >= since))
        )
        return sorted(there, key=_opened)[-limit:]

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
        return [self._samples[number] for _, number in newest(sorted(found), limit)]

    async def between(self, since: datetime, until: datetime, *, service: str = "", skip: int = 0, limit: int = 5_000) -> list[Sample]:
        found = sorted(
            (sample.at, number)
            for number, sample in self._samples.items()
            if since <= sample.at < until and service in ("", sample.service)
        )
        return [self._samples[number] for _, number in found[skip : skip + limit]]

    async def states(self) -> list[ServiceState]:
        return [self._states[key] for key in sorted(self._states)]

    async def prune(self, before: datetime) -> int:
        return dropped(self._samples, lambda sample: sample.at < before)


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
            tell(self._listeners, events)

    def trouble(self) -> str:
        return ""

    def listen(self, heard: Callable[[Sequence[Event]], None]) -> None:
        self._listeners.append(heard)


class MemoryStore:
    """Every port of ``engine.ports.Store``; gone when the process ends."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Without a clock, rate limits, files and things go by that of the machine."""
        undo: Undo = []
        workflows = MemoryWorkflows(undo)
        drafts = MemoryDrafts(undo)
        runs = MemoryRuns(undo)
        alerts = MemoryAlerts(undo)
        samples = MemorySamples(undo)
        rollups = MemoryRollups(undo)
        measurements = MemoryMeasurements(undo)
        traffic = MemoryTraffic(undo)
        map_changes = MemoryMapChanges(undo)
        foretold = MemoryForetold(undo)
        schedules = MemorySchedules(undo)
        postings = MemoryPostings(undo, runs, alerts, clock)
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
        cursors = MemoryCursors(undo)
        policies = MemoryPolicies(undo)
        detectors = MemoryDetectors(undo)
        self.workflows: Workflows = workflows
        self.drafts: Drafts = drafts
        self.runs: Runs = runs
        self.alerts: Alerts = alerts
        self.samples: Samples = samples
        self.rollups: Rollups = rollups
        self.measurements: Measurements = measurements
        self.traffic: TrafficBook = traffic
        self.map_changes: MapChanges = map_changes
        self.foretold: ForetoldRuns = foretold
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
        self.cursors: Cursors = cursors
        self.policies: Policies = policies
        self.detectors: Detectors = detectors
        self.tokens: Tokens = OwnTokens(clock)
        self.leases: Leases = OwnLeases()
        self.vault: Vault = MemoryVault()
        self.files: Files = MemoryFiles(clock or SystemClock())
        self.things: Things = MemoryThings(clock or SystemClock())
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
                CursorMoved: cursors.move,
                AlertSaved: alerts.apply,
                PolicySaved: policies.apply,
                DetectorSaved: detectors.apply,
                SamplesTaken: samples.take,
                RollupsSaved: rollups.apply,
                MeasurementsTaken: measurements.apply,
                TrafficCounted: traffic.apply,
                MapChanged: map_changes.apply,
                RunForetold: foretold.foretell,
                ForetoldSettled: foretold.settle,
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
                AccountChanged: lambda event: None,
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
