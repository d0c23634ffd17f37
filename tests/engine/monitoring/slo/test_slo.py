"""Objectives: what is spent, how fast it burns, and the guards against few answers and young houses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid
from engine.monitoring.alert import Severity
from engine.monitoring.forecast.points import NotEnough
from engine.monitoring.period import Period
from engine.monitoring.slo.budget import Budget, budget
from engine.monitoring.slo.burn import RULES, Burn, burns, fastest, worst
from engine.monitoring.slo.objective import Kind, Objective, checked, of_body, to_body
from tests.engine.clock import NOON

GOAL = Objective(service="github", goal=0.99, window=timedelta(days=30))
FIVE = timedelta(minutes=5)


def history(days: float, bad: dict[int, int] | None = None, count: int = 10) -> list[Period]:
    """Buckets of five minutes up to now; ``bad``: errors by how many periods ago (1 = the last)."""
    total = int(days * 288)
    return [
        Period(at=NOON - ago * FIVE, seconds=300, count=count, errors=(bad or {}).get(ago, 0), latency=0.2) for ago in range(total, 0, -1)
    ]


def answers(days: float, bad: dict[int, int], count: int = 10, objective: Objective = GOAL) -> list[Burn]:
    found = burns(objective, history(days, bad, count), NOON)
    assert all(isinstance(one, Burn) for one in found)
    return [one for one in found if isinstance(one, Burn)]


def test_a_budget_is_what_may_be_bad_less_what_was() -> None:
    found = budget(GOAL, history(30, dict.fromkeys(range(1, 44), 10)), NOON)
    assert isinstance(found, Budget)
    assert (found.events, found.bad) == (86_400, 430)
    assert found.spent == pytest.approx(430 / 864)
    assert found.left == pytest.approx(1 - 430 / 864)
    assert "430 of 86,400 answers were bad" in found.because
    assert "49.8 % of the error budget is spent" in found.because


def test_a_young_house_does_not_lose_its_month_to_its_first_bad_minutes() -> None:
    found = budget(GOAL, history(3, {1: 10, 2: 10}), NOON)
    assert isinstance(found, Budget)
    assert (round(found.burn, 2), round(found.spent, 3)) == (0.23, 0.023)


@pytest.mark.parametrize(("days", "count"), [(0.5, 10), (30, 0)])
def test_too_little_of_the_window_is_no_budget(days: float, count: int) -> None:
    found = budget(GOAL, history(days, count=count), NOON)
    assert isinstance(found, NotEnough)
    assert "Not enough data" in found.because


def test_latency_counts_what_was_too_slow_as_well() -> None:
    slow = replace(GOAL, kind=Kind.LATENCY, limit=0.8)
    rows = [replace(one, over=5) if number < 10 else one for number, one in enumerate(history(30))]
    found = budget(slow, rows, NOON)
    assert isinstance(found, Budget)
    assert found.bad == 50


def test_the_rates_are_those_of_the_workbook_for_thirty_days_and_in_proportion_for_others() -> None:
    assert [round(rule.rate(timedelta(days=30)), 1) for rule in RULES] == [14.4, 6.0, 3.0, 1.0]
    assert [round(rule.rate(timedelta(days=7)), 2) for rule in RULES] == [3.36, 1.4, 0.7, 0.23]


@pytest.mark.parametrize(
    ("bad", "severities"),
    [
        (dict.fromkeys(range(1, 13), 2), [Severity.HIGH]),  # 20 % for an hour: 20 times
        (dict.fromkeys(range(1, 73), 1), [Severity.HIGH]),  # 10 % for six hours
        (dict.fromkeys(range(1, 289, 2), 1), [Severity.MEDIUM, Severity.LOW]),  # 5 % for a day
        (dict.fromkeys(range(1, 865, 6), 1), [Severity.LOW]),  # 1.7 % for three days
        (dict.fromkeys(range(1, 865, 20), 1), []),  # half of what is allowed
        ({1: 2}, []),  # two bad answers
    ],
)
def test_each_rule_fires_on_what_it_is_made_for(bad: dict[int, int], severities: list[Severity]) -> None:
    assert [one.rule.severity for one in answers(4, bad) if one.firing] == severities


def test_an_hour_that_was_bad_and_is_over_wakes_nobody_any_more() -> None:
    found = answers(4, dict.fromkeys(range(4, 12), 10))
    assert not found[0].firing
    assert found[0].long > found[0].rate
    assert "it is over" in found[0].because


def test_with_few_answers_single_bad_ones_fire_nothing() -> None:
    found = burns(GOAL, history(4, {1: 1}, count=1), NOON)
    assert isinstance(found[0], NotEnough)
    assert "one bad one among few says nothing" in found[0].because
    assert worst(found) is None
    assert "an alert needs 3" in answers(4, {1: 1, 2: 1}, count=2, objective=replace(GOAL, goal=0.999))[0].because


def test_the_worst_and_the_fastest_of_the_answers() -> None:
    found = answers(4, dict.fromkeys(range(1, 73), 1))
    assert worst(found) is found[1]
    assert fastest(found) == pytest.approx(10)
    assert fastest([NotEnough("")]) is None


def test_an_objective_says_itself_and_is_the_same_after_it_was_stored() -> None:
    slow = Objective(service="github", kind=Kind.LATENCY, goal=0.99, limit=0.8, account="eu", window=timedelta(days=7))
    assert str(slow) == "99 % of answers good and within 800 ms, over 7 days"
    assert (slow.id, of_body(to_body(slow))) == ("github/eu:latency", slow)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"goal": 1.0}, "leaves nothing to spend"),
        ({"goal": 0.2}, "between 50 %"),
        ({"window": timedelta(hours=1)}, "1 to 90 days"),
        ({"kind": Kind.LATENCY}, "needs a limit"),
        ({"limit": 0.5}, "has no time limit"),
        ({"goal": float("nan")}, "between 50 %"),
    ],
)
def test_an_objective_that_cannot_be_kept_is_refused_with_what_can_be_said(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(replace(GOAL, **change))
    assert said in str([problem.message for problem in refused.value.problems])


@pytest.mark.parametrize(
    "body", [{}, {"service": "x", "kind": "speed", "goal": 0.9, "window": 1e6}, {"service": "x", "kind": "availability", "goal": "a"}]
)
def test_what_was_never_stored_by_us_is_invalid(body: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        of_body(body)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=60), st.floats(0.5, 0.99999))
def test_whatever_was_counted_there_is_an_answer(counts: list[tuple[int, int]], goal: float) -> None:
    rows = [
        Period(at=NOON - (len(counts) - number) * timedelta(hours=2), seconds=7200, count=count, errors=min(bad, count))
        for number, (count, bad) in enumerate(counts)
    ]
    objective = replace(GOAL, goal=goal, window=timedelta(days=5))
    assert budget(objective, rows, NOON).because
    assert all(one.because for one in burns(objective, rows, NOON))
