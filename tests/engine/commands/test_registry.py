"""Commands read off requests: every argument is read once at the door, and what does not fit is said in words."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands.command import Command
from engine.commands.create_workflow import CreateWorkflow
from engine.commands.edit_workflow import EditWorkflow
from engine.commands.pause_workflow import PauseWorkflow
from engine.commands.registry import buttons, commands, from_arguments, from_press
from engine.commands.run_history import RunHistory
from engine.commands.show_workflow import ShowWorkflow
from engine.errors import Invalid, Rejected, SignalboxError

CONTRACT = [
    "create_workflow",
    "edit_workflow",
    "run_workflow",
    "pause_workflow",
    "resume_workflow",
    "delete_workflow",
    "show_workflow",
    "list_workflows",
    "run_history",
    "retry_run",
    "cancel_run",
    "health_report",
    "list_alerts",
    "acknowledge_alert",
    "resolve_alert",
    "explain_alert",
    "show_impact",
    "show_dependencies",
    "workflow_analytics",
    "show_schedule",
    "help",
]


def test_the_commands_of_the_contract_that_this_version_has_are_there() -> None:
    assert set(CONTRACT) <= set(commands())


def test_every_command_says_itself_in_a_sentence() -> None:
    for command in commands().values():
        assert command.HELP.endswith("."), command.NAME
        assert not command.SLASH or command.EXAMPLE, command.NAME
        assert not command.SLASH or command.EXAMPLE.startswith(command.SLASH), command.NAME


def test_no_two_commands_share_a_name_a_slash_form_or_a_button() -> None:
    every = list(commands().values())
    for what in ("SLASH", "BUTTON"):
        said = [getattr(command, what) for command in every if getattr(command, what)]
        assert len(said) == len(set(said))
    assert len(buttons()) == sum(bool(command.BUTTON) for command in every)


def test_a_command_this_version_lacks_is_answered_honestly() -> None:
    name = "brew_coffee"
    with pytest.raises(Rejected) as caught:
        from_arguments(name, {})
    assert str(caught.value).startswith(f"I understood “{name.replace('_', ' ')}”, but this version cannot do that yet.")


def test_moments_and_spans_are_read() -> None:
    pause = from_arguments("pause_workflow", {"workflow": "a", "until": "2026-11-30T00:00:00+01:00"})
    assert isinstance(pause, PauseWorkflow)
    assert pause.until == datetime(2026, 11, 29, 23, tzinfo=UTC)
    history = from_arguments("run_history", {"window": "P7D", "workflow": None})
    assert isinstance(history, RunHistory)
    assert (history.window, history.workflow) == (timedelta(days=7), "")


def test_a_change_may_be_text_or_a_mapping() -> None:
    for change in ("later", {"when": "true"}):
        command = from_arguments("edit_workflow", {"workflow": "a", "change": change})
        assert isinstance(command, EditWorkflow)
        assert command.change == change


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("pause_workflow", {"workflow": "a", "until": "soon"}, "until: “soon” does not fit: write a moment as 2026-"),
        ("run_history", {"window": "a while"}, "no duration"),
        ("show_workflow", {"workflow": ["a", "b"]}, "one value is needed here"),
        ("create_workflow", {"workflow": "a card"}, "name=value pairs are needed here"),
        ("edit_workflow", {"workflow": "a", "change": 5.0 and ["x"]}, "name=value pairs are needed here"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(name: str, arguments: dict, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        from_arguments(name, arguments)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "example"),
    [("run_workflow", "/flow run release version=1.4"), ("name_admin", "/signalbox admin @you"), ("show_service", "/service github")],
)
def test_what_was_not_said_is_asked_for_with_an_example(name: str, example: str) -> None:
    with pytest.raises(Rejected, match="Something is missing: say which") as caught:
        from_arguments(name, {})
    assert str(caught.value).endswith(f"For example: {example}")


def test_what_a_command_does_not_know_is_left_out() -> None:
    assert from_arguments("show_workflow", {"workflow": "a", "colour": "red"}) == ShowWorkflow(workflow="a")
    assert from_arguments("create_workflow", {"workflow": {}, "places": {"#a": "slack:C1"}}) == CreateWorkflow(
        workflow={}, places={"#a": "slack:C1"}
    )


@pytest.mark.parametrize(("card", "verb"), [("prv_1", "launch"), ("", "confirm"), ("ask_1", "say"), ("nothing", ""), ("wf_1", "confirm")])
def test_a_button_of_another_version_does_nothing_and_says_so(card: str, verb: str) -> None:
    with pytest.raises(Rejected, match="belongs to another version"):
        from_press(card, verb, "", {})


@pytest.mark.parametrize("button", sorted(buttons()))
def test_every_button_becomes_its_command_with_the_cards_id(button: str) -> None:
    prefix, _, verb = button.partition(".")
    command = from_press(f"{prefix}_1", verb, "", {"definition": "name: x"})
    assert type(command) is buttons()[button]
    assert any(getattr(command, field.name) == f"{prefix}_1" for field in fields(command))
    assert re.fullmatch(r"[a-z]+\.[a-z]+", button)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = sorted({field.name for command in commands().values() for field in fields(command)})  # type: ignore[arg-type]


@given(st.sampled_from(sorted(commands())), st.dictionaries(st.sampled_from(names) | st.text(max_size=5), values, max_size=5))
def test_whatever_is_given_becomes_a_command_or_a_sentence(name: str, arguments: dict[str, Any]) -> None:
    made: Command | str
    try:
        made = from_arguments(name, arguments)
    except SignalboxError as error:
        made = str(error)
    assert made
    assert isinstance(made, str) or type(made) is commands()[name]
