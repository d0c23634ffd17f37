"""Virtual time: nothing is waited for, timers come in their order, and a world at rest says so."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from time import perf_counter
from typing import Any

import pytest

from engine.runtime.rehearsal.virtual import Bounds, VirtualClock, VirtualLoop
from tests.engine.clock import NOON

DAY = 86_400.0


def played(work: Coroutine[Any, Any, Any], horizon: float = 400 * DAY, seconds: float = 10.0) -> Any:
    """What ``work`` gives in a virtual loop."""
    bounds = Bounds(horizon, perf_counter() + seconds)
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(bounds)) as runner:
        return runner.run(work)


def loop() -> VirtualLoop:
    found = asyncio.get_running_loop()
    assert isinstance(found, VirtualLoop)
    return found


def test_a_year_of_sleep_takes_no_time_and_sleepers_wake_in_order() -> None:
    async def work() -> list[str]:
        woken: list[str] = []

        async def sleeper(name: str, days: float) -> None:
            await asyncio.sleep(days * DAY)
            woken.append(f"{name} {loop().time() / DAY:.0f}")

        await asyncio.gather(sleeper("late", 365), sleeper("early", 1), sleeper("between", 30))
        return woken

    assert played(work()) == ["early 1", "between 30", "late 365"]


def test_a_timeout_is_in_virtual_time_too() -> None:
    async def work() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.sleep(31)
        return loop().time()

    assert played(work()) == pytest.approx(30, abs=0.001)


def test_when_nothing_is_left_to_happen_the_world_is_at_rest() -> None:
    async def work() -> float:
        never = asyncio.Event()
        waiting = asyncio.create_task(never.wait())
        asyncio.get_running_loop().call_later(5, lambda: None)
        await loop().rest
        waiting.cancel()
        return loop().time()

    assert played(work()) == pytest.approx(5, abs=0.001)


def test_who_waits_on_after_rest_was_told_is_a_fault_and_not_an_endless_loop() -> None:
    async def work() -> None:
        await loop().rest
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="hangs"):
        played(work())


def test_the_horizon_ends_what_would_go_on_for_ever_and_says_so() -> None:
    async def work() -> tuple[float, str]:
        async def tick() -> None:
            while True:
                await asyncio.sleep(DAY)

        ticking = asyncio.create_task(tick())
        await loop().rest
        reached = loop().bounds.reached
        loop().bounds.lift()
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        await asyncio.sleep(1)  # clearing up may still take its time
        return loop().time() / DAY, reached

    days, reached = played(work(), horizon=10 * DAY)
    assert days == pytest.approx(10, abs=1)
    assert reached == "after 10 days it would still go on"


def test_real_time_is_bounded_as_well() -> None:
    async def work() -> str:
        async def spin() -> None:
            while True:
                await asyncio.sleep(0)

        spinning = asyncio.create_task(spin())
        await loop().rest
        loop().bounds.lift()
        spinning.cancel()
        return loop().bounds.reached

    assert played(work(), seconds=0.0) == "the time for rehearsing was up"


def test_the_clock_begins_when_it_is_told_and_its_dice_follow_from_the_seed() -> None:
    async def work(seed: str) -> tuple[str, str, list[float], float]:
        clock = VirtualClock(NOON, seed)
        await clock.sleep(90)
        return clock.now().isoformat(timespec="seconds"), clock.new_id("run"), [clock.random() for _ in range(3)], clock.dice("x")

    first, again, other = played(work("7/1")), played(work("7/1")), played(work("8/1"))
    assert first == again
    assert first[0] == "2026-03-04T12:01:30+00:00"
    assert first[1] != other[1]
    assert first[2] != other[2]
    assert first[3] != other[3]
    assert all(0 <= draw < 1 for draw in (*first[2], first[3]))


def test_the_same_dice_fall_in_whatever_order_they_are_asked() -> None:
    clock = VirtualClock(NOON, "1")
    assert [clock.dice("a"), clock.dice("b")] == [*reversed([clock.dice("b"), clock.dice("a")])]


def test_many_draws_are_spread_evenly() -> None:
    clock = VirtualClock(NOON, "1")
    below = sum(clock.dice(f"draw {number}") < 0.25 for number in range(4_000))
    assert 900 < below < 1_100
