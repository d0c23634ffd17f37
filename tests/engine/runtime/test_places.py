"""Places: never more than there are, and by rank for whoever waits."""

from __future__ import annotations

import asyncio
import random

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.places import Both, Places, Rank
from tests.engine.runtime.world import settle


def one(places: Places, rank: Rank) -> Both:
    return Both(places, Places(1_000), rank)


async def test_whoever_waits_is_let_in_by_rank_then_in_the_order_of_coming() -> None:
    places, served = Places(1), list[str]()

    async def visit(name: str, rank: tuple[int, int]) -> None:
        async with one(places, rank):
            served.append(name)
            await asyncio.sleep(0)

    visits = [("first", (3, 1)), ("low", (3, 1)), ("normal", (2, 1)), ("person", (2, 0)), ("urgent", (0, 1)), ("low too", (3, 1))]
    await asyncio.gather(*(visit(name, rank) for name, rank in visits))
    assert served == ["first", "urgent", "person", "normal", "low", "low too"]


async def test_one_who_leaves_the_line_keeps_no_place() -> None:
    places = Places(1)
    await places.take((2, 1))
    waiting = [asyncio.create_task(places.take((2, 1))) for _ in range(3)]
    await settle(3)
    waiting[0].cancel()
    places.give()
    await settle(3)
    assert waiting[1].done()
    places.give()
    waiting[2].cancel()  # called and gone in the same moment
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(1):
        await places.take((2, 1))


@given(st.integers(1, 5), st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=40), st.integers())
def test_never_more_are_in_than_there_are_places_and_everybody_gets_in_once(
    count: int, visitors: list[tuple[int, bool]], seed: int
) -> None:
    async def scene() -> None:
        places, dice, inside, most, served = Places(count), random.Random(seed), 0, 0, 0

        async def visit(rank: int) -> None:
            nonlocal inside, most, served
            async with one(places, (rank, 0)):
                inside += 1
                most = max(most, inside)
                try:
                    for _ in range(dice.randrange(3)):
                        await asyncio.sleep(0)
                    served += 1
                finally:
                    inside -= 1

        tasks = [(asyncio.create_task(visit(rank)), leaves) for rank, leaves in visitors]
        await asyncio.sleep(0)
        for task, leaves in tasks:
            if leaves:
                task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(*(task for task, _ in tasks), return_exceptions=True)
        assert most <= count
        assert served == sum(not task.cancelled() for task, _ in tasks)
        assert places._free == count

    asyncio.run(scene())


async def test_who_waits_for_the_second_place_and_leaves_gives_the_first_back() -> None:
    some, others = Places(1), Places(1)
    await others.take((2, 1))

    async def visit() -> None:
        async with Both(some, others, (2, 1)):
            pass

    visiting = asyncio.create_task(visit())
    await settle(3)
    assert some._free == 0
    visiting.cancel()
    await asyncio.gather(visiting, return_exceptions=True)
    assert some._free == 1
    others.give()
    assert others._free == 1
