"""Runs of made-up workflows through the whole shipped runner: kernel, driver, read-backs and guard, over a store in memory, on a virtual clock.

Nothing about failures is decided here: a plan becomes a definition, and what became of its run is read off its facts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks.routing_world import BEGIN, TIMEOUT, Scene, Step, World
from engine.events import WorkflowSaved
from engine.runtime.guard import Guard
from engine.runtime.live import Live
from engine.runtime.rehearsal.virtual import VirtualClock
from engine.runtime.runner import JournalRunner
from engine.workflow.catalogue import Action, Catalogue, Service
from engine.workflow.definition import Definition, Options, Trigger, TriggerType, Workflow, WorkflowState
from engine.workflow.definition import Step as Asked
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind, RunState, StepState
from storage.memory import MemoryStore

GIVEN_UP = 3600.0  # seconds after which nobody waits for a run any more
TIDY = 500  # runs after which those long over are forgotten
BESIDE: dict[str, Mapping[str, str]] = {"read": {}, "write": {}}


def catalogue_of(world: World) -> Catalogue:
    """Each provider reads and writes; those of a capability are declared to mean the same."""

    def action(name: str, operation: str) -> Action:
        others = [other for other in world.providers if other[:2] == name[:2] and other != name]
        same = {f"{other}.{operation}": BESIDE[operation] for other in others}
        return Action(service=name, operation=operation, writes=operation == "write", equivalents=same)

    return Catalogue(
        [Service(id=name, name=name, category="made up", actions=(action(name, "read"), action(name, "write"))) for name in world.providers]
    )


def definition_of(scene: Scene, plan: Sequence[Sequence[Step]], *, routed: bool) -> Definition:
    """Steps of a group need all of the one before. ``routed``: the providers of a capability are as good as each other; else nothing is repeated."""
    steps: list[Asked] = []
    before: tuple[str, ...] = ()
    for group in plan:
        names = []
        for step in group:
            name = f"s{len(steps)}"
            steps.append(Asked(id=name, action=f"c{step.capability}p0.{'write' if step.writes else 'read'}", needs=before))
            names.append(name)
        before = tuple(names)
    among = {f"c{one}p0": {f"c{one}p{other}": 1.0 for other in range(1, ways)} for one, ways in enumerate(scene.ways) if ways > 1}
    options = Options(
        retries=3 if routed else 0, timeout=TIMEOUT, among=among if routed else {}, patience=scene.may_wait if scene.may_wait and routed else None
    )  # fmt: skip
    return Definition(name="Made up", trigger=Trigger(type=TriggerType.MANUAL), steps=tuple(steps), options=options)


@dataclass(slots=True)
class Story:
    """What became of a run. ``parked``: how often a step of it was put on disk to wait for its service; ``good`` of ``steps`` were done."""

    begun: float
    seconds: float = 0.0
    done: bool = False
    parked: int = 0
    doubts: int = 0
    steps: int = 0
    good: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def at_once(self) -> bool:
        return self.done and not self.parked and self.seconds < 60.0


class Runs:
    """``routed``: as the product does it; else each step is put once, to the provider that is named."""

    def __init__(self, world: World, guard: Guard, clock: VirtualClock, *, routed: bool = True) -> None:
        self.world, self.routed, self._store = world, routed, MemoryStore(clock)
        self._runner = JournalRunner(store=self._store, guard=guard, clock=clock, catalogue=catalogue_of(world), read_back=routed)
        self._clock, self._begun = clock, 0
        self._stories: dict[str, tuple[Story, asyncio.Future[Story]]] = {}
        self._runner._driver.watch(self._heard)  # the product's own listeners are joined the same way

    async def run(self, name: str, plan: Sequence[Sequence[Step]]) -> Story:
        story = Story(self.world.now())
        over: asyncio.Future[Story] = asyncio.get_running_loop().create_future()
        self._stories[f"run_{name}"] = (story, over)
        made = Workflow(
            id=f"wf_{name}", definition=definition_of(self.world.scene, plan, routed=self.routed), version=1, revision=1,
            state=WorkflowState.ACTIVE, created_at=BEGIN, created_by="bench", updated_at=BEGIN,
        )  # fmt: skip
        self._begun += 1
        if not self._begun % TIDY:
            await self._store.runs.forget(self._clock.now() - timedelta(hours=2))
        await self._store.ledger.record(WorkflowSaved(made))  # a run that waits long is read back
        await self._runner.start(made, by="bench", run_id=f"run_{name}")
        try:
            async with asyncio.timeout(GIVEN_UP):
                await over
        except TimeoutError:  # a human has to say whether it was done
            story.seconds, story.steps = self.world.now() - story.begun, 1
        return story

    async def stop(self) -> None:
        await self._runner.stop(0)

    def _heard(self, live: Live, before: Run, facts: Sequence[Fact]) -> None:
        if live.record.id not in self._stories:
            return
        story, over = self._stories[live.record.id]
        for fact in facts:
            if fact.data.get("held"):
                story.parked += 1
            if fact.kind is FactKind.IN_DOUBT:
                story.doubts += 1
            if not over.done() and (fact.kind is FactKind.FINISHED or (fact.kind is FactKind.IN_DOUBT and not self.routed)):
                self._finished(live.run, story)
                over.set_result(story)
                del self._stories[live.record.id]

    def _finished(self, run: Run, story: Story) -> None:
        states = [progress.state for progress in run.steps.values()]
        story.steps = sum(state is not StepState.SKIPPED for state in states)
        story.good = sum(state is StepState.SUCCEEDED for state in states)
        story.done = run.state is RunState.SUCCEEDED
        story.seconds = self.world.now() - story.begun
        if run.error:
            story.troubles.append(run.error)
