"""A scene over a rig: workflows kept, runs started, and what came of them, in few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.events import PostingWanted, WorkflowSaved
from engine.parties import Actor
from engine.ports import Runner, Store
from engine.workflow.definition import Definition, Json, Step, Workflow
from engine.workflow.fold import fold
from engine.workflow.kernel import begin as before_first
from engine.workflow.outline import outline_of
from engine.workflow.progress import Progress, Run
from engine.workflow.run import Fact, RunRecord, RunState
from tests.engine.runtime.contract.rig import Rig
from tests.engine.runtime.world import ADA, CATALOGUE, Bench, ManualClock, changed, definition, workflow

BOB = Actor(face="web", user="bob", name="Bob")
EVE = Actor(face="web", user="eve", name="Eve")


class Scene:
    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.wanted: list[PostingWanted] = []

    @property
    def store(self) -> Store:
        return self.rig.store

    @property
    def runner(self) -> Runner:
        return self.rig.runner

    @property
    def bench(self) -> Bench:
        return self.rig.bench

    @property
    def clock(self) -> ManualClock:
        return self.rig.clock

    # --- setting up

    async def keep(self, *steps: Step, name: str = "Test", where: str = "", **options: Any) -> Workflow:
        return await self.keep_definition(replace(definition(*steps, **options), name=name), where=where)

    async def keep_definition(self, of: Definition, *, where: str = "") -> Workflow:
        number = len(await self.store.workflows.list(deleted=True)) + 1
        flow = workflow(of, id=f"wf_{number:08x}", where=where)
        await self.store.ledger.record(WorkflowSaved(flow))
        return flow

    async def change(self, flow: Workflow, **more: Any) -> Workflow:
        now = await self.store.workflows.get(flow.id)
        assert now is not None
        new = changed(now, **more)
        await self.store.ledger.record(WorkflowSaved(new))
        await self.rig.rest()
        return new

    # --- doing

    async def start(self, flow: Workflow, **more: Any) -> str:
        """Started, and gone on as far as it does by itself."""
        record = await self.begin(flow, **more)
        await self.rig.rest()
        return record.id

    async def begin(self, flow: Workflow, **more: Any) -> RunRecord:
        values: dict[str, Any] = {"by": ADA.id, "actor": ADA} | more
        record = await self.runner.start(flow, **values)
        assert record is not None
        return record

    async def rest(self) -> None:
        await self.rig.rest()

    async def pass_time(self, seconds: float) -> None:
        await self.rig.pass_time(seconds)

    async def crash(self) -> None:
        await self.rig.crash()

    # --- looking

    async def record(self, run_id: str) -> RunRecord:
        record = await self.store.runs.get(run_id)
        assert record is not None
        return record

    async def state(self, run_id: str) -> RunState:
        return (await self.record(run_id)).state

    async def facts(self, run_id: str) -> list[Fact]:
        return await self.store.runs.facts(run_id)

    async def told(self, run_id: str) -> list[str]:
        """Its facts in short: ``asked a``, ``finished``."""
        return [f"{fact.kind} {fact.step}".strip() for fact in await self.facts(run_id)]

    async def run(self, run_id: str) -> Run:
        record = await self.record(run_id)
        flow = await self.store.workflows.at_version(record.workflow, record.version)
        assert flow is not None
        return fold(before_first(outline_of(flow.definition, CATALOGUE), record), await self.facts(run_id))

    async def progress(self, run_id: str, step: str) -> Progress:
        return (await self.run(run_id)).progress(step)

    async def output(self, run_id: str, step: str) -> Json:
        return (await self.progress(run_id, step)).output

    def asked(self, *, run: str = "", service: str = "") -> list[str]:
        """The steps that were put to services, in order."""
        return [call.step for call in self.bench.asked if run in ("", call.run) and service in ("", call.service)]

    async def unfinished(self) -> Sequence[str]:
        return [run.id for run in await self.store.runs.unfinished()]
