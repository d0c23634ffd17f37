"""Grouping on simulated days: the benchmark's own figures may not fall unnoticed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.grouping import adjusted_rand, by_key, ours, scored
from benchmarks.outage_world import World

BUSY = World.drawn(13, 15, 60)
LABELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=60)


def test_a_busy_week_is_grouped_nearly_as_it_was() -> None:
    score = scored(BUSY.alerts, ours(BUSY, 0.0)[0])
    assert score["ari"] > 0.94
    assert score["misgrouped"] < 0.04


def test_a_fifth_of_the_lines_may_be_missing() -> None:
    score = scored(BUSY.alerts, ours(BUSY, 0.2)[0])
    gap = scored(BUSY.alerts, by_key(BUSY, lambda _: 0, 300, from_last=True))
    assert score["ari"] > 0.93
    assert score["ari"] > gap["ari"]
    assert score["misgrouped"] < 0.04 < gap["misgrouped"]


def test_the_index_is_one_for_the_truth_and_near_nothing_for_chance() -> None:
    truth = [number // 7 for number in range(700)]
    assert adjusted_rand(truth, [label + 3 for label in truth]) == 1.0
    assert abs(adjusted_rand(truth, [number * 37 % 100 for number in range(700)])) < 0.05
    assert abs(adjusted_rand([0, 0, 1, 1], [0, 0, 1, 2]) - 4 / 7) < 1e-12  # by hand: (1 - 1·2/6) / ((1 + 2)/2 - 1·2/6)


@given(LABELS)
def test_the_index_does_not_mind_which_is_the_truth(labels: list[tuple[int, int]]) -> None:
    one, other = [pair[0] for pair in labels], [pair[1] for pair in labels]
    assert abs(adjusted_rand(one, other) - adjusted_rand(other, one)) < 1e-12
    assert adjusted_rand(one, other) <= 1 + 1e-12
