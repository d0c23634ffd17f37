"""What follows a call that failed; budgets; how long reads are waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.sample import Outcome
from engine.resilience.budget import Budget
from engine.resilience.hedging import PATIENCE
from engine.resilience.moves import Then, Trouble, after
from engine.resilience.standing import NEW


def half() -> float:
    return 0.5


def test_what_surely_was_not_done_goes_another_way_at_once() -> None:
    assert after(Trouble(others=1), half).then is Then.ELSEWHERE


def test_without_another_way_it_is_tried_again_when_a_call_is_not_useless() -> None:
    move = after(Trouble(useless_for=20.0), half)
    assert (move.then, move.pause) == (Then.AGAIN, 20.0)


def test_pauses_have_full_jitter_and_keep_to_what_was_asked() -> None:
    assert after(Trouble(tries=2), lambda: 0.999).pause < 0.01
    assert after(Trouble(tries=2), lambda: 0.0).pause == pytest.approx(1.2)
    assert after(Trouble(asked_for=30.0), half).pause >= 30


def test_a_write_that_may_have_been_done_is_looked_at_before_anything_else() -> None:
    move = after(Trouble(doubtful=True, looks=True, others=5), half)
    assert (move.then, move.pause) == (Then.LOOK, 0.0)


def test_a_write_that_may_have_been_done_never_goes_another_way() -> None:
    assert after(Trouble(doubtful=True, repeatable=True, others=5), half).then is Then.AGAIN
    assert after(Trouble(doubtful=True, others=5), half).then is Then.ASK
    assert after(Trouble(doubtful=True, repeatable=True, others=5, tries=4), half).then is Then.END


def test_looks_in_vain_end_with_a_human_unless_the_run_may_wait() -> None:
    vain = Trouble(doubtful=True, looks=True, looked=20)
    assert after(vain, half).then is Then.ASK
    assert after(replace(vain, may_wait=1800.0), half).then is Then.LOOK


def test_a_read_that_was_not_answered_is_as_good_as_not_done() -> None:
    assert after(Trouble(doubtful=True, reads=True, others=1), half).then is Then.ELSEWHERE


def test_a_run_that_may_wait_is_parked_where_a_call_is_useless_or_all_were_made() -> None:
    assert after(Trouble(useless_for=20.0, may_wait=1800.0), half) == replace(
        after(Trouble(tries=9, useless_for=20.0, may_wait=1800.0), half), pause=20.0
    )
    assert after(Trouble(tries=9, may_wait=1800.0, parked=1799.5), half).pause == 0.5
    assert after(Trouble(tries=9, may_wait=1800.0, parked=1800.0), half).then is Then.END


def test_without_a_token_nothing_is_repeated() -> None:
    assert after(Trouble(spare=False), half).then is Then.END


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.floats(0, 120),
    st.floats(0, 60),
    st.floats(0, 0.999),
)
def test_when_everything_fails_the_number_of_calls_is_bounded(
    ways: int, most: int, reads: bool, doubtful: bool, looks: bool, may_wait: float, useless: float, dice: float
) -> None:
    trouble = Trouble(reads=reads, doubtful=doubtful, looks=looks, most=most, may_wait=may_wait, useless_for=useless, others=ways - 1)
    calls = 1
    for _ in range(1000):
        move = after(trouble, lambda: dice)
        if move.then in (Then.ASK, Then.END):
            break
        if move.then is Then.LOOK:
            trouble = replace(
                trouble, looked=trouble.looked + 1, parked=trouble.parked + (move.pause if trouble.looked >= trouble.most_looks else 0)
            )
            continue
        calls += 1
        if move.then is Then.PARK:
            trouble = replace(trouble, parked=trouble.parked + move.pause, tries=1)
        else:
            others = max(0, trouble.others - 1) if move.then is Then.ELSEWHERE else trouble.others
            trouble = replace(trouble, tries=trouble.tries + 1, others=others)
    assert move.then in (Then.ASK, Then.END)
    assert calls <= (most + ways) * (may_wait + 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(-100, 100)), max_size=200))
def test_a_budget_is_never_exceeded_whatever_the_clock_does(steps: list[tuple[bool, float]]) -> None:
    budget, at, ordinary, extra, passed = Budget(), 1000.0, 0, 0, 0.0
    for wants, gap in steps:
        at += gap
        passed += max(gap, 0.0)
        if not wants:
            budget, ordinary = budget.earned(at), ordinary + 1
        elif (spent := budget.spend(at)) is not None:
            budget, extra = spent, extra + 1
        assert 0 <= budget.tokens <= budget.most
    assert extra <= 10 + 0.2 * ordinary + passed / 10 + 1e-6


def test_an_empty_budget_says_when_it_has_one_again() -> None:
    empty = replace(Budget(), tokens=0.0, at=100.0)
    assert empty.spend(100.0) is None
    assert empty.free_in(100.0) == 10
    assert empty.spend(110.0) is not None


def test_how_long_a_read_is_waited_for_is_learnt_and_never_longer_than_its_step_says() -> None:
    assert (PATIENCE.timeout(NEW, "do", 30), PATIENCE.hedge_after(NEW, "do")) == (30, None)
    known = NEW
    for number in range(20):
        known = known.observe(Outcome.OK, 0.8 + 0.05 * (number % 5), 1000.0 + number, operation="do")
    hedge = PATIENCE.hedge_after(known, "do")
    assert hedge is not None
    assert 0.9 < hedge < PATIENCE.timeout(known, "do", 30) < 5
    assert PATIENCE.timeout(known, "do", 0.5) == 0.5
