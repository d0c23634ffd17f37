"""What went another way is kept beside the run, so that it can be put right; and lost answers are looked for first."""

from __future__ import annotations

from engine.errors import Transient, Unanswered
from engine.events import WorkflowSaved
from engine.ports import Answer, Call
from engine.runtime.guard import Guard
from engine.runtime.routes import Routes
from engine.runtime.runner import JournalRunner
from engine.workflow.reroute import STREAM
from engine.workflow.run import RunState
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock, settled
from tests.engine.runtime.world import CATALOGUE, definition, step, workflow


class World:
    """Two services; ``down`` ones refuse, ``lost`` ones do it and say nothing, ``finds``: what a look finds, where it is not ``blind``."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.lost: set[str] = set()
        self.finds: Answer | None = None
        self.blind = False
        self.asked: list[Call] = []

    async def perform(self, call: Call) -> Answer:
        self.asked.append(call)
        if call.service in self.down:
            raise Transient(f"{call.service} is down.")
        if call.service in self.lost:
            raise Unanswered("The connection broke.")
        return Answer({"id": f"{call.service}-1", "url": "https://example.org/1"})

    async def look(self, call: Call) -> Answer | None:
        if self.blind:
            raise Transient("It cannot be reached.")
        return self.finds

    def looks(self, service: str, operation: str) -> bool:
        return service == "a"


class Scene:
    def __init__(self) -> None:
        self.clock, self.store, self.world = StandingClock(), MemoryStore(), World()
        guard = Guard(self.world, self.clock, routes=Routes(self.clock))
        self.runner = JournalRunner(store=self.store, guard=guard, clock=self.clock, catalogue=CATALOGUE, read_back=True)

    async def run(self, *steps, **options):  # type: ignore[no-untyped-def]
        flow = workflow(definition(*steps, **options))
        if await self.store.workflows.get(flow.id) is None:
            await self.store.ledger.record(WorkflowSaved(flow))
        record = await self.runner.start(flow, by="web:ada")
        assert record is not None
        await settled()
        return record.id


CARD = step("card", "safe.do", arguments={"title": "Disk full"})


async def test_a_write_that_went_another_way_is_kept_with_the_run() -> None:
    scene = Scene()
    scene.world.down.add("safe")
    run = await scene.run(CARD, retries=0, fallback={"safe": "spare"})
    record = await scene.store.runs.get(run)
    assert record is not None
    assert record.state is RunState.SUCCEEDED
    (kept,) = await scene.store.detectors.under(f"{STREAM}safe:")
    assert (kept.state["action"], kept.state["instead"], kept.state["asked"]) == ("safe.do", "spare.do", {"titel": "Disk full"})
    assert kept.state["output"] == {"id": "spare-1", "url": "https://example.org/1"}


async def test_what_went_its_own_way_leaves_nothing_to_put_right() -> None:
    scene = Scene()
    await scene.run(CARD, fallback={"safe": "spare"})
    assert await scene.store.detectors.under(STREAM) == []


async def test_a_write_whose_answer_was_lost_is_found_by_a_look_and_not_done_again() -> None:
    scene = Scene()
    scene.world.lost.add("a")
    scene.world.finds = Answer({"id": "a-1"})
    run = await scene.run(step("only", "a.do"))
    await scene.clock.pass_(1)
    record = await scene.store.runs.get(run)
    assert record is not None
    assert (record.state, len(scene.world.asked)) == (RunState.SUCCEEDED, 1)


async def test_what_surely_was_not_done_is_tried_again_only_after_a_while() -> None:
    scene = Scene()
    scene.world.lost.add("a")
    run = await scene.run(step("only", "a.do"), retries=1)
    await scene.clock.pass_(3)
    assert len(scene.world.asked) == 1, "it may still be on its way"
    scene.world.lost.clear()
    await scene.clock.pass_(60)
    record = await scene.store.runs.get(run)
    assert record is not None
    assert (record.state, len(scene.world.asked)) == (RunState.SUCCEEDED, 2)


async def test_what_nobody_can_say_is_put_to_a_human_and_looked_for_as_the_service_comes_back() -> None:
    scene = Scene()
    scene.world.lost.add("a")
    scene.world.blind = True
    run = await scene.run(step("only", "a.do"), retries=0)
    await scene.clock.pass_(20)
    record = await scene.store.runs.get(run)
    assert record is not None
    assert record.state is RunState.WAITING
    scene.world.blind, scene.world.finds = False, Answer({"id": "a-1"})
    await scene.clock.pass_(120)
    record = await scene.store.runs.get(run)
    assert record is not None
    assert (record.state, len(scene.world.asked)) == (RunState.SUCCEEDED, 1)
