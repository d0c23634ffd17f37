"""Waiting before the next attempt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.resilience.retry import DEFAULT, Retry, backoff


def test_waits_double_up_to_the_cap() -> None:
    assert [backoff(tries, lambda: 0.0) for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_dice_take_off_half_at_most() -> None:
    assert backoff(3, lambda: 1.0) == 2.0


def test_never_sooner_than_the_service_asked() -> None:
    assert backoff(1, lambda: 0.0, 30) == 30
    assert 30 < backoff(1, lambda: 0.9, 30) < 33


def test_patience_has_an_end() -> None:
    assert backoff(1, lambda: 0.0, 1e9) == DEFAULT.patience


@given(
    st.integers(-5, 10_000),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.floats(-10, 1e12),
    st.builds(Retry, base=st.floats(0.01, 10), factor=st.floats(1, 10), cap=st.floats(1, 600), jitter=st.floats(0, 1)),
)
def test_every_wait_is_bounded_and_honours_the_service(tries: int, roll: float, asked: float | None, policy: Retry) -> None:
    wait = policy.delay(tries, lambda: roll, asked)
    assert 0 <= wait <= max(policy.cap, policy.patience * 1.1)
    if asked is not None and 0 < asked <= policy.patience:
        assert wait >= asked
