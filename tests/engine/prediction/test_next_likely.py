"""Which workflow comes next: a suggestion with its evidence, or nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Rejected
from engine.prediction.next_likely import KEPT, Moment, NextLikely

NAMES = {"r": "Release", "t": "Tests", "n": "Notes"}


def moment(last: str = "", *, actor: str = "ana", channel: str = "ops", hour: int = 10, weekday: int = 0) -> Moment:
    return Moment(actor=actor, channel=channel, hour=hour, weekday=weekday, last=last)


def routine(times: int) -> NextLikely:
    model = NextLikely()
    for _ in range(times):
        model.ran(moment(), "n")
        model.ran(moment("n"), "t")
        model.ran(moment("t"), "r")
    return model


def test_a_routine_is_suggested_with_its_evidence() -> None:
    told = routine(8).suggest(moment("t"))
    assert told is not None
    assert told.workflow == "r"
    assert told.probability > 0.5
    assert told.because(moment("t"), NAMES) == "8 of your last 8 runs after “Tests” were of “Release”."


def test_nothing_is_suggested_below_the_bar_or_to_whom_nobody_knows() -> None:
    assert NextLikely().suggest(moment()) is None
    assert routine(1).suggest(moment("t")) is None
    mixed = NextLikely()
    for number in range(40):
        mixed.ran(moment(), f"w{number * 7 % 10}")
    assert mixed.suggest(moment()) is None
    assert len(mixed.ranked(moment())) == 3


def test_only_what_may_be_run_there_is_suggested() -> None:
    model = routine(8)
    assert model.suggest(moment("t"), among=["n", "t"]) is None
    model.forget("r")
    assert model.suggest(moment("t")) is None


def test_what_is_done_at_this_time_is_told_apart() -> None:
    model = NextLikely()
    for _ in range(12):
        model.ran(moment(hour=9), "n")
        model.ran(moment(hour=15), "r")
    assert [model.ranked(moment(hour=hour))[0][0] for hour in (9, 15)] == ["n", "r"]
    told = model.suggest(moment(hour=9))
    assert told is not None
    assert "Notes" in told.because(moment(hour=9), NAMES)


def test_times_have_names() -> None:
    assert [moment(hour=hour).part for hour in (0, 6, 11, 14, 18, 23)] == ["night", "morning", "noon", "afternoon", "evening", "evening"]
    assert moment(weekday=6, hour=3).part == "weekend night"


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(("", "r", "t")), st.integers(0, 23), st.sampled_from("rtn")), max_size=30))
def test_chances_are_chances_and_a_restart_changes_nothing(acts: list[tuple[str, str, int, str]]) -> None:
    model, restarted = NextLikely(), NextLikely()
    for actor, last, hour, workflow in acts:
        at = moment(last, actor=actor, hour=hour)
        assert model.ranked(at) == restarted.ranked(at)
        assert sum(chance for _, chance in model.ranked(at, most=99)) <= 1 + 1e-9
        if (told := model.suggest(at)) is not None:
            assert 0 < told.count <= told.of <= KEPT
            assert told.because(at, NAMES).endswith(".")
        model.ran(at, workflow)
        restarted.ran(at, workflow)
        restarted = NextLikely.restore(json.loads(json.dumps(restarted.state())))


@pytest.mark.parametrize(
    "change", [{"version": 9}, {"trust": [1.0]}, {"trust": [2.0, 0, 0, 0, 0, -1.0]}, {"contexts": []}, {"contexts": {"h": []}}]
)
def test_a_damaged_state_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="learnt anew"):
        NextLikely.restore({**routine(2).state(), **change})
