"""Workflows: the record that changes, and its versions that never do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import Connection, and_, insert, select

from engine.events import WorkflowSaved
from engine.workflow.definition import Workflow, WorkflowState
from storage.columns import row_of
from storage.conflicts import check_revision, check_version
from storage.definitions import from_text, to_text
from storage.reader import AnyRow, Query, Reader
from storage.revisions import replace_at
from storage.tables import workflow_versions, workflows

workflow_row = row_of(Workflow)
CURRENT: Query = select(*workflows.c, workflow_versions.c.definition).join(
    workflow_versions, and_(workflow_versions.c.id == workflows.c.id, workflow_versions.c.version == workflows.c.version)
)


def _workflow(row: AnyRow) -> Workflow:
    fields = dict(row._mapping)
    return Workflow(**fields | {"definition": from_text(fields["definition"])})


class SqlWorkflows:
    """Fulfils ``ports.Workflows``."""

    EVENTS: ClassVar[tuple[type, ...]] = (WorkflowSaved,)

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def apply(self, connection: Connection, events: Sequence[WorkflowSaved]) -> None:
        for event in events:
            _save(connection, event.workflow)

    async def get(self, workflow_id: str) -> Workflow | None:
        row = await self._reader.row(CURRENT.where(workflows.c.id == workflow_id))
        return _workflow(row) if row else None

    async def at_version(self, workflow_id: str, version: int) -> Workflow | None:
        wanted = (workflow_versions.c.id == workflow_id, workflow_versions.c.version == version)
        row = await self._reader.row(select(workflow_versions).where(*wanted))
        return _workflow(row) if row else None

    async def versions(self, workflow_id: str) -> list[Workflow]:
        query = select(workflow_versions).where(workflow_versions.c.id == workflow_id).order_by(workflow_versions.c.version)
        return [_workflow(row) for row in await self._reader.rows(query)]

    async def list(self, *, deleted: bool = False) -> list[Workflow]:
        query = CURRENT if deleted else CURRENT.where(workflows.c.state != WorkflowState.DELETED)
        found = [_workflow(row) for row in await self._reader.rows(query)]
        return sorted(found, key=lambda workflow: (workflow.name.casefold(), workflow.id))


def _save(connection: Connection, new: Workflow) -> None:
    row = connection.execute(CURRENT.where(workflows.c.id == new.id)).first()
    old = _workflow(row) if row else None
    check_revision("workflow", new.id, new.revision, old.revision if old else 0)
    check_version(new, old)
    record = workflow_row(new)
    version = {**record, "definition": to_text(record.pop("definition"))}
    if old is None:
        connection.execute(insert(workflows).values(record))
    else:
        replace_at(connection, workflows, "workflow", record, old.revision)
    if old is None or new.version != old.version:
        connection.execute(insert(workflow_versions).values(version))
