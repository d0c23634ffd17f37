"""One run of a made-up workflow through a guard: what the kernel does around it, with the shipped decisions (``moves.after``), and no journal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from benchmarks.routing_world import TIMEOUT, Step, World
from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Sample
from engine.ports import Answer, Call
from engine.resilience.moves import Move, Then, Trouble, after
from engine.resilience.routing import Candidate
from engine.runtime.guard import Guard, Terms
from engine.runtime.pace import Held


@dataclass(frozen=True, slots=True)
class Pick:
    """``wait``: seconds until any way is worth a call, 0: go."""

    way: Candidate
    second: Candidate | None = None
    wait: float = 0.0


class Chooser(Protocol):
    """``similar``: all ways are of one level; ``repeats``: it does something about failures."""

    similar: bool
    repeats: bool

    def choose(self, ways: Sequence[Candidate], *, reads: bool, tried: Sequence[str]) -> Pick: ...
    def fit(self, ways: Sequence[Candidate]) -> int: ...
    def useless_for(self, way: Candidate) -> float: ...
    def spare(self, way: Candidate) -> bool: ...
    def heard(self, sample: Sample) -> None: ...


@dataclass(slots=True)
class Story:
    """What became of a run."""

    begun: float
    seconds: float = 0.0
    done: bool = False
    parked: float = 0.0
    doubts: int = 0
    steps: int = 0
    good: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def at_once(self) -> bool:
        return not self.parked and self.seconds < 60.0


class Walk:
    def __init__(self, world: World, guard: Guard, chooser: Chooser, dice: Callable[[], float]) -> None:
        self.world, self.guard, self.chooser, self.dice = world, guard, chooser, dice

    async def run(self, name: str, plan: Sequence[Sequence[Step]]) -> Story:
        story, number = Story(self.world.now()), 0
        for group in plan:
            steps = []
            for step in group:
                steps.append(self.step(step, f"{name}:{number}", story))
                number += 1
            found = [await steps[0]] if len(steps) == 1 else await asyncio.gather(*steps)
            story.steps += len(found)
            story.good += sum(found)
            if not all(found):
                break
        else:
            story.done = True
        story.seconds = self.world.now() - story.begun
        return story

    async def step(self, step: Step, key: str, story: Story) -> bool:
        ways = self.world.ways(step.capability, step.writes, similar=self.chooser.similar)
        trouble = Trouble(reads=not step.writes, looks=True, tries=0, may_wait=self.world.scene.may_wait)
        going = _Going(key, ways, story, trouble, Pick(ways[0]))
        then = Then.ELSEWHERE
        while then not in (Then.ASK, Then.END):
            if then is not Then.AGAIN:
                await self._pick(going)
            outcome = await self._put(going)
            if isinstance(outcome, Answer):
                return True
            if isinstance(outcome, Held):
                await going.park(outcome.retry_after or 1.0)
                then = Then.PARK
                continue
            followed = await self._follow(going, outcome)
            if followed is None:
                return True
            then = followed
        return False

    async def _pick(self, going: _Going) -> None:
        while True:
            going.pick = self.chooser.choose(going.ways, reads=going.trouble.reads, tried=going.tried)
            if not going.pick.wait or not going.may_park:
                return
            await going.park(going.pick.wait)

    async def _put(self, going: _Going) -> Answer | SignalboxError:
        pick, trouble = going.pick, going.trouble
        second = going.call(pick.second) if pick.second else None
        terms = Terms(reads=trouble.reads, second=second, tries=trouble.tries, patience=max(trouble.may_wait - trouble.parked, 0.0))
        outcome = await self.guard.perform(going.call(pick.way), TIMEOUT, terms)
        assert not isinstance(outcome, Rejected), outcome
        return outcome

    async def _follow(self, going: _Going, outcome: SignalboxError) -> Then | None:
        """What is next, its pause over; None: a look found that it was done."""
        if going.pick.way.service not in going.tried:
            going.tried.append(going.pick.way.service)
        doubtful = isinstance(outcome, Unanswered)
        going.age()
        going.trouble = replace(going.trouble, tries=going.trouble.tries + 1, doubtful=doubtful)
        while (move := self._after(going, outcome)).then is Then.LOOK:
            await asyncio.sleep(move.pause)
            found = await self.guard.look(going.call(going.pick.way), TIMEOUT)
            if isinstance(found, Answer):
                return None
            going.age()
            before = going.trouble
            going.trouble = replace(before, doubtful=False) if found is None else replace(before, looked=before.looked + 1)
        if move.then is Then.PARK:
            await going.park(move.pause)
            going.trouble, going.tried = replace(going.trouble, tries=1, looked=0), []
        elif move.then is Then.AGAIN:
            await asyncio.sleep(move.pause)
        elif move.then in (Then.ASK, Then.END):
            going.story.doubts += move.then is Then.ASK
            going.story.troubles.append(f"{move.then.value}: {outcome}")
        return move.then

    def _after(self, going: _Going, outcome: SignalboxError) -> Move:
        if not self.chooser.repeats:
            return Move(Then.END)
        way = going.pick.way
        others = self.chooser.fit([one for one in going.ways if one.service not in going.tried])
        trouble = replace(
            going.trouble, asked_for=outcome.retry_after if isinstance(outcome, Transient) else None, others=others,
            useless_for=self.chooser.useless_for(way), spare=bool(others) or going.trouble.doubtful or self.chooser.spare(way),
        )  # fmt: skip
        return after(trouble, self.dice)


@dataclass(slots=True)
class _Going:
    """One step under way."""

    key: str
    ways: Sequence[Candidate]
    story: Story
    trouble: Trouble
    pick: Pick
    tried: list[str] = field(default_factory=list)
    since: float = 0.0

    @property
    def may_park(self) -> bool:
        return self.trouble.may_wait > self.trouble.parked

    async def park(self, seconds: float) -> None:
        self.story.parked += seconds
        if not self.since:
            self.since = asyncio.get_running_loop().time()
        await asyncio.sleep(seconds)
        self.age()

    def age(self) -> None:
        """How long it is in trouble."""
        now = asyncio.get_running_loop().time()
        self.since = self.since or now
        self.trouble = replace(self.trouble, parked=now - self.since)

    def call(self, way: Candidate) -> Call:
        return Call(service=way.service, operation=way.operation, arguments={}, key=self.key)
