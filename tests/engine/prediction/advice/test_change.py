"""A change as a plain value: it goes where its step is, keeps every other order, and refuses what is not there."""

from __future__ import annotations

import pytest

from engine.errors import Rejected
from engine.prediction.advice.change import Change, changed
from engine.workflow.definition import ForEach
from engine.workflow.order import resolved_needs
from tests.engine.prediction.advice.pasts import WRITE, flow

A, B, C = ({"id": id, "action": WRITE} for id in "abc")


def test_it_survives_being_kept() -> None:
    one = Change(what="needs", step="a", value={"b": []})
    assert Change.read(one.to_json()) == one
    assert Change.read({"what": "batch"}) is None
    assert Change.read(None) is None


def test_a_step_within_a_loop_is_reached() -> None:
    loop = {"id": "all", "foreach": {"items": "[1, 2]", "steps": [{"id": "inner", "action": WRITE, "with": {"title": "x"}}]}}
    does = changed(flow(loop), Change(what="retries", step="inner", value=3)).steps[0].does
    assert isinstance(does, ForEach)
    assert does.steps[0].retries == 3


def test_what_waited_for_a_step_that_goes_waits_for_what_that_had_waited_for() -> None:
    made = changed(flow(A, B, C), Change(what="drop", step="b"))
    assert [step.id for step in made.steps] == ["a", "c"]
    assert list(resolved_needs(made.steps)) == [(), ("a",)]


def test_steps_beside_each_other_do_not_come_to_wait_when_one_goes() -> None:
    made = changed(flow(A, {**B, "needs": []}, {**C, "needs": ["a", "b"]}), Change(what="drop", step="a"))
    assert list(resolved_needs(made.steps)) == [(), ("b",)]


@pytest.mark.parametrize("change", [Change(what="retries", step="gone", value=1), Change(what="drop", step="gone")])
def test_a_step_that_is_not_there_any_more_is_refused(change: Change) -> None:
    with pytest.raises(Rejected, match="no step “gone” any more"):
        changed(flow(A, B), change)


def test_the_only_step_stays() -> None:
    with pytest.raises(Rejected, match="the only step"):
        changed(flow(A), Change(what="drop", step="a"))
