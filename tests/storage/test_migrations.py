"""The migrations lead to exactly the tables, from an empty database and in one step."""

from __future__ import annotations

import dataclasses
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Table, Text, create_engine, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from engine.events import Audited, GatheringSaved, KeyClaimed, MemberSaved, RunMoved, WaitOpened, WebMessageSaved
from engine.graph.map_change import MapChange
from engine.graph.traffic import Traffic
from engine.monitoring.alert import Alert, ServiceState
from engine.monitoring.rollup import Rollup
from engine.monitoring.sample import Sample
from engine.ports import AuditRow, Gathering
from engine.prediction.foretold import Foretold
from engine.workflow.definition import Draft, Workflow
from engine.workflow.run import Fact, RunRecord, RunState
from storage import tables
from storage.dialect import read_url, writing_engine
from storage.migrations import HEAD, migrate, settings
from storage.sql import SqlStore
from tests.storage.values import KEY, NOON, StoppedClock, definition, fact, run


def differences() -> list[object]:
    with create_engine("sqlite://").connect() as connection:
        migrate(connection, "here")
        found: list[object] = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), tables.metadata)
        return found


def test_migrations_and_tables_agree() -> None:
    assert differences() == []


def test_a_column_without_a_migration_would_be_noticed() -> None:
    tables.members.append_column(Column("nickname", Text))
    try:
        assert len(differences()) == 1
    finally:
        tables.members._columns.remove(tables.members.c.nickname)  # type: ignore[attr-defined]


def test_the_head_is_the_newest_file() -> None:
    assert ScriptDirectory.from_config(settings()).get_heads() == [HEAD]


def test_migrating_twice_changes_nothing_and_needs_no_alembic(database: Path) -> None:
    code = (
        "import sys\n"
        "from sqlalchemy import create_engine\n"
        "from storage.migrations import migrate\n"
        "with create_engine(sys.argv[1]).begin() as connection:\n"
        "    migrate(connection, 'here')\n"
        "print('alembic' in sys.modules)\n"
    )
    database.parent.mkdir()
    said = [
        subprocess.run([sys.executable, "-c", code, f"sqlite:///{database}"], capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]


def test_a_migration_that_fails_leaves_the_database_as_it_was(database: Path) -> None:
    database.parent.mkdir()
    engine = writing_engine(read_url(f"sqlite:///{database}"))
    with engine.connect() as connection:
        transaction = connection.begin()
        migrate(connection, "here")
        assert "runs" in inspect(connection).get_table_names()
        transaction.rollback()
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


@pytest.mark.parametrize(
    ("table", "value", "beside"),
    [
        (tables.workflow_versions, Workflow, set()),
        (tables.drafts, Draft, set()),
        (tables.runs, RunRecord, set()),
        (tables.facts, Fact, {"run"}),
        (tables.waits, WaitOpened, {"id"}),
        (tables.claims, KeyClaimed, set()),
        (tables.gatherings, GatheringSaved, set()),
        (tables.gatherings, Gathering, set()),
        (tables.alerts, Alert, set()),
        (tables.samples, Sample, {"id"}),
        (tables.rollups, Rollup, set()),
        (tables.traffic, Traffic, set()),
        (tables.map_changes, MapChange, {"id"}),
        (tables.foretold, Foretold, set()),
        (tables.service_states, ServiceState, set()),
        (tables.audit, AuditRow, {"hash"}),
        (tables.audit, Audited, {"id", "hash"}),
        (tables.members, MemberSaved, set()),
        (tables.web_messages, WebMessageSaved, {"number"}),
    ],
    ids=lambda value: (
        getattr(value, "name", None) or getattr(value, "__name__", "beside")
    ),  # the text of a set changes from process to process
)
def test_a_field_without_a_column_would_be_noticed(table: Table, value: type, beside: set[str]) -> None:
    assert {column.name for column in table.c} - beside == {field.name for field in dataclasses.fields(value)}


def test_the_schema_can_be_written_for_postgresql_too() -> None:
    for table in tables.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


async def test_a_database_of_the_first_revision_goes_on_with_everything_it_held(database: Path) -> None:
    """``first_tables.sql`` was written by the last Signalbox that had those tables only."""
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript((Path(__file__).parent / "data" / "first_tables.sql").read_text(encoding="utf-8"))
    store = await SqlStore.open(f"sqlite:///{database}", secret_key=KEY, clock=StoppedClock())
    assert [found.definition for found in await store.workflows.versions("wf_00000001")] == [definition(), definition("Release two")]
    assert await store.runs.unfinished() == [run("run_1")]
    await store.ledger.record(RunMoved("run_1", (fact(3),), run("run_1", state=RunState.WAITING, wake_at=NOON, parent="run_2 sub", rank=0)))
    assert [found.seq for found in await store.runs.facts("run_1")] == [1, 2, 3]
    assert [found.id for found in await store.runs.children("run_2")] == ["run_1"]
    assert await store.audit.verify() == ""
    assert await store.vault.get("github") == {"token": "t0"}
    assert [key for key, _ in await store.inbox.unhandled()] == ["d"]
    assert [finding.level for finding in await store.examine()] == ["ok"]
    await store.close()
