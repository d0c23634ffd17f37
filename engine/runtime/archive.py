"""The archive: runs read back from their facts, under the very version of the workflow that they started with."""

from __future__ import annotations

from collections import OrderedDict

from engine.errors import NotFound, Rejected
from engine.ports import Store
from engine.runtime.live import Live
from engine.workflow import kernel
from engine.workflow.catalogue import Catalogue
from engine.workflow.definition import Workflow
from engine.workflow.fold import fold
from engine.workflow.outline import Outline, outline_of
from engine.workflow.run import RunRecord

OUTLINES = 256  # outlines kept, and versions that runs were read back under


class Archive:
    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._runs, self._workflows = store.runs, store.workflows
        self._catalogue = catalogue
        self._outlines: OrderedDict[tuple[str, int], Outline] = OrderedDict()
        self._edition = catalogue.edition
        self._versions: OrderedDict[tuple[str, int], Workflow] = OrderedDict()

    def outline(self, workflow: Workflow) -> Outline:
        if self._edition != self._catalogue.edition:  # who may stand in for whom was declared anew, and outlines hold that
            self._edition = self._catalogue.edition
            self._outlines.clear()
        key = (workflow.id, workflow.version)
        known = self._outlines.get(key)
        if known is None or (known.definition is not workflow.definition and known.definition != workflow.definition):
            known = self._outlines[key] = outline_of(workflow.definition, self._catalogue)
            if len(self._outlines) > OUTLINES:
                self._outlines.popitem(last=False)
        return known

    async def read(self, run_id: str) -> Live:
        """Raises NotFound, or Rejected when it cannot be read."""
        record = await self._runs.get(run_id)
        if record is None:
            raise NotFound(f"There is no run {run_id}.")
        workflow = await self.workflow_of(record)
        run = kernel.replay(self.outline(workflow), record, await self._runs.facts(run_id))
        return Live(run, record, workflow, shown=True)

    async def catch_up(self, live: Live) -> None:
        """Take in what another process wrote to a run that is in memory here."""
        beyond = [fact for fact in await self._runs.facts(live.record.id) if fact.seq > live.run.seq]
        record = await self._runs.get(live.record.id)
        live.run = fold(live.run, beyond)
        live.record = record or live.record

    async def workflow_of(self, record: RunRecord) -> Workflow:
        """The version the run started with. Raises Rejected when it is not stored any more."""
        workflow = await self._workflows.at_version(record.workflow, record.version)
        if workflow is None:
            raise Rejected(f"Run {record.id} belongs to version {record.version} of {record.workflow}, which is not stored any more.")
        return workflow
