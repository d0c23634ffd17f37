"""The guard with routes, on a virtual clock: second calls of reads, adaptive timeouts, open breakers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from engine.errors import Rejected, SignalboxError, Transient, Unanswered
from engine.monitoring.sample import Sample
from engine.ports import Answer, Call
from engine.runtime.guard import PLAIN, Guard, Terms
from engine.runtime.rehearsal.virtual import Bounds, VirtualClock, VirtualLoop
from engine.runtime.routes import Routes, Shut
from tests.engine.runtime.world import NOON

CALL = Call(service="a", operation="do", arguments={}, key="k")
OTHER = replace(CALL, service="b")
READ = Terms(reads=True)


class Slow:
    """Fulfils ``ports.Actions``: each service answers after as many seconds as it is told, or raises what it is told."""

    def __init__(self) -> None:
        self.next: dict[str, list[float | Exception]] = {}
        self.usual: dict[str, float] = {"a": 0.2, "b": 0.3}
        self.asked: list[tuple[str, float]] = []
        self.given_up = 0

    async def perform(self, call: Call) -> Answer:
        self.asked.append((call.service, round(asyncio.get_running_loop().time(), 2)))
        said = self.next.get(call.service) or [self.usual[call.service]]
        one = said.pop(0)
        try:
            await asyncio.sleep(one if isinstance(one, float) else 0.1)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if isinstance(one, Exception):
            raise one
        return Answer({"by": call.service})

    async def look(self, call: Call) -> Answer | None:
        return None

    def looks(self, service: str, operation: str) -> bool:
        return True


class Rig:
    def __init__(self, *, routes: bool = True) -> None:
        self.actions, self.samples = Slow(), list[Sample]()
        clock = VirtualClock(NOON, "test")
        self.routes = Routes(clock)
        self.guard = Guard(self.actions, clock, self.samples.append, routes=self.routes if routes else None)

    async def known(self) -> None:
        """After a dozen calls it is known how long each takes."""
        for _ in range(12):
            await self.guard.perform(CALL, 10, READ)
            await self.guard.perform(OTHER, 10, READ)
        self.actions.asked.clear()
        self.samples.clear()

    @staticmethod
    def now() -> float:
        return asyncio.get_running_loop().time()


def virtual(test: Callable[[Rig], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Runs a test in a loop that never waits."""

    def run() -> None:
        async def whole() -> None:
            await test(Rig())

        loop = VirtualLoop(Bounds(1e9, float("inf")))
        try:
            loop.run_until_complete(whole())
        finally:
            loop.close()

    run.__name__ = test.__name__
    return run


@virtual
async def test_a_read_that_is_slow_is_put_once_more_and_the_first_answer_counts(rig: Rig) -> None:
    await rig.known()
    rig.actions.next["a"] = [9.0]
    begun = rig.now()
    outcome = await rig.guard.perform(CALL, 10, READ)
    assert isinstance(outcome, Answer)
    assert rig.now() - begun < 1.0
    assert [service for service, _ in rig.actions.asked] == ["a", "a"]
    assert rig.actions.given_up == 1


@virtual
async def test_a_first_that_is_overtaken_counts_as_half_a_failure_and_is_no_sample(rig: Rig) -> None:
    await rig.known()
    rig.actions.next["a"] = [9.0]
    await rig.guard.perform(CALL, 10, READ)
    assert len(rig.samples) == 1
    assert sorted(one.bad for one in rig.routes.standing("a").recent[-2:]) == [0.0, 0.5]


@virtual
async def test_a_quick_read_is_put_once(rig: Rig) -> None:
    await rig.known()
    assert isinstance(await rig.guard.perform(CALL, 10, READ), Answer)
    assert len(rig.actions.asked) == 1


@virtual
async def test_a_write_is_never_put_twice_nor_given_up_early(rig: Rig) -> None:
    await rig.known()
    rig.actions.next["a"] = [9.0]
    begun = rig.now()
    assert isinstance(await rig.guard.perform(CALL, 10, replace(PLAIN, early=True)), Answer)
    assert rig.now() - begun == pytest.approx(9.0, abs=0.01)
    assert len(rig.actions.asked) == 1


@virtual
async def test_a_read_with_another_way_is_given_up_early_and_each_time_later(rig: Rig) -> None:
    await rig.known()
    waits = []
    for tries in range(5):
        rig.actions.next = {"a": [60.0, 60.0]}
        begun = rig.now()
        assert isinstance(await rig.guard.perform(CALL, 10, replace(READ, early=True, tries=tries)), Unanswered)
        waits.append(rig.now() - begun)
    assert waits == sorted(waits)
    assert waits[0] < 3
    assert waits[-1] <= 10.01


@virtual
async def test_a_read_without_another_way_has_its_whole_time(rig: Rig) -> None:
    await rig.known()
    rig.actions.next["a"] = [8.0, 8.5]
    begun = rig.now()
    assert isinstance(await rig.guard.perform(CALL, 10, READ), Answer)
    assert rig.now() - begun == pytest.approx(8.0, abs=0.01)


def late(rig: Rig, error: SignalboxError) -> None:
    """The first call fails after 0.9 s, when a second one is on its way; the others are as ever."""
    ours, calls = rig.actions.perform, count()

    async def perform(call: Call) -> Answer:
        if next(calls):
            return await ours(call)
        rig.actions.asked.append((call.service, 0.0))
        await asyncio.sleep(0.9)
        raise error

    rig.actions.perform = perform  # type: ignore[method-assign]


@virtual
async def test_a_first_that_fails_late_waits_for_the_second(rig: Rig) -> None:
    await rig.known()
    rig.actions.usual["a"] = 0.7
    late(rig, Transient("busy"))
    assert await rig.guard.perform(CALL, 10, READ) == Answer({"by": "a"})
    assert len(rig.actions.asked) == 2


@virtual
async def test_a_refusal_of_the_request_is_the_outcome_whatever_the_other_says(rig: Rig) -> None:
    await rig.known()
    rig.actions.usual["a"] = 5.0
    late(rig, Rejected("no such board"))
    assert isinstance(await rig.guard.perform(CALL, 10, READ), Rejected)
    assert len(rig.actions.asked) == 2


@virtual
async def test_where_both_fail_the_first_ones_failure_counts_and_each_was_put_once(rig: Rig) -> None:
    await rig.known()
    rig.actions.next = {"a": [60.0, Unanswered("lost")]}
    outcome = await rig.guard.perform(CALL, 1.5, replace(READ, early=True))
    assert isinstance(outcome, Unanswered)
    assert "gave no answer" in str(outcome)
    assert len(rig.actions.asked) == 2


@virtual
async def test_second_calls_have_a_budget(rig: Rig) -> None:
    await rig.known()
    rig.actions.usual["a"] = 5.0
    for _ in range(40):
        await rig.guard.perform(CALL, 10, READ)
    assert len(rig.actions.asked) < 40 * 1.5


@virtual
async def test_a_run_that_is_cancelled_takes_both_calls_with_it(rig: Rig) -> None:
    await rig.known()
    rig.actions.next = {"a": [60.0, 60.0]}
    task = asyncio.create_task(rig.guard.perform(CALL, 100, replace(READ, early=True, tries=9)))
    await asyncio.sleep(1.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert rig.actions.given_up == 2
    assert rig.routes.standing("a").recent[-1].bad == 0, "nothing is known of it"


@virtual
async def test_behind_an_open_breaker_who_may_wait_is_held_and_who_may_not_is_put(rig: Rig) -> None:
    rig.actions.next["a"] = [Transient("busy")] * 4
    for _ in range(4):
        assert isinstance(await rig.guard.perform(CALL, 10), Transient)
    asked = len(rig.actions.asked)
    held = await rig.guard.perform(CALL, 10, Terms(patience=600))
    assert isinstance(held, Shut)
    assert "breaker has been open since 12:00 UTC, 4 of its last 4 calls failed" in str(held)
    assert len(rig.actions.asked) == asked
    assert isinstance(await rig.guard.perform(CALL, 10), Answer)


@virtual
async def test_the_time_of_a_sample_is_the_time_of_the_loop(rig: Rig) -> None:
    await rig.guard.perform(CALL, 10)
    assert rig.samples[0].latency == pytest.approx(0.2, abs=0.001)


@virtual
async def test_when_everything_fails_the_calls_of_a_read_are_two_at_most(rig: Rig) -> None:
    await rig.known()
    rig.actions.usual = {"a": 60.0, "b": 60.0}
    assert isinstance(await rig.guard.perform(CALL, 10, replace(READ, early=True)), Unanswered)
    assert len(rig.actions.asked) == 2
