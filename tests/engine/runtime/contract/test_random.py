"""Whatever the definition, and whatever the world answers: the runner comes to what a tiny reference interpreter comes to, on every rig.

The world is worked out of a seed, so that runner and reference meet the same one without having to ask in the same order.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, Rejected, SignalboxError, Transient, Unanswered
from engine.events import Happening
from engine.parties import Actor
from engine.ports import Answer, Call
from engine.workflow.definition import Approve, Definition, SubRun, Wait
from engine.workflow.outcomes import LOST
from engine.workflow.parse import parse_definition, to_raw
from engine.workflow.progress import Run
from engine.workflow.run import Fact, FactKind, RunState, StepState
from tests.engine.reference import Reference, World
from tests.engine.runtime.contract.rig import Opening, in_memory, on_sqlite
from tests.engine.runtime.contract.scene import Scene
from tests.engine.runtime.world import CATALOGUE, NOON
from tests.engine.test_kernel_reference import INPUTS, definitions, plain

RUN = "run_example"
ACTIONS = ("a.do", "safe.do", "a.look", "spare.do", "model.ask", "chat.ask_approval", "signalbox.run_workflow")
ERRORS: dict[str, SignalboxError] = {"no": Rejected("no"), "busy": Transient("busy"), "lost": Unanswered("lost")}


class Seeded:
    """What everybody outside does: the same for the same seed, step and number."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.world = World(self.outcome, self.happened, self.votes, self.comes)

    def _draw(self, what: str, step: str, number: int = 0) -> random.Random:
        return random.Random(f"{self.seed}/{what}/{step}/{number}")

    def outcome(self, step: str, number: int) -> str:
        return self._draw("outcome", step, number).choice(("ok", "ok", "ok", "no", "busy", "lost")) if number < 6 else "ok"

    def happened(self, step: str, number: int) -> bool:
        return self._draw("happened", step, number).random() < 0.5

    def votes(self, step: str) -> bool:
        return self._draw("votes", step).random() < 0.7

    def comes(self, step: str) -> bool:
        return self._draw("comes", step).random() < 0.5


def heard(facts: list[Fact], step: str) -> int:
    """How many outcomes of its asks are known; what a crash tore was none."""
    ends = (FactKind.ANSWERED, FactKind.REFUSED, FactKind.WAITING, FactKind.IN_DOUBT)
    own = [
        fact for fact in facts if fact.step == step and fact.kind in ends and not fact.data.get("lost") and fact.data.get("error") != LOST
    ]
    late = {FactKind.WAITING}
    return len([fact for index, fact in enumerate(own) if not (index and own[index - 1].kind in late)])


class Journey:
    """One definition through one rig, with crashes where ``crashes`` says, after so many rounds."""

    def __init__(self, scene: Scene, of: Definition, seeded: Seeded, crashes: frozenset[int]) -> None:
        self.scene, self.of, self.seeded, self.crashes = scene, of, seeded, crashes

    async def perform(self, call: Call) -> Answer:
        number = heard(await self.scene.facts(call.run), call.step)
        outcome = self.seeded.outcome(call.step, number)
        if outcome != "ok":
            raise ERRORS[outcome]
        pending = call.service == "chat" or call.service == "signalbox"
        return Answer(None if pending else {"by": call.step}, pending=pending)

    async def go(self) -> Run:
        scene = self.scene
        for action in ACTIONS:
            scene.bench.tell(action, *(self.perform for _ in range(400)))
        flow = await scene.keep_definition(self.of)
        await scene.runner.start(flow, by="test", inputs=INPUTS, run_id=RUN)  # type: ignore[arg-type]
        for turn in range(400):
            await scene.rest()
            run = await scene.run(RUN)
            if run.over:
                return run
            if turn in self.crashes:
                await self.crash(run)
            elif not await self.people_speak(run):
                record = await scene.record(RUN)
                assert record.wake_at is not None, run.open
                await scene.pass_time(max(0.001, (record.wake_at - scene.clock.now()).total_seconds()))
        raise AssertionError("a run must end once everything is answered")

    async def crash(self, run: Run) -> None:
        await self.scene.crash()
        facts = await self.scene.facts(RUN)
        for fact in facts:
            if fact.kind is FactKind.IN_DOUBT and fact.data.get("error") == LOST:
                self.seeded.world.forgotten.add((fact.step, heard(facts[: fact.seq], fact.step)))

    async def people_speak(self, run: Run) -> bool:
        """One of them, for a word may end the whole run."""
        for step, state in run.open.items():
            if state is StepState.IN_DOUBT:
                await self.settle(run, step)
                return True
            if state is StepState.WAITING and not run.ended(step) and await self.answer(run, step):
                return True
        return False

    async def settle(self, run: Run, step: str) -> None:
        facts = await self.scene.facts(RUN)
        torn = run.progress(step).error == LOST
        happened = not torn and self.seeded.happened(step, heard(facts, step) - 1)
        await self.scene.runner.decide(RUN, step, happened=happened, actor=Actor("web", "ada", "Ada"))
        await self.scene.rest()

    async def answer(self, run: Run, step: str) -> bool:
        does, scene = run.place(step).step.does, self.scene
        count = len(run.progress(step).votes)
        try:
            if isinstance(does, Approve):
                await scene.runner.vote(RUN, step, approved=self.seeded.votes(step), actor=Actor("web", str(count), str(count)))
            elif isinstance(does, SubRun):
                state = "succeeded" if self.seeded.votes(step) else "failed"
                await scene.runner.answer(RUN, step, {"run": "run_2", "state": state, "outputs": {}}, Actor("web", "ada", "Ada"))
            elif isinstance(does, Wait) and does.event and (does.timeout is None or self.seeded.comes(step)):
                assert not await scene.runner.happened(RUN, step, Happening("d1", "b", "happened", NOON, {"n": 1}))
                assert await scene.runner.happened(RUN, step, Happening("d2", "a", "happened", NOON, {"n": 1}))
            else:
                return False
        finally:
            await scene.rest()
        return True


async def compare(opening: Opening, of: Definition, seed: int, crashes: frozenset[int]) -> None:
    seeded = Seeded(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with opening(Path(folder)) as rig:
            rig.bench.house = False
            run = await Journey(Scene(rig), of, seeded, crashes).go()
            assert await rig.store.runs.unfinished() == []
            assert await rig.store.waits.events() == frozenset()
    reference = Reference(of, CATALOGUE, seeded.world, INPUTS)
    state = reference.run()
    assert run.state is state, run.error
    if state is not RunState.CANCELLED:
        ours = {id: progress for id, progress in run.steps.items() if progress.state is not StepState.PENDING}
        theirs = {id: result for id, result in reference.results.items() if result.state is not StepState.PENDING}
        assert {id: progress.state for id, progress in ours.items()} == {id: result.state for id, result in theirs.items()}
        for id, result in theirs.items():
            assert result.state is not StepState.SUCCEEDED or plain(ours[id].output) == result.output, id


def storable(of: Definition) -> bool:
    """Whether the one door for definitions lets it through; the kernel's own tests go further than authors may."""
    try:
        return parse_definition(to_raw(of)) is not None
    except Invalid:
        return False


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
crashes = st.frozensets(st.integers(0, 12), max_size=2)


@given(definitions(), st.integers(0, 10**9), crashes)
@settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
def test_in_memory(of: Definition, seed: int, dies: frozenset[int]) -> None:
    asyncio.run(compare(in_memory, of, seed, dies))


@given(definitions(), st.integers(0, 10**9), crashes)
@settings(max_examples=8, deadline=None, suppress_health_check=QUIET)
def test_on_sqlite(of: Definition, seed: int, dies: frozenset[int]) -> None:
    assume(storable(of))
    asyncio.run(compare(on_sqlite, of, seed, dies))


@pytest.mark.slow
@pytest.mark.timeout(600)
@given(definitions(), st.integers(0, 10**9), crashes)
@settings(max_examples=600, deadline=None, suppress_health_check=QUIET)
def test_in_memory_for_long(of: Definition, seed: int, dies: frozenset[int]) -> None:
    asyncio.run(compare(in_memory, of, seed, dies))
