"""A rate limit holds in every stretch of time, whatever the asking looks like, and lets through nearly all it may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.allowance import BOXES, Used, take
from storage.memory import MemoryStore
from tests.storage.values import StoppedClock


def granted_at(pauses: list[float], limit: int, per: float, wanted: int = 1) -> list[float]:
    """The moments of all uses granted to somebody who asks after each pause."""
    now, used, moments = 1000.0, (), []
    for pause in pauses:
        now += pause
        taken = take(used, now, limit, per, wanted)
        used = taken.used
        moments += [now] * taken.granted
    return moments


@given(
    pauses=st.lists(st.floats(0, 3), max_size=200),
    limit=st.integers(0, 7),
    per=st.sampled_from([0.5, 1.0, 2.0, 3600.0]),
    wanted=st.integers(1, 5),
)
def test_no_stretch_of_time_holds_more_than_the_limit(pauses: list[float], limit: int, per: float, wanted: int) -> None:
    moments = granted_at(pauses, limit, per, wanted)
    assert all(later - earlier >= per for earlier, later in zip(moments, moments[limit:], strict=False))


@given(limit=st.integers(1, 50), per=st.sampled_from([0.5, 2.0, 60.0]), start=st.floats(0, 100))
def test_who_asks_again_when_told_to_gets_it_and_nearly_as_often_as_allowed(limit: int, per: float, start: float) -> None:
    now, used, granted = start, (), 0
    while granted < 5 * limit:
        taken = take(used, now, limit, per)
        used = taken.used
        granted += taken.granted
        if not taken.granted:
            assert 0 < taken.wait <= per * (1 + 1 / BOXES) + 1e-6
            now += taken.wait
            assert take(used, now + 1e-9, limit, per).granted == 1
            now += 1e-9
    assert now - start <= 4 * per * (1 + 1 / BOXES) + 1e-3


def test_what_is_remembered_stays_small() -> None:
    used: Used = ()
    for n in range(20_000):
        used = take(used, n * 0.01, 1_000_000, 60.0).used
    assert len(used) <= BOXES + 2


def test_a_clock_set_back_lets_nobody_exceed_the_limit_and_nobody_wait_for_ever() -> None:
    used = take((), 10_000.0, 2, 10.0, 2).used
    taken = take(used, 5_000.0, 2, 10.0)
    assert taken.granted == 0
    assert taken.wait <= 10.2
    assert take(taken.used, 5_000.0 + taken.wait, 2, 10.0).granted == 1


def test_a_limit_of_nothing_grants_nothing() -> None:
    assert (take((), 5.0, 0, 2.0).granted, take((), 5.0, 0, 2.0).wait) == (0, 2.0)


async def test_tokens_are_counted_by_name() -> None:
    tokens = MemoryStore(StoppedClock()).tokens
    assert [await tokens.take("github", 2, 60.0) for _ in range(2)] == [0.0, 0.0]
    assert await tokens.take("github", 2, 60.0) == pytest.approx(60.0, rel=0.02)
    assert await tokens.take("trello", 2, 60.0) == 0.0
