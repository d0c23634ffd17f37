"""The durable store: opens the database, and gives each port its noun."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from secrets import token_hex

from sqlalchemy import URL

from engine.errors import Rejected, SignalboxError
from engine.ports import (
    Alerts,
    Audit,
    Clock,
    Cursors,
    Detectors,
    Dialogues,
    Drafts,
    Files,
    Finding,
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
from storage.alerts import SqlAlerts
from storage.audit import SqlAudit
from storage.cursors import SqlCursors
from storage.detectors import SqlDetectors
from storage.dialect import (
    MIGRATION,
    copy_to,
    damage_in,
    file_of,
    give_back,
    looking_engine,
    make_shrinkable,
    one_at_a_time,
    prove_writable,
    read_url,
    reading_engine,
    writing_engine,
)
from storage.dialogues import SqlDialogues
from storage.drafts import SqlDrafts
from storage.failures import failure
from storage.files import SqlFiles
from storage.gatherings import SqlGatherings
from storage.inbox import SqlInbox
from storage.keys import SqlKeys
from storage.leases import OwnLeases
from storage.lock import FileLock
from storage.measurements import SqlMeasurements
from storage.members import SqlMembers
from storage.migrations import migrate, recognise
from storage.mind import SqlForetold, SqlMapChanges, SqlTraffic
from storage.pen import Pen
from storage.policies import SqlPolicies
from storage.postings import SqlPostings
from storage.reader import Reader
from storage.rollups import SqlRollups
from storage.rotating import check_mark
from storage.runs import SqlRuns
from storage.samples import SqlSamples
from storage.schedules import SqlSchedules
from storage.seals import FileSeal, ServerSeal
from storage.shared_leases import forget_old
from storage.things import SqlThings
from storage.together import Together
from storage.tokens import OwnTokens
from storage.vault import SqlVault, derive
from storage.waits import SqlWaits
from storage.web_messages import SqlWebMessages
from storage.workflows import SqlWorkflows
from storage.writer import Writer

SPARE = 1024 * 1024  # bytes; with less free space the next write may fail


class SqlStore:
    """Every port of ``engine.ports.Store`` over one database; made by ``open``."""

    def __init__(
        self,
        reader: Reader,
        writer: Writer,
        secret_key: bytes | str,
        clock: Clock,
        place: str,
        file: Path | None,
        lock: FileLock | None,
        together: Together | None,
    ) -> None:
        runs = SqlRuns(reader, writer)
        workflows = SqlWorkflows(reader)
        drafts = SqlDrafts(reader, writer)
        alerts = SqlAlerts(reader)
        samples = SqlSamples(reader, writer)
        rollups = SqlRollups(reader, writer)
        measurements = SqlMeasurements(reader, writer)
        traffic = SqlTraffic(reader, writer)
        map_changes = SqlMapChanges(reader, writer)
        foretold = SqlForetold(reader, writer)
        schedules = SqlSchedules(reader)
        inbox = SqlInbox(reader, writer)
        postings = SqlPostings(reader, writer, clock)
        audit = SqlAudit(reader, derive(secret_key, "audit"))
        members = SqlMembers(reader)
        dialogues = SqlDialogues(reader, writer)
        web_messages = SqlWebMessages(reader, writer)
        waits = SqlWaits(reader)
        keys = SqlKeys(reader)
        gatherings = SqlGatherings(reader)
        cursors = SqlCursors(reader)
        policies = SqlPolicies(reader)
        detectors = SqlDetectors(reader, writer)
        self.ledger: Ledger = writer
        self.runs: Runs = runs
        self.workflows: Workflows = workflows
        self.drafts: Drafts = drafts
        self.alerts: Alerts = alerts
        self.samples: Samples = samples
        self.rollups: Rollups = rollups
        self.measurements: Measurements = measurements
        self.traffic: TrafficBook = traffic
        self.map_changes: MapChanges = map_changes
        self.foretold: ForetoldRuns = foretold
        self.schedules: Schedules = schedules
        self.inbox: Inbox = inbox
        self.postings: Postings = postings
        self.audit: Audit = audit
        self.members: Members = members
        self.dialogues: Dialogues = dialogues
        self.web_messages: WebMessages = web_messages
        vault = SqlVault(reader, writer, derive(secret_key, "vault"), clock)
        self.vault: Vault = vault
        self.files: Files = SqlFiles(reader, writer, clock)
        self.things: Things = SqlThings(reader, writer, clock)
        self.waits: Waits = waits
        self.keys: Keys = keys
        self.gatherings: Gatherings = gatherings
        self.cursors: Cursors = cursors
        self.policies: Policies = policies
        self.detectors: Detectors = detectors
        self._together = together
        self.tokens: Tokens = together.tokens if together else OwnTokens(clock)
        self.leases: Leases = together.leases if together else OwnLeases()
        self._reader = reader
        self._writer = writer
        self._place = place
        self._file = file
        self._lock = lock
        nouns = (
            runs,
            waits,
            keys,
            gatherings,
            cursors,
            workflows,
            drafts,
            alerts,
            policies,
            detectors,
            samples,
            rollups,
            measurements,
            traffic,
            map_changes,
            foretold,
            schedules,
            inbox,
            postings,
            audit,
            members,
            dialogues,
            web_messages,
            vault,
        )
        writer.start(nouns)

    @classmethod
    async def open(cls, url: str, *, secret_key: bytes | str, clock: Clock) -> SqlStore:
        """Lock, migrate and open the database at ``url`` (a SQLAlchemy URL); the folder of an SQLite file is made.

        Raises Rejected, saying what to do, when it is in use, damaged, newer, not ours, or cannot be written, or when
        ``secret_key`` has fewer than 16 bytes; Transient when the server does not answer or the disk is full.
        """
        derive(secret_key, "vault")
        parsed = read_url(url)
        place = str(file_of(parsed) or parsed.render_as_string(hide_password=True))
        lock = await asyncio.to_thread(_prepare, parsed, place, secret_key)
        file = file_of(parsed)
        holder = token_hex(8)
        seal = FileSeal(file, place) if file else ServerSeal(holder)
        reader, writer = Reader(reading_engine(parsed), place), Writer(Pen(writing_engine(parsed), place, seal), place, file)
        together = None if file else Together(parsed, place, holder, writer)
        store = cls(reader, writer, secret_key, clock, place, file, lock, together)
        if together is not None:
            await together.start()
        return store

    async def close(self) -> None:
        """Write what waits, let go of the file; may be called twice."""
        await self._writer.close()
        if self._together is not None:
            await self._together.close()
            self._together = None
        await asyncio.to_thread(self._reader.close)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def shrink(self) -> int:
        if self._together is not None:
            await self._writer.perform(forget_old)
        total = gone = await self._writer.perform(give_back)
        while gone:
            gone = await self._writer.perform(give_back)
            total += gone
        return total

    async def backup(self, target: Path) -> None:
        """A consistent copy of the SQLite database while it is in use. Raises Rejected where a file is already."""
        await self._reader.read(lambda connection: copy_to(connection, target))

    async def examine(self) -> list[Finding]:
        """Damage of the file, tampering with the audit, and what keeps it from being written, for ``doctor``; reads the whole database."""
        stuck = await self._stuck()
        findings = [Finding("storage", "problem", stuck, "Until then nothing new is taken on.")] * bool(stuck)
        try:
            findings += await self._damage()
        except SignalboxError as error:
            findings = findings or [Finding("storage", "problem", str(error))]
        return findings or [Finding("storage", "ok", f"{self._place} is whole, and so is the audit.")]

    async def _damage(self) -> list[Finding]:
        found = []
        if damage := await self._reader.read(damage_in):
            found.append(
                Finding("storage", "problem", f"{self._place} is damaged: {damage}", "Stop Signalbox and put a backup in its place.")
            )
        if tampering := await self.audit.verify():
            found.append(Finding("storage", "problem", tampering, "Compare with a backup to see what was changed."))
        return found

    async def _stuck(self) -> str:
        """Why nothing can be written, or soon cannot; empty when all is well."""
        try:
            await self._writer.perform(prove_writable)
        except SignalboxError as error:
            return str(error)
        if trouble := self._writer.trouble():
            return trouble
        if self._file is not None and shutil.disk_usage(self._file.parent).free < SPARE:
            return f"The disk of {self._place} is nearly full. Free some space."
        return ""


def _prepare(url: URL, place: str, secret_key: bytes | str) -> FileLock | None:
    """Everything that must be so before the first query; the lock is let go of when it is not."""
    path = file_of(url)
    lock = _locked(path) if path is not None else None
    try:
        if path is not None and path.exists():
            # Before anything is set up: what is not ours is left exactly as it was found.
            with looking_engine(url).connect() as connection:
                recognise(connection, place)
        with writing_engine(url).begin() as connection:
            prove_writable(connection)
            one_at_a_time(connection, MIGRATION)
            migrate(connection, place)
            check_mark(connection, secret_key)
        make_shrinkable(url)
    except Exception as err:
        if lock is not None:
            lock.release()
        raise failure(err, place) from err
    return lock


def _locked(path: Path) -> FileLock:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as err:
        raise Rejected(
            f"The folder {path.parent} cannot be made ({err.strerror}). Set SIGNALBOX_DATA to a folder that can be written."
        ) from err
    return FileLock(path.with_name(path.name + ".lock"), path)
