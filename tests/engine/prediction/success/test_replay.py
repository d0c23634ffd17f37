"""A history foretold row by row: nothing is known before its time, in whatever order the rows stand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.prediction.success.replay import PastRun, foretold, out_of_order

HISTORIES = st.lists(
    st.builds(PastRun, st.sampled_from("ab"), st.integers(0, 200).map(float), st.sampled_from((True, False, None))), max_size=20
)


@settings(max_examples=60, deadline=None)
@given(HISTORIES, st.integers(0, 19), st.sampled_from((0.0, 7.0, 60.0)))
def test_an_outcome_changes_nothing_that_begins_before_it_is_known(runs: list[PastRun], place: int, delay: float) -> None:
    if place >= len(runs):
        return
    one = runs[place]
    other = [*runs[:place], PastRun(one.workflow, one.at, not one.succeeded), *runs[place + 1 :]]
    for run, before, after in zip(runs, foretold(runs, delay), foretold(other, delay), strict=True):
        if run.at < one.at + delay or run.at == one.at:
            assert before == after


@settings(max_examples=40, deadline=None)
@given(HISTORIES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference_but_among_those_of_one_moment(runs: list[PastRun], dice: object) -> None:
    runs = list({run.at: run for run in runs}.values())
    mixed = list(runs)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    told = dict(zip((run.at for run in mixed), foretold(mixed, 30.0), strict=True))
    assert [told[run.at] for run in runs] == foretold(runs, 30.0)


def test_samples_are_the_runs_of_that_workflow_whose_end_is_known() -> None:
    runs = [PastRun("a", 0.0, True), PastRun("b", 5.0, True), PastRun("a", 10.0, None), PastRun("a", 20.0, True), PastRun("a", 40.0, True)]
    assert [chance.samples for chance in foretold(runs, 10.0)] == [0, 0, 1, 1, 2]
    assert [chance.samples for chance in foretold(runs, 1000.0)] == [0, 0, 0, 0, 0]


def test_runs_that_begin_at_once_know_nothing_of_each_other() -> None:
    runs = [PastRun("a", 0.0, True)] * 3
    assert [chance.samples for chance in foretold(runs, 0.0)] == [0, 0, 0]


def test_rows_that_stand_below_a_later_one_are_counted() -> None:
    assert out_of_order([PastRun("a", at, True) for at in (0.0, 5.0, 5.0, 3.0, 9.0, 1.0)]) == 2
    assert out_of_order([]) == 0
