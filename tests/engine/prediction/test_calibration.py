"""Whether what was foretold came true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.prediction.calibration import Calibration
from engine.prediction.foretold import Foretold

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


def of(pairs: list[tuple[float, bool]]) -> Calibration:
    found = Calibration()
    for probability, succeeded in pairs:
        found = found.with_pair(probability, succeeded)
    return found


def shared_out(count: int, truth: float, said: float) -> list[tuple[float, bool]]:
    return [(said, place < truth * count) for place in range(count)]


def test_few_pairs_claim_nothing() -> None:
    assert of([(0.9, True)] * 29).words == ("Not enough data: 29 of 30 foretold runs are over.",)
    empty = Calibration()
    assert (empty.brier, empty.error, empty.skill, empty.log_loss, empty.bins) == (None, None, None, None, ())


def test_the_figures_are_those_of_the_textbook() -> None:
    found = of([(0.8, True), (0.8, False), (0.2, False), (0.4, True)])
    assert found.brier == pytest.approx((0.04 + 0.64 + 0.04 + 0.36) / 4)
    assert found.error == pytest.approx((abs(1.6 - 1) + 0.2 + 0.6) / 4)
    assert found.skill == pytest.approx(1 - 0.27 / 0.25)
    assert [(one.low, one.count, one.came) for one in found.bins] == [(0.2, 1, 0.0), (0.4, 1, 1.0), (0.8, 2, 0.5)]


def test_what_is_right_is_said_to_hold_and_what_is_off_says_which_way() -> None:
    good = of(shared_out(400, 0.8, 0.8))
    assert good.words[0].startswith("The probabilities hold. Over 400 runs")
    assert any(line.startswith("Foretold 80% to 90%: 80% said, ") and line.endswith("(400 runs)") for line in good.words)
    assert of(shared_out(400, 0.5, 0.9)).words[0].startswith("The probabilities are off: where 90% is said it is too high.")
    assert of(shared_out(400, 0.9, 0.45)).words[0].startswith("The probabilities are off: where 45% is said it is too low.")


def test_certainty_that_fails_costs_much_but_not_everything() -> None:
    assert 10 < (of([(1.0, False)]).log_loss or 0) < 20


@given(PAIRS, PAIRS)
def test_two_are_added_to_what_both_together_would_be(first: list[tuple[float, bool]], second: list[tuple[float, bool]]) -> None:
    summed, together = of(first) + of(second), of([*first, *second])
    assert (summed.counts, summed.came, summed.count) == (together.counts, together.came, len(first) + len(second))
    assert summed.squares == pytest.approx(together.squares)
    assert summed.logs == pytest.approx(together.logs)


@given(PAIRS)
def test_a_saved_one_is_read_again(pairs: list[tuple[float, bool]]) -> None:
    found = of(pairs)
    assert Calibration.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert all(line for line in found.words)


@pytest.mark.parametrize(
    "change",
    [{"counts": [1] * 9}, {"came": [9] * 10}, {"said": "x"}, {"squares": -1}, {"inside": 3}, {"logs": float("nan")}, {"counts": None}],
)
def test_a_damaged_one_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="counted anew"):
        Calibration.from_json({**of([(0.5, True)]).to_json(), **change})


def test_what_is_no_probability_is_refused() -> None:
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="no probability"):
            Calibration().with_pair(value, True)


def test_it_is_counted_from_what_was_recorded_and_open_runs_are_left_out() -> None:
    one = Foretold(run="r", workflow="a", at=AT, probability=0.9, low=0.7, high=0.97, samples=9, median=5.0, long=20.0)
    over = replace(one, succeeded=True, ended_at=AT + timedelta(seconds=12))
    late = replace(one, succeeded=True, ended_at=AT + timedelta(seconds=21))
    failed = replace(one, succeeded=False, ended_at=AT + timedelta(seconds=1))
    found = Calibration.of([one, *[over] * 20, *[late] * 10, *[failed] * 5])
    assert (found.count, found.timed, found.inside) == (35, 30, 20)
    assert found.words[-1] == "67% of 30 runs took no longer than was foretold for nine in ten."
