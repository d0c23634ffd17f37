"""The schema: every table of the database.

Column names are the field names of the values they hold, so a row becomes its value without a list of names.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from engine.monitoring.alert import AlertState, Severity
from engine.monitoring.rollup import Span
from engine.monitoring.sample import Outcome, Source
from engine.parties import Role
from engine.workflow.definition import DraftState, WorkflowState
from engine.workflow.run import FactKind, RunState
from storage.columns import Buckets, Instant, JsonText, Packed, Prose, Text, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

workflows = Table(
    "workflows",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Word(WorkflowState), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("where", Text, nullable=False),
)

# What each version said when it was first saved; rows are only ever added.
workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("id", Text, ForeignKey("workflows.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Word(WorkflowState), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("paused_until", Instant),
    Column("where", Text, nullable=False),
    Column("definition", Text, nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", Word(DraftState), nullable=False),
    Column("command", Text, nullable=False),
    Column("arguments", JsonText, nullable=False),
    Column("definition", Text),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_name", Prose, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("where", Text, nullable=False),
    Column("workflow", Text, nullable=False),
    Column("decided_by", Prose, nullable=False),
    Column("decided_at", Instant),
    Index(None, "asked_at"),
)

# Conditions of partial indexes, word for word those of the queries: a finished run without a parent costs them nothing.
UNFINISHED = text("state NOT IN ('succeeded', 'failed', 'cancelled')")
IN_LINE = text("queue <> '' AND state NOT IN ('succeeded', 'failed', 'cancelled')")
BORN = text("parent <> ''")
MEMBER = text("incident <> ''")
TIMED = text("due_at IS NOT NULL")
OPEN = text("state <> 'resolved'")

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Prose, nullable=False),
    Column("state", Word(RunState), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("where", Text, nullable=False),
    Column("finished_at", Instant),
    Column("sandbox", Boolean, nullable=False),
    Column("error", Prose, nullable=False),
    Column("wake_at", Instant),
    Column("parent", Text, nullable=False, server_default=""),
    Column("alert", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False, server_default=""),
    Column("rank", Integer, nullable=False, server_default="2"),
    Index(None, "workflow", "started_at"),
    Index(None, "started_at"),
    Index("ix_runs_unfinished", "started_at", "id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    Index("ix_runs_queue", "queue", sqlite_where=IN_LINE, postgresql_where=IN_LINE),
    Index("ix_runs_parent", "parent", sqlite_where=BORN, postgresql_where=BORN),
)

facts = Table(
    "facts",
    metadata,
    Column("run", Text, ForeignKey("runs.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Word(FactKind), nullable=False),
    Column("step", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("data", JsonText, nullable=False),
    PrimaryKeyConstraint("run", "seq"),
)

# Facts of runs long over, see ``storage.archive``.
archive = Table(
    "archive",
    metadata,
    Column("run", Text, ForeignKey("runs.id"), primary_key=True),
    Column("facts", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# Steps that wait for an event; ``id`` is their age.
waits = Table(
    "waits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("until", Instant),
    UniqueConstraint("run", "step"),
    Index(None, "event", "id"),
)

# Idempotency keys of steps, and which step of which run did it.
claims = Table(
    "claims",
    metadata,
    Column("key", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "run"),
)

# What a trigger has seen so far of one case.
gatherings = Table(
    "gatherings",
    metadata,
    Column("workflow", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", JsonText, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("workflow", "key"),
    Index(None, "due_at"),
)

# How far what happens elsewhere was read, and what was ordered there.
cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", JsonText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Word(AlertState), nullable=False),
    Column("severity", Word(Severity), nullable=False),
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("message", Prose, nullable=False),
    Column("metric", Text, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("value", Float, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("because", Prose, nullable=False),
    Column("acknowledged_by", Prose, nullable=False),
    Column("acknowledged_at", Instant),
    Column("resolved_by", Prose, nullable=False),
    Column("resolved_at", Instant),
    Column("snoozed_until", Instant),
    Column("note", Prose, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("labels", JsonText, nullable=False, server_default="{}"),
    Column("source", Text, nullable=False, server_default="monitor"),
    Column("incident", Text, nullable=False, server_default=""),
    Column("trace", JsonText, nullable=False, server_default="[]"),
    Column("quiet", Prose, nullable=False, server_default=""),
    Column("runbook", Prose, nullable=False, server_default=""),
    Column("acknowledged_actor", Text, nullable=False, server_default=""),
    Column("remind_at", Instant),
    Column("relapse_at", Instant),
    Column("snoozed_by", Text, nullable=False, server_default=""),
    Column("policy", Text, nullable=False, server_default=""),
    Column("level", Integer, nullable=False, server_default="0"),
    Column("escalate_at", Instant),
    Column("due_at", Instant),
    Column("ends_at", Instant),
    Index(None, "fingerprint", "opened_at"),
    Index(None, "opened_at"),
    Index("ix_alerts_incident", "incident", sqlite_where=MEMBER, postgresql_where=MEMBER),
    Index("ix_alerts_due_at", "due_at", sqlite_where=TIMED, postgresql_where=TIMED),
    Index("ix_alerts_open", "opened_at", sqlite_where=OPEN, postgresql_where=OPEN),
)

# What people set for the watch: silences, rotas, escalations, thresholds; ``body`` is read by the noun it belongs to.
policies = Table(
    "policies",
    metadata,
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Column("at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "id"),
)

# What detectors have learnt, compressed.
detectors = Table(
    "detectors",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("state", Packed, nullable=False),
    Column("at", Instant, nullable=False),
)

samples = Table(
    "samples",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Word(Source), nullable=False),
    Column("outcome", Word(Outcome), nullable=False),
    Column("latency", Float, nullable=False),
    Column("detail", Prose, nullable=False),
    Column("operation", Text, nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Index(None, "service", "at"),
    Index(None, "at"),
)

# Derived from samples, see ``engine.monitoring.rollup``. Kept in the order of their key, which is how they are folded and pruned.
rollups = Table(
    "rollups",
    metadata,
    Column("span", Word(Span), nullable=False),
    Column("at", Instant, nullable=False),
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("source", Word(Source), nullable=False),
    Column("count", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("untold", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("sandbox", Integer, nullable=False),
    Column("sketch", Buckets, nullable=False),
    PrimaryKeyConstraint("span", "at", "service", "account", "source"),
    Index(None, "service", "span", "at"),
    sqlite_with_rowid=False,
)

# Series of measurements, and what was measured; a name is kept once, for there are millions of values.
series = Table(
    "series",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("unit", Prose, nullable=False),
    Column("last_at", Instant, nullable=False),
    UniqueConstraint("name"),
)

measurements = Table(
    "measurements",
    metadata,
    Column("series", Integer, ForeignKey("series.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("value", Float, nullable=False),
    PrimaryKeyConstraint("series", "at"),
    sqlite_with_rowid=False,
)

# Who asked whom, see ``engine.graph.traffic``; sums of five minutes.
traffic = Table(
    "traffic",
    metadata,
    Column("at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("count", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),
    PrimaryKeyConstraint("at", "source", "target", "operation"),
    Index(None, "source", "at"),
    Index(None, "target", "at"),
    sqlite_with_rowid=False,
)

# The history of who needs whom; rows are only ever added. ``subject`` of a line names both ends, and is found by each.
map_changes = Table(
    "map_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("by", Text, nullable=False),
    Column("body", JsonText, nullable=False),
    Index(None, "at"),
)

# What was foretold of runs, and how they ended.
foretold = Table(
    "foretold",
    metadata,
    Column("run", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("probability", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("median", Float),
    Column("long", Float),
    Column("succeeded", Boolean),
    Column("ended_at", Instant),
    Index(None, "at"),
    Index(None, "workflow", "at"),
)

service_states = Table(
    "service_states",
    metadata,
    Column("service", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("ever_ok", Boolean, nullable=False),
    Column("misconfigured", Boolean, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("successes", Integer, nullable=False),
    Column("last_ok_at", Instant),
    Column("last_at", Instant),
    Column("last_latency", Float, nullable=False),
    Column("detail", Prose, nullable=False),
    Column("status", Text, nullable=False),
    Column("since", Instant),
    Column("sandbox", Boolean, nullable=False),
    PrimaryKeyConstraint("service", "account"),
)

schedules = Table(
    "schedules",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)

# ``since``: the turn at which the card began to wait; the longest wait is served first.
postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("face", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("state", Integer, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("ref_face", Text),
    Column("ref_channel", Text),
    Column("ref_message", Text),
    Column("ref_thread", Text),
    Column("tries", Integer, nullable=False),
    Column("not_before", Instant),
    Column("error", Prose, nullable=False),
    Column("since", BigInteger, nullable=False),
    UniqueConstraint("subject", "face", "channel", "thread"),
    Index(None, "state", "priority", "since"),
    Index(None, "ref_message"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_name", Prose, nullable=False),
    Column("verb", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("where", Text, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("outcome", Prose, nullable=False),
    Column("detail", Prose, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "subject", "id"),
)

members = Table(
    "members",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("name", Prose, nullable=False),
    Column("role", Word(Role), nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("handled", Boolean, nullable=False),
    UniqueConstraint("key"),
    Index(None, "handled", "at"),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("key", Text, primary_key=True),
    Column("state", JsonText, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

web_messages = Table(
    "web_messages",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("author", Prose, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("text", Prose, nullable=False),
    Column("card", JsonText),
    Column("only_for", Text, nullable=False),
    UniqueConstraint("id"),
    Index(None, "channel", "at"),
    Index(None, "at"),
)

vault = Table(
    "vault",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", Text, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

# Files that people handed over; arguments name them by their id.
files = Table(
    "files",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("name", Prose, nullable=False),
    Column("media_type", Prose, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    UniqueConstraint("id"),
    Index(None, "at"),
)

# What the sandbox remembers; ``kind`` "" is an answer that was given.
things = Table(
    "things",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("service", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("fields", JsonText, nullable=False),
    Column("gone", Boolean, nullable=False),
    UniqueConstraint("service", "kind", "id"),
    Index(None, "service", "at"),
    Index(None, "at"),
)

# Who of several processes does what only one may do; ``until`` by the server's clock, ``term`` grows with each new holder.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)

# What several processes together have used of each rate limit, see ``storage.allowance``.
allowances = Table(
    "allowances",
    metadata,
    Column("name", Text, primary_key=True),
    Column("used", JsonText, nullable=False),
)

# Single values about this database itself, such as the seal of the audit.
house = Table(
    "house",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
