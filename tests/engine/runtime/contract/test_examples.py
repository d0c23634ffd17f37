"""Each construct and policy, in a whole run and with the house dying at every one of its writes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from engine.ports import Answer, Call
from engine.workflow.run import Fact, FactKind
from tests.engine.runtime.contract.examples import CHILD, EXAMPLES, INPUTS, Example
from tests.engine.runtime.contract.rig import Opening, in_memory, on_sqlite
from tests.engine.runtime.contract.scene import Scene

ENDS = frozenset({FactKind.ANSWERED, FactKind.REFUSED})
ACTIONS = ("safe.do", "spare.do", "a.look", "model.ask")
RUN = "run_example"


class Play:
    """One example on a stage: its services answer by what is recorded, as services that know the key of an ask do."""

    def __init__(self, scene: Scene, example: Example) -> None:
        self.scene, self.example = scene, example
        self.wrong: list[str] = []

    async def prepare(self) -> None:
        for action in ACTIONS:
            self.scene.bench.tell(action, *(self.perform for _ in range(60)))
        await self.scene.keep_definition(replace(CHILD, name="Child"))
        self.flow = await self.scene.keep_definition(replace(self.example.of, name="Example"))

    async def perform(self, call: Call) -> Answer:
        facts = [fact for fact in await self.scene.facts(call.run) if fact.step == call.step]
        if any(fact.kind is FactKind.ANSWERED and fact.key == call.key for fact in facts):
            self.wrong.append(f"{call.key} was answered already")
        if not any(fact.kind is FactKind.ASKED and fact.key == call.key for fact in facts):
            self.wrong.append(f"{call.key} left before it was written down")
        ends, errors = len(ended(facts)), self.example.errors.get(call.step, ())
        error = errors[ends] if ends < len(errors) else None
        if error is not None:
            raise error
        return Answer({"done": call.step})

    async def go(self, more: float = 0.0) -> None:
        starting = asyncio.create_task(self.scene.runner.start(self.flow, by="test", inputs=INPUTS, run_id=RUN))
        await self.scene.rest()
        if not self.scene.rig.dead:
            await self.scene.pass_time(self.example.takes + more)
        starting.cancel()  # a dead house does not say whether it was started
        await asyncio.gather(starting, return_exceptions=True)

    async def check(self) -> None:
        scene, example = self.scene, self.example
        record = await scene.record(RUN)
        assert record.state is example.state, record.error
        facts = [fact for run in await scene.store.runs.list(limit=9) for fact in await scene.facts(run.id)]
        asked = {fact.step for fact in facts if fact.kind is FactKind.ASKED}
        assert Counter(fact.step for fact in ended(facts) if fact.step in asked) == Counter(example.asked)
        for step, output in example.outputs.items():
            assert await scene.output(RUN, step) == output
        assert [fact.kind for fact in await scene.facts(RUN)].count(FactKind.FINISHED) == 1
        assert await scene.store.runs.unfinished() == []
        assert await scene.store.waits.events() == frozenset()
        assert self.wrong == []


def ended(facts: Sequence[Fact]) -> list[Fact]:
    """Answers and refusals of services; what a crash adds is left out."""
    return [fact for fact in facts if fact.kind in ENDS and not fact.data.get("lost")]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_a_whole_run(scene: Scene, example: Example) -> None:
    play = Play(scene, example)
    await play.prepare()
    await play.go()
    await play.check()
    assert Counter(call.step for call in scene.bench.asked) == Counter(example.asked)


@pytest.mark.parametrize("told", [True, False], ids=["not stored", "not heard of"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
@pytest.mark.parametrize("opening", [pytest.param(in_memory, id="memory"), pytest.param(on_sqlite, id="sqlite", marks=pytest.mark.slow)])
async def test_a_house_that_dies_at_any_of_its_writes_comes_to_the_same_end(
    opening: Opening, example: Example, told: bool, tmp_path: Path
) -> None:
    writes, died = 0, True
    while died:
        folder = tmp_path / str(writes)
        folder.mkdir()
        async with opening(folder) as rig:
            play = Play(Scene(rig), example)
            await play.prepare()
            rig.die_at(writes, told=told)
            await play.go()
            died = rig.dead
            if died:
                await rig.crash()
                await play.go(30.0)
            await play.check()
        writes += 1
    assert writes > 2
