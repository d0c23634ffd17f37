"""Every answer draws to a card within the limits, whatever words people and services put into it."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.cards import answer, wire
from bot.cards.approval import approval_card
from bot.cards.card import Bold, Button, Card, Code, CodeBlock, Fields, Picture, Steps, Table, Text, User
from bot.cards.doubt import doubt_card
from bot.cards.draw import DRAWINGS
from bot.cards.impact import impact
from bot.cards.map import dependencies
from bot.cards.words import headline, lasted
from engine.commands import command
from engine.commands.approvers import approvers
from engine.commands.approving import Vote, Wanted
from engine.commands.command import Asked, Done, Starter
from engine.commands.map_shown import DependenciesShown
from engine.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Rejected, SignalboxError, Transient, Unanswered
from engine.workflow.run import RunRecord, RunState, StepState, StepView
from tests.bot.cards.any_card import png, words
from tests.bot.cards.any_result import BY_TYPE, approves, results, run_steps, runs, starters, steps

ARG = re.compile(r"[A-Za-z0-9_.-]{0,40}")
HOSTILE = "<!channel> *x* @everyone <@U1> [a](b)"


def draw(result: Any, dialogue: str = "ask_1") -> Card:
    if isinstance(result, command.ImpactShown):
        return impact(result, png(), "in words")
    if isinstance(result, DependenciesShown):
        return dependencies(result, png(), "in words")
    return answer.asked(result, dialogue) if isinstance(result, Asked) else DRAWINGS[type(result)](result)


def check(card: Card) -> None:
    assert any(char.isprintable() and not char.isspace() for char in card.title)
    assert "\n" not in card.title
    assert "\n" not in card.summary
    assert len(card.id) <= 60
    assert card.version >= 0
    assert card.id or not card.actions, "a button without a card presses nothing"
    assert len({(button.verb, button.arg) for button in card.actions}) == len(card.actions)
    for button in card.actions:
        check_button(button)
    for part in card.body:
        if isinstance(part, Table):
            assert {len(row) for row in part.rows} <= {len(part.columns)}
        if isinstance(part, Picture):
            assert part.alt


def check_button(button: Button) -> None:
    assert re.fullmatch(r"[a-z]+", button.verb)
    assert ARG.fullmatch(button.arg)
    assert button.label.strip()
    if button.form is not None:
        assert button.form.title.strip()
        assert button.form.submit.strip()


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(results)
@example(Done(text=""))
@example(Done(text="\n\x00\n"))
@example(Asked(question="", options=(("", ""), ("a" * 400, ""))))
def test_every_answer_draws_to_a_card_within_the_limits(result: Any) -> None:
    card = draw(result)
    check(card)
    written = wire.to_json(card)
    assert wire.to_json(wire.from_json(written)) == written


def test_there_is_a_drawing_for_every_kind_of_answer() -> None:
    kinds = set(typing.get_args(command.Result))
    assert set(DRAWINGS) | {command.ImpactShown, DependenciesShown} == kinds
    assert set(BY_TYPE) == kinds, "the property test draws all of them"


@given(runs, run_steps)
def test_a_doubt_draws_whatever_its_run_is_called(run: RunRecord, step: StepView) -> None:
    check(doubt_card("dbt_1_0", run, step))


votes = st.lists(st.builds(Vote, words, words, st.booleans(), words, st.just(datetime(2026, 3, 4, 12, tzinfo=UTC))), max_size=3).map(tuple)


@given(
    st.builds(
        Wanted,
        run=runs,
        step=run_steps,
        text=words,
        rule=approves,
        votes=votes,
        requester=starters,
        next=st.lists(steps, max_size=5).map(tuple),
        reminded=st.integers(0, 3),
        key=words,
    ),
    st.sampled_from(({}, {"@ops": "slack:S0000OPS"}, {"@ops": "discord:&5"})),
)
def test_an_approval_draws_whatever_it_asks(ask: Wanted, places: dict[str, str]) -> None:
    check(approval_card("apr_1", replace(ask, asked=approvers(ask.rule.by, places, "slack"))))


@given(words, words)
def test_every_refusal_has_a_title_and_no_traceback(first: str, second: str) -> None:
    for kind in (Rejected, NotFound, Conflict, Forbidden, Transient, Unanswered, SignalboxError):
        check(answer.refusal(kind(f"{first}\n{second}")))
    check(answer.refusal(Invalid(first, [Problem(second, ("steps", 0), 3)])))
    check(answer.trouble(first))


# --- hostile words stay words -----------------------------------------------------------------------------------------------


def spans(card: Card) -> Iterator[Any]:
    for part in card.body:
        match part:
            case Text(some, _):
                yield from some
            case Fields(items):
                yield from (span for _, value in items for span in value)
            case Steps(items):
                yield from (span for _, line in items for span in line)
            case _:
                pass
    yield from card.footer


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(results)
def test_no_answer_mentions_or_links_anything_of_its_own_accord(result: Any) -> None:
    card = draw(result)
    for span in spans(card):
        assert isinstance(span, str | Bold | Code | User) or type(span).__name__ == "Moment"
        assert not (isinstance(span, User) and span.ping)
    assert card.mentions == ()
    assert card.link == ""
    handed_out = {result.link} if isinstance(result, command.ConnectionShown) else set()
    assert {button.url for button in card.actions} <= {"", *handed_out}


# --- what stands on them ----------------------------------------------------------------------------------------------------


def words_of(card: Card) -> str:
    """Everything a person reads, in one line."""
    found = [card.title, card.summary]
    for part in card.body:
        if isinstance(part, Table):
            found += [*part.columns, *(cell for row in part.rows for cell in row)]
        if isinstance(part, CodeBlock):
            found.append(part.text)
    for span in spans(card):
        found.append(span if isinstance(span, str) else getattr(span, "text", "") or getattr(span, "name", ""))
    return " ".join(found)


NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def a_run(**more: Any) -> RunRecord:
    values: dict[str, Any] = {
        "id": "run_1", "workflow": "wf_1", "version": 1, "name": "Release", "state": RunState.SUCCEEDED, "started_at": NOON, "by": "slack:U1",
        "finished_at": NOON + timedelta(seconds=3),
    }  # fmt: skip
    return RunRecord(**(values | more))


@pytest.mark.parametrize(
    ("starter", "said"),
    [
        (Starter("Ada", "slack:U1"), "Ada"),
        (Starter("", "slack:U1"), "somebody on Slack"),
        (Starter("", "rest:api"), "the API"),
        (Starter("the schedule"), "the schedule"),
        (Starter("GitHub: push"), "GitHub: push"),
    ],
)
def test_a_run_says_who_started_it_and_never_in_ids(starter: Starter, said: str) -> None:
    text = words_of(DRAWINGS[command.RunShown](command.RunShown(run=a_run(), steps=(), starter=starter)))
    assert f" by  {said}" in text
    assert "slack:" not in text
    listed = words_of(DRAWINGS[command.RunsShown](command.RunsShown(runs=(a_run(),), starters={"run_1": starter})))
    assert said in listed
    assert "slack:" not in listed


def test_a_person_on_the_cards_own_face_is_one_and_is_not_called() -> None:
    card = DRAWINGS[command.RunShown](command.RunShown(run=a_run(), steps=(), starter=Starter("Ada", "slack:U1")))
    assert User("U1", "Ada") in card.footer


def test_an_error_is_said_once() -> None:
    step = StepView(id="create_card", action="trello.create_card", state=StepState.FAILED, error="The board is gone.")
    failed = a_run(state=RunState.FAILED, error="create_card: The board is gone.")
    card = DRAWINGS[command.RunShown](command.RunShown(run=failed, steps=(step,)))
    assert words_of(Card("", card.body)).count("The board is gone.") == 1
    assert "The board is gone." in card.summary
    denied = a_run(state=RunState.CANCELLED, error="Bob declined.")
    assert "Why: " in words_of(DRAWINGS[command.RunShown](command.RunShown(run=denied, steps=(step,))))


def test_times_in_tables_are_the_readers_own() -> None:
    shown = command.RunsShown(runs=(a_run(),), timezone="Europe/Berlin")
    assert "Wed 2026-03-04 13:00 CET" in words_of(DRAWINGS[command.RunsShown](shown))


def test_a_help_topic_called_templates_is_help() -> None:
    card = DRAWINGS[command.HelpShown](command.HelpShown(rows=(("/flow templates", "what", "/flow templates"),), topic="templates"))
    assert card.title == "Help: templates"


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (Forbidden("That needs the role operator."), "You may not do that"),
        (Conflict("Too late."), "Nothing was changed"),
        (NotFound("There is no workflow called “x”."), "There is no workflow called “x”."),
        (Transient("The database is busy.", 1.0), "Not now"),
    ],
)
def test_a_refusal_leads_with_what_it_means(error: SignalboxError, title: str) -> None:
    card = answer.refusal(error)
    assert (card.title, card.summary) == (title, str(error))


def test_every_problem_of_an_input_stands_on_the_refusal_with_its_line() -> None:
    error = Invalid("This workflow cannot be used as it stands:", [Problem("no such action", ("steps", 0), 4), Problem("no name", (), 1)])
    (block,) = [part for part in answer.refusal(error).body if isinstance(part, CodeBlock)]
    assert block.text == "• line 4: no such action\n• line 1: no name"


def test_trouble_shows_its_reference_and_nothing_of_the_inside() -> None:
    assert "Ev07" in words_of(answer.trouble("Ev07"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0.0 s"), (0.44, "0.4 s"), (12, "12 s"), (119.6, "120 s"), (180, "3 min"), (7500, "2 h 5 min"), (200_000, "2 days")],
)
def test_how_long_it_lasted_in_words(seconds: float, said: str) -> None:
    assert lasted(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("text", "line"), [("  a\n b ", "a b"), ("", "…"), ("\x00\u202e", "…"), ("\n", "…"), (HOSTILE, HOSTILE)])
def test_a_headline_is_one_line_that_can_be_seen(text: str, line: str) -> None:
    assert headline(text) == line
