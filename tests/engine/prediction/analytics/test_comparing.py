"""Comparisons are held to worked examples, and to how often they cry wolf."""

from __future__ import annotations

from random import Random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.prediction.analytics.comparing import chance, chance_within, difference, each_once, gap_within, quantile, wilson

shares = st.integers(0, 50).flatmap(lambda good: st.tuples(st.just(good), st.integers(max(1, good), 100)))


def test_the_difference_of_shares_is_newcombes_own_example() -> None:
    low, high = difference((56, 70), (48, 80))  # his table II, case (a), method 10: 0.0524 to 0.3339
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    low, high = difference((10, 10), (0, 20))  # case (g): 0.6791 to 1
    assert (round(low, 4), round(high, 4)) == (0.6791, 1.0)


def test_the_score_interval_is_wilsons() -> None:
    low, high = wilson(81, 263, 1.959964)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0, 1.96) == (0.0, 1.0)


def test_ranks_are_compared_as_worked_by_hand() -> None:
    # U = 0 of 25, mean 12.5, variance 25 · 11 / 12: z = 12 / 4.787.
    assert chance(each_once([1, 2, 3, 4, 5]), each_once([6, 7, 8, 9, 10])) == pytest.approx(0.01219, abs=1e-5)
    assert chance([(1.0, 5)], [(1.0, 9)]) == 1.0  # all alike
    assert chance([], each_once([1.0])) == 1.0


def test_counted_values_are_those_values_one_by_one() -> None:
    once = [1.0, 1.0, 2.0, 3.0, 3.0, 3.0]
    assert chance([(1.0, 2), (2.0, 1), (3.0, 3)], each_once([2, 4, 4, 5])) == chance(each_once(once), each_once([2, 4, 4, 5]))
    assert quantile([(3.0, 3), (1.0, 2), (2.0, 1)], 0.5) == 2.0  # place ⌊0.5 · 5⌋ of six in order
    assert quantile([], 0.5) is None


def test_ways_of_comparing_are_symmetric() -> None:
    now, before = each_once([1, 5, 2, 8, 4, 4]), each_once([3, 9, 7, 7, 6])
    assert chance(now, before) == pytest.approx(chance(before, now))
    assert chance_within([(now, before)]) == pytest.approx(chance_within([(before, now)]))
    assert gap_within([(9, 10, 5, 10)])[0] == pytest.approx(-gap_within([(5, 10, 9, 10)])[0])


@given(shares, shares)
def test_a_difference_lies_within_its_bounds(now: tuple[int, int], before: tuple[int, int]) -> None:
    low, high = difference(now, before)
    assert -1 - 1e-9 <= low <= now[0] / now[1] - before[0] / before[1] + 1e-9 <= high + 2e-9 <= 1 + 3e-9


def test_a_change_of_the_mixture_is_no_change() -> None:
    """Simpson's paradox: the slow workflow, which fails more, ran less often; each does as it did."""
    fast, slow = [1.0, 1.1, 0.9, 1.2, 0.8], [10.0, 11.0, 9.0, 12.0, 8.0]
    now, before = (each_once(fast * 8), each_once(slow * 2)), (each_once(fast * 2), each_once(slow * 8))
    assert chance(each_once(fast * 8 + slow * 2), each_once(fast * 2 + slow * 8)) < 0.001
    assert chance_within([(now[0], before[0]), (now[1], before[1])]) > 0.9
    gap, likely = gap_within([(40, 40, 10, 10), (5, 10, 20, 40)])
    assert (gap, likely) == (0.0, pytest.approx(1.0))


def test_nothing_to_tell_apart_is_told_as_such() -> None:
    assert gap_within([]) == (0.0, 1.0)
    assert gap_within([(5, 5, 0, 0)]) == (0.0, 1.0)
    assert gap_within([(5, 5, 7, 7)]) == (0.0, 1.0)
    assert chance_within([]) == 1.0


def test_where_nothing_changed_a_change_is_cried_about_as_rarely_as_promised() -> None:
    """500 pairs of times in which nothing changed (seed 7), durations as of a service with a long tail."""
    dice = Random(7)
    ranks = shares_cried = 0
    for _ in range(500):
        now, before = ([round(dice.lognormvariate(0, 1), 2) for _ in range(dice.randrange(8, 30))] for _ in range(2))
        ranks += chance(each_once(now), each_once(before)) < 0.05
        n, m = dice.randrange(8, 60), dice.randrange(8, 60)
        low, high = difference((sum(dice.random() < 0.9 for _ in range(n)), n), (sum(dice.random() < 0.9 for _ in range(m)), m))
        shares_cried += not low <= 0 <= high
    assert ranks / 500 <= 0.07
    assert shares_cried / 500 <= 0.07


def test_several_compared_one_by_one_cry_no_more_often() -> None:
    """200 pairs of times of four unlike workflows that ran in any mixture, in which nothing changed (seed 13)."""
    dice = Random(13)
    slower = worse = 0
    for _ in range(200):
        lengths, counts = [], []
        for typical in (0, 1, 2, 3):
            now, before = ([dice.lognormvariate(typical, 0.7) for _ in range(dice.randrange(3, 25))] for _ in range(2))
            lengths.append((each_once(now), each_once(before)))
            good, good_before = (sum(dice.random() < 0.6 + typical / 10 for _ in side) for side in (now, before))
            counts.append((good, len(now), good_before, len(before)))
        slower += chance_within(lengths) < 0.05
        worse += gap_within(counts)[1] < 0.05
    assert slower / 200 <= 0.08
    assert worse / 200 <= 0.08


def test_what_did_change_is_seen() -> None:
    """Half as long again in 40 runs of either side (seed 11): seen in most of 200 pairs."""
    dice = Random(11)
    seen = 0
    for _ in range(200):
        before = [dice.lognormvariate(0, 0.5) for _ in range(40)]
        now = [1.5 * dice.lognormvariate(0, 0.5) for _ in range(40)]
        seen += chance(each_once(now), each_once(before)) < 0.05 and median(now) > median(before)
    assert seen / 200 >= 0.85
