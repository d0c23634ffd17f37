"""What the desk promises, over both of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from engine.runtime.clock import SystemClock
from engine.runtime.distributed.dbos_desk import DbosDesk
from engine.runtime.distributed.desk import Desk
from engine.runtime.distributed.memory_desk import Books, MemoryDesk

CLOCK = SystemClock()
Opens = Callable[[str], Desk]


async def until(true: Callable[[], bool]) -> None:
    """The test's own timeout is the bound."""
    while not true():
        await asyncio.sleep(0.01)


@pytest.fixture(params=["memory", "dbos"])
async def desk_of(request: pytest.FixtureRequest) -> AsyncIterator[Opens]:
    """Desks with the same books. DBOS lives once in a process, so at most one of its desks may be open."""
    made: list[Desk] = []
    books = Books(CLOCK)
    url = request.getfixturevalue("one_database") if request.param == "dbos" else ""

    def make(name: str) -> Desk:
        made.append(DbosDesk(url, name) if url else MemoryDesk(books, name))
        return made[-1]

    yield make
    for desk in made:
        await desk.close()
        await desk.leave()
    if url:
        request.getfixturevalue("postgres").clear_desk(url)


class Took:
    """Takes stretches, and holds those of the runs named in ``hold`` until told otherwise."""

    def __init__(self, *hold: str) -> None:
        self.runs: list[str] = []
        self.now: list[str] = []
        self.go = {run: asyncio.Event() for run in hold}

    async def __call__(self, run_id: str) -> None:
        assert run_id not in self.now, "of one run, one at a time"
        self.now.append(run_id)
        try:
            if run_id in self.go:
                await self.go[run_id].wait()
        finally:
            self.now.remove(run_id)
        self.runs.append(run_id)


async def test_what_is_put_is_handed_out_once_however_often_it_is_asked_for(desk_of: Opens) -> None:
    desk, took = desk_of("a"), Took()
    await desk.open(took)
    await asyncio.gather(*(desk.put("run_1", "1", 2) for _ in range(5)), desk.put("run_2", "1", 2))
    await until(lambda: len(took.runs) == 2)
    await desk.put("run_1", "1", 2)
    await desk.put("run_3", "1", 2)
    await until(lambda: "run_3" in took.runs)
    assert sorted(took.runs) == ["run_1", "run_2", "run_3"]


async def test_of_one_run_one_stretch_at_a_time_is_out(desk_of: Opens) -> None:
    desk, took = desk_of("a"), Took("run_1")
    await desk.open(took)
    await desk.put("run_1", "1", 2)
    await until(lambda: took.now == ["run_1"])
    await desk.put("run_1", "2", 0)
    await desk.put("run_2", "1", 4)
    await until(lambda: took.runs == ["run_2"])
    await _over(desk, {"run_1"})
    assert await desk.held() == {"run_1"}
    took.go["run_1"].set()
    await until(lambda: took.runs == ["run_2", "run_1", "run_1"])


async def test_what_a_dead_executor_held_is_handed_to_another_and_only_that(desk_of: Opens) -> None:
    dead, dying = desk_of("dead"), Took("run_1")
    await dead.open(dying)
    await dead.put("run_1", "1", 2)
    await until(lambda: dying.now == ["run_1"])
    assert await dead.executors() == {"dead"}
    await dead.close()
    living, took = desk_of("living"), Took()
    await living.open(took)
    assert await living.give_back("nobody") == 0
    assert took.runs == []
    assert await living.give_back("dead") == 1
    await until(lambda: took.runs == ["run_1"])
    assert await living.give_back("dead") == 0
    dying.go["run_1"].set()


async def test_what_ends_with_a_fault_stays_in_the_name_of_its_executor(desk_of: Opens) -> None:
    desk = desk_of("a")
    tried: list[str] = []

    async def stumbles(run_id: str) -> None:
        tried.append(run_id)
        raise asyncio.CancelledError

    await desk.open(stumbles)
    await desk.put("run_1", "1", 2)
    await until(lambda: tried == ["run_1"])
    await asyncio.sleep(0.2)
    assert await desk.held() == {"run_1"}


async def test_books_of_what_is_over_are_forgotten(desk_of: Opens) -> None:
    desk, took = desk_of("a"), Took("run_2")
    await desk.open(took)
    await desk.put("run_1", "1", 2)
    await desk.put("run_2", "1", 2)
    await until(lambda: took.runs == ["run_1"] and took.now == ["run_2"])
    await _over(desk, {"run_2"})
    assert await desk.forget(CLOCK.now() - timedelta(hours=1)) == 0
    assert await desk.forget(CLOCK.now() + timedelta(hours=1)) == 1
    assert await desk.out() == {"run_2"}
    took.go["run_2"].set()


async def _over(desk: Desk, left: set[str]) -> None:
    """DBOS notes the end of a stretch after its take has returned."""
    while await desk.out() != left:
        await asyncio.sleep(0.01)
