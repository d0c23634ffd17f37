from __future__ import annotations

import math

import pytest

from engine.graph.discovery.chance import at_least, believed, interval, mostly


@pytest.mark.parametrize("mean", [0.01, 0.7, 3.0, 40.0])
@pytest.mark.parametrize("count", [1, 2, 5, 30, 60])
def test_a_tail_and_what_comes_before_it_are_everything(count: int, mean: float) -> None:
    before = math.fsum(math.exp(number * math.log(mean) - mean - math.lgamma(number + 1)) for number in range(count))
    assert at_least(count, mean) == pytest.approx(1 - before, abs=1e-12)


def test_a_small_tail_keeps_its_digits() -> None:
    assert at_least(10, 0.01) == pytest.approx(1e-20 / math.factorial(10) * math.exp(-0.01), rel=0.01)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39), (100, 81.36, 121.6)])
def test_intervals_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    """Two-sided 95 % limits of a Poisson mean (Garwood 1936)."""
    assert list(interval(count)) == pytest.approx([low, high], rel=2e-3, abs=1e-9)


def test_of_many_tests_only_those_that_stand_out_are_believed() -> None:
    assert believed([0.001, 0.008, 0.039, 0.041, 0.6], 5, 0.05) == 0.008
    assert believed([0.2, 0.3], 100, 0.05) == 0.0
    assert believed([], 0, 0.05) == 0.0


def test_how_sure_it_is_that_something_comes_more_often_than_not() -> None:
    assert mostly(1, 2) == pytest.approx(0.5)
    assert mostly(3, 3) == pytest.approx(15 / 16)
    assert mostly(9, 16) == pytest.approx(0.685, abs=0.001)
    assert mostly(900, 1_000) == 1.0
