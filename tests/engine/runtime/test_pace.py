"""The pace: limits hold, and those who come too early are told moments of their own."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.pace import Limit, Pace
from storage.tokens import OwnTokens
from tests.engine.runtime.world import NOON, ManualClock

TWO_A_MINUTE = Limit("a", 2, 60.0)
ANY = (2, 1)


def pace() -> tuple[Pace, ManualClock]:
    clock = ManualClock()
    return Pace(OwnTokens(clock), clock), clock


async def test_what_is_left_goes_at_once() -> None:
    paced, _ = pace()
    assert [await paced.wait_for([TWO_A_MINUTE], f"k{n}", ANY) for n in range(2)] == [0.0, 0.0]


async def test_those_who_are_too_early_are_told_moments_that_keep_the_limit_among_themselves() -> None:
    paced, _ = pace()
    waits = [await paced.wait_for([TWO_A_MINUTE], f"k{n}", ANY) for n in range(8)]
    assert waits[:2] == [0.0, 0.0]
    first = waits[2]
    assert 60 <= first <= 62
    assert [round(wait - first) for wait in waits[2:]] == [0, 0, 60, 60, 120, 120]


async def test_who_comes_back_at_the_promised_moment_goes_or_is_asked_to_wait_a_moment() -> None:
    paced, clock = pace()
    waits = {f"k{n}": await paced.wait_for([TWO_A_MINUTE], f"k{n}", ANY) for n in range(6)}
    for key, wait in sorted(waits.items(), key=lambda pair: pair[1]):
        if wait:
            clock.set(NOON + timedelta(seconds=wait))
            again = await paced.wait_for([TWO_A_MINUTE], key, ANY)
            assert again < 2
            clock.set(NOON + timedelta(seconds=wait + again))
            assert not again or await paced.wait_for([TWO_A_MINUTE], key, ANY) == 0.0


async def test_a_newcomer_does_not_push_in_front_of_those_who_were_put_off_unless_it_ranks_before_them() -> None:
    paced, clock = pace()
    for number in range(3):
        await paced.wait_for([TWO_A_MINUTE], f"k{number}", ANY)
    await paced.wait_for([TWO_A_MINUTE], "k3", ANY)
    await paced.wait_for([TWO_A_MINUTE], "k4", ANY)
    clock.set(NOON + timedelta(seconds=70))
    assert await paced.wait_for([TWO_A_MINUTE], "new", ANY) > 0
    assert await paced.wait_for([TWO_A_MINUTE], "urgent", (0, 1)) == 0.0


async def test_those_who_never_come_back_hold_up_nobody_for_long() -> None:
    paced, clock = pace()
    for number in range(40):
        await paced.wait_for([TWO_A_MINUTE], f"gone{number}", ANY)
    clock.set(NOON + timedelta(hours=1))
    assert await paced.wait_for([TWO_A_MINUTE], "new", ANY) == 0.0
    assert await paced.wait_for([TWO_A_MINUTE], "newer", ANY) == 0.0
    assert paced._lines == {}


@given(st.integers(1, 5), st.floats(0.5, 30), st.lists(st.floats(0, 20), min_size=1, max_size=40))
def test_whatever_comes_whenever_no_more_go_than_the_limit_says(limit: int, per: float, gaps: list[float]) -> None:
    import asyncio

    async def scene() -> None:
        paced, clock = pace()
        line, went = [(0.0, f"k{n}") for n in range(len(gaps))], list[float]()
        come = 0.0
        for number, gap in enumerate(gaps):
            come += gap
            line[number] = (come, f"k{number}")
        for _ in range(40 * len(gaps)):
            if not line:
                break
            at, key = min(line)
            line.remove((at, key))
            clock.set(NOON + timedelta(seconds=at))
            wait = await paced.wait_for([Limit("x", limit, per)], key, ANY)
            if wait:
                line.append((at + wait, key))
            else:
                went.append(at)
        assert not line, "somebody never got a turn"
        for first, after in zip(went, went[limit:], strict=False):
            assert after - first >= per - 1e-3

    asyncio.run(scene())
