"""Runs are foretold as they begin, settled as they end, and what was learnt outlives a restart."""

from __future__ import annotations

from datetime import timedelta

from engine.errors import Transient
from engine.events import DetectorSaved, WorkflowSaved
from engine.parties import Actor
from engine.ports import Answer, Call
from engine.prediction.calibration import Calibration
from engine.runtime.foreteller import HOUSE, STREAM, Foreteller
from engine.runtime.guard import Guard
from engine.runtime.runner import JournalRunner
from engine.workflow.run import RunState
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock
from tests.engine.runtime.world import CATALOGUE, definition, step, workflow

FLOW = workflow(definition(step("only", "a.do"), retries=0))


class Service:
    def __init__(self) -> None:
        self.down = False

    async def perform(self, call: Call) -> Answer:
        if self.down:
            raise Transient("It is down.")
        return Answer({})

    async def look(self, call: Call) -> Answer | None:
        return None

    def looks(self, service: str, operation: str) -> bool:
        return False


class Scene:
    def __init__(self) -> None:
        self.clock, self.store, self.service = StandingClock(), MemoryStore(), Service()
        self.runner = JournalRunner(store=self.store, guard=Guard(self.service, self.clock), clock=self.clock, catalogue=CATALOGUE)

    async def foreteller(self) -> Foreteller:
        if await self.store.workflows.get(FLOW.id) is None:
            await self.store.ledger.record(WorkflowSaved(FLOW))
        made = Foreteller(self.store, self.clock)
        await made.start()
        return made

    async def run(self, times: int = 1) -> str:
        for _ in range(times):
            record = await self.runner.start(FLOW, by="web:ada")
            assert record is not None
            await self.clock.pass_(60)
        return record.id


async def test_a_run_is_foretold_before_it_ends_and_settled_after() -> None:
    scene = Scene()
    foreteller = await scene.foreteller()
    run = await scene.run()
    found = await scene.store.foretold.get(run)
    assert found is not None
    assert (found.workflow, found.samples, found.succeeded) == (FLOW.id, 0, True)
    assert 0.0 < found.low <= found.probability <= found.high < 1.0
    await foreteller.stop()


async def test_a_workflow_that_begins_to_fail_is_believed_less() -> None:
    scene = Scene()
    foreteller = await scene.foreteller()
    await scene.run(30)
    well = await foreteller.prospect(FLOW)
    scene.service.down = True
    await scene.run(6)
    ill = await foreteller.prospect(FLOW)
    assert well.chance.enough
    assert well.chance.probability > 0.9
    assert ill.chance.probability < 0.5
    assert any("6" in risk.words for risk in ill.risks)
    settled = Calibration.of(await scene.store.foretold.list(settled=True))
    assert (settled.count, settled.succeeded) == (36, 30)
    await foreteller.stop()


async def test_what_was_learnt_is_there_after_a_restart() -> None:
    scene = Scene()
    foreteller = await scene.foreteller()
    await scene.run(20)
    before = (await foreteller.prospect(FLOW)).chance
    await foreteller.stop()
    assert await scene.store.detectors.get(HOUSE) is not None
    assert [one.stream for one in await scene.store.detectors.under(STREAM)] == [STREAM + FLOW.id]
    again = await scene.foreteller()
    assert (await again.prospect(FLOW)).chance == before
    await again.stop()


async def test_runs_that_nobody_foretold_are_learnt_from_at_the_first_start() -> None:
    scene = Scene()
    await scene.store.ledger.record(WorkflowSaved(FLOW))
    await scene.run(12)
    foreteller = await scene.foreteller()
    chance = (await foreteller.prospect(FLOW)).chance
    assert (chance.samples, chance.probability > 0.8) == (12, True)
    assert await scene.store.foretold.list() == [], "nothing was said of them beforehand, so nothing is claimed"
    await foreteller.stop()


async def test_runs_of_a_crash_are_caught_up_with() -> None:
    scene = Scene()
    foreteller = await scene.foreteller()
    await scene.run(8)
    await foreteller.stop()
    await scene.run(5)  # nobody listens
    again = await scene.foreteller()
    assert (await again.prospect(FLOW)).chance.samples == 13
    await again.stop()


async def test_a_damaged_memory_is_learnt_anew() -> None:
    scene = Scene()
    await scene.store.ledger.record(WorkflowSaved(FLOW), DetectorSaved(HOUSE, {"success": 7}, scene.clock.now() + timedelta(days=1)))
    await scene.run(6)
    foreteller = await scene.foreteller()
    assert (await foreteller.prospect(FLOW)).chance.samples == 6
    await foreteller.stop()


async def test_what_a_person_cancels_is_no_failure() -> None:
    scene = Scene()
    waits = workflow(definition(step("only", "a.do"), retries=5), id="wf_00000002")
    await scene.store.ledger.record(WorkflowSaved(waits))
    foreteller = await scene.foreteller()
    scene.service.down = True
    record = await scene.runner.start(waits, by="web:ada")
    assert record is not None
    await scene.clock.pass_(1)
    await scene.runner.cancel(record.id, Actor("web", "ada", "Ada"))
    await scene.clock.pass_(5)
    now = await scene.store.runs.get(record.id)
    assert now is not None
    assert now.state is RunState.CANCELLED
    found = await scene.store.foretold.get(record.id)
    assert found is not None
    assert found.succeeded is None
    assert (await foreteller.prospect(waits)).chance.samples == 0
    await foreteller.stop()


async def test_a_run_that_was_under_way_at_a_restart_is_settled_all_the_same() -> None:
    scene = Scene()
    waits = workflow(definition(step("only", "a.do"), retries=5), id="wf_00000002")
    await scene.store.ledger.record(WorkflowSaved(waits))
    foreteller = await scene.foreteller()
    scene.service.down = True
    record = await scene.runner.start(waits, by="web:ada")
    assert record is not None
    await scene.clock.pass_(1)
    await foreteller.stop()
    again = await scene.foreteller()
    scene.service.down = False
    await scene.clock.pass_(120)
    found = await scene.store.foretold.get(record.id)
    assert found is not None
    assert found.succeeded is True
    assert (await again.prospect(waits)).chance.samples == 1
    await again.stop()
