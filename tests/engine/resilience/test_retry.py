"""Waiting before the next attempt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.resilience.retry import DEFAULT, Retry, backoff, pauses
from engine.workflow.definition import RetryRule

RULE = RetryRule()


def test_waits_double_up_to_the_cap() -> None:
    assert [backoff(RULE, tries, lambda: 0.0) for tries in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_the_dice_take_off_half_at_most() -> None:
    assert backoff(RULE, 3, lambda: 1.0) == 2.0


def test_never_sooner_than_the_service_asked() -> None:
    assert backoff(RULE, 1, lambda: 0.0, 30) == 30
    assert 30 < backoff(RULE, 1, lambda: 0.9, 30) < 33


def test_patience_has_an_end() -> None:
    assert backoff(RULE, 1, lambda: 0.0, 1e9) == DEFAULT.patience


def test_a_step_says_how_its_pauses_grow() -> None:
    slow = RetryRule(first=5, longest=12)
    assert [backoff(slow, tries, lambda: 0.0) for tries in (1, 2, 3, 4)] == [5, 10, 12, 12]
    even = RetryRule(backoff="fixed", first=7, longest=1)
    assert [backoff(even, tries, lambda: 0.0) for tries in (1, 2, 9)] == [7, 7, 7]


def test_without_jitter_the_dice_say_nothing() -> None:
    plain = RetryRule(jitter=False)
    assert {backoff(plain, 3, lambda dice=dice: dice) for dice in (0.0, 0.5, 0.99)} == {4.0}
    assert {backoff(plain, 3, lambda dice=dice: dice, 30) for dice in (0.0, 0.5, 0.99)} == {30.0}


@given(
    st.builds(RetryRule, backoff=st.sampled_from(["exponential", "fixed"]), first=st.floats(0.01, 3600), longest=st.floats(0.01, 86_400))
)
def test_no_rule_waits_longer_than_it_says(rule: RetryRule) -> None:
    bound = rule.first if rule.backoff == "fixed" else max(rule.first, rule.longest)
    assert all(0 < pauses(rule).delay(tries, lambda: 0.5) <= bound for tries in range(1, 80))


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
