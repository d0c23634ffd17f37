"""All that is learnt of runs: foretold as one begins, learnt from as it ends, saved and read again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.errors import Rejected
from engine.prediction.learnt import Learnt
from engine.prediction.risk import PastRun
from engine.prediction.success.circumstances import ServiceNow
from engine.workflow.parse import parse_definition

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
FLOW = parse_definition(
    {"name": "x", "trigger": {"type": "manual"}, "steps": [{"action": "jira.create_issue"}, {"action": "chat.post_message"}]}
)
DOWN = (ServiceNow(service="jira", status="offline", alerts=1), ServiceNow(service="trello", status="offline"))


def worked(runs: int) -> Learnt:
    learnt = Learnt()
    for number in range(runs):
        at = AT + timedelta(hours=number)
        learnt.began(f"r{number}", "a", FLOW, at)
        learnt.heard("jira", "create_issue", True, at, 2.0)
        learnt.heard("chat", "post_message", True, at, 1.0)
        learnt.ended(f"r{number}", "a", True, 3.0)
    return learnt


def test_of_a_workflow_nobody_has_run_nothing_is_claimed() -> None:
    told = Learnt().foresee("a", FLOW, AT)
    assert told.words == ("There is not enough data (0 of 5 finished runs).", "How long it takes, nobody knows yet.")


def test_what_is_foretold_is_chance_duration_and_risks_in_words() -> None:
    learnt = worked(20)
    past = [PastRun(AT + timedelta(hours=number), True) for number in range(20)]
    told = learnt.foresee("a", FLOW, AT + timedelta(hours=20), services=DOWN, runs=past)
    assert told.words[0].startswith("It succeeds with ")
    assert "20 runs" in told.words[0]
    assert (
        told.words[1] == "It takes usually 3.0 seconds, nine in ten within 3.7 seconds (20 runs)." or "usually 3.0 seconds" in told.words[1]
    )
    assert told.words[2:] == ("jira is offline.",)
    assert told.chance.probability < learnt.foresee("a", FLOW, AT + timedelta(hours=20)).chance.probability


def test_what_is_said_at_a_beginning_can_be_recorded_and_is_what_was_foreseen() -> None:
    learnt = worked(8)
    at = AT + timedelta(days=1)
    seen, told = learnt.foresee("a", FLOW, at, services=DOWN), learnt.began("r", "a", FLOW, at, services=DOWN)
    assert (told.run, told.workflow, told.at, told.succeeded) == ("r", "a", at, None)
    assert (told.probability, told.low, told.high, told.samples) == (seen.chance.probability, seen.chance.low, seen.chance.high, 8)
    assert seen.duration is not None
    assert (told.median, told.long) == (seen.duration.median, seen.duration.long)


def test_a_workflow_that_has_not_run_is_timed_by_its_steps() -> None:
    assert "by its steps" in worked(5).foresee("new", FLOW, AT).words[1]


def test_how_long_a_failed_run_took_says_nothing() -> None:
    learnt = worked(6)
    learnt.ended("r", "a", False, 500.0)
    assert len(learnt.durations["a"].logs) == 6


def test_it_is_the_same_after_a_restart() -> None:
    learnt = worked(12)
    learnt.began("open", "a", FLOW, AT + timedelta(days=2))
    house, flows = json.dumps(learnt.house_state()), json.dumps({name: learnt.state(name) for name in learnt.workflows})
    again = Learnt.restore(json.loads(house), json.loads(flows))
    for one in (learnt, again):
        one.ended("open", "a", False)
    later = AT + timedelta(days=3)
    assert again.foresee("a", FLOW, later) == learnt.foresee("a", FLOW, later)
    assert again.foresee("new", FLOW, later) == learnt.foresee("new", FLOW, later)
    learnt.forgotten("none", "a")
    learnt.remove("a")
    assert learnt.workflows == ()


@pytest.mark.parametrize("house", [{}, {"success": {}, "timings": {}}, {"timings": {"actions": {"a b": [1.0]}}}])
def test_a_damaged_house_is_refused(house: dict[str, Any]) -> None:
    good = worked(1).house_state()
    with pytest.raises(Rejected, match="learnt anew"):
        Learnt.restore({**good, **house} if house else {}, {})
