"""Budgets of extra calls, and how long reads are waited for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.monitoring.sample import Outcome
from engine.resilience.budget import Budget
from engine.resilience.hedging import PATIENCE
from engine.resilience.standing import NEW


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
