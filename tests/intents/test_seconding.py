"""When the second reader is heard, and that it never acts alone."""

from __future__ import annotations

import pytest

from engine.ports import Example, Understood
from intents.opinion.view import Agreement, Guess, View
from intents.seconding import MOST_SURE, Seconder, seconded

NOTHING = Understood(command=None, confidence=0.9, arguments={})
LIST = Understood(command="list_alerts", confidence=0.9, arguments={"service": "github"})
RESOLVE = Understood(command="resolve_alert", confidence=0.95, arguments={"service": "github"})
SHARED = {"trigger": {"type": "manual"}, "steps": [{"action": "github.create_issue", "with": {}}]}


def as_(reading: Understood | None):  # type: ignore[no-untyped-def]
    return lambda command: reading


def test_where_the_grammar_has_nothing_a_sure_second_reader_is_heard() -> None:
    understood, _ = seconded(NOTHING, View("list_alerts", 0.95), as_(LIST))
    assert (understood.command, understood.source) == ("list_alerts", "model")
    assert understood.confidence <= MOST_SURE


@pytest.mark.parametrize("chance", [0.5, 0.8, 0.89])
def test_one_that_is_not_sure_is_not_heard(chance: float) -> None:
    assert seconded(NOTHING, View("list_alerts", chance), as_(LIST))[0] is NOTHING


def test_against_a_reading_of_the_grammar_it_must_be_surer_still() -> None:
    runs = Understood(command="run_history", confidence=0.9, arguments={})
    assert seconded(runs, View("list_alerts", 0.95), as_(LIST))[0] is runs
    assert seconded(runs, View("list_alerts", 0.98), as_(LIST))[0].command == "list_alerts"


def test_what_it_never_learnt_is_the_grammars_alone() -> None:
    taught = Understood(command="teach_phrase", confidence=0.95, arguments={})
    assert seconded(taught, View("list_alerts", 0.99), as_(LIST))[0] is taught


def test_a_change_that_would_be_done_at_once_is_asked_about() -> None:
    understood, _ = seconded(NOTHING, View("resolve_alert", 0.99), as_(RESOLVE))
    assert understood.question == "Did you mean: resolve alert, github?"
    assert understood.options == (("Yes", "/resolve github"),)


def test_a_workflow_that_shares_nothing_with_what_it_saw_is_not_offered() -> None:
    made = Understood(command="create_workflow", confidence=0.9, arguments={"workflow": SHARED})
    view = View("create_workflow", 0.99, Guess("manual", 0.9), (Guess("gitlab.close_issue", 0.9),))
    assert seconded(NOTHING, view, as_(made))[0] is NOTHING


def test_both_reading_the_same_is_said() -> None:
    assert seconded(LIST, View("list_alerts", 0.9), as_(None)) == (LIST, Agreement.SAME)


def test_requests_that_were_confirmed_here_are_leant_on() -> None:
    one = Example("kick the tyres of the barn door", "create_workflow", "manual", ("github.create_issue",))
    view = Seconder().view("kick the tyres of the barn door", [one])
    assert (view.command, view.actions[0].name) == ("create_workflow", "github.create_issue")
