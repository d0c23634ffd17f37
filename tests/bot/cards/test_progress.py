"""What a run's card tells: loops as a count with what failed by name, branches, waits, what is undone; and what can be pressed when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cards.card import Bold, Button, Card, Code, Fields, Line, Mark, Moment, Steps
from bot.cards.progress import MOST_LINES, progress_parts
from bot.cards.run import run as run_card
from bot.cards.run_buttons import run_buttons
from engine.commands.command import Amendable, RunShown, Starter
from engine.monitoring.alert import AlertState
from engine.workflow.definition import Json
from engine.workflow.run import RunState, StepState, StepView
from tests.bot.cards.test_drawings import a_run, words_of
from tests.engine.commands.hall import an_alert

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
S = StepState


def step(id: str, state: StepState = S.SUCCEEDED, action: str = "chat.post_message", **more: Any) -> StepView:
    return StepView(id=id, action=action, state=state, **more)


def loop(id: str, state: StepState, **more: Any) -> StepView:
    return step(id, state, "", kind="foreach", **more)


def entry(id: str, index: int, state: StepState = S.SUCCEEDED, within: str = "each", **more: Any) -> StepView:
    return step(f"{id}[{index}]", state, within=within, **more)


def text(line: Line) -> str:
    return "".join(span if isinstance(span, str) else f"{span.at:%H:%M}" if isinstance(span, Moment) else getattr(span, "text", "") for span in line)


def lines(steps: Sequence[StepView]) -> list[tuple[int, Mark, str]]:
    found = [part for part in progress_parts(steps) if isinstance(part, Steps)]
    return [(part.depth(at), mark, text(line)) for part in found for at, (mark, line) in enumerate(part.items)]


def test_a_loop_under_way_is_a_count_and_names_only_what_failed_or_waits_for_somebody() -> None:
    entries = [entry("post", 0), entry("post", 3, S.FAILED, error="no"), entry("post", 7, S.IN_DOUBT), entry("post", 8, S.ASKED), entry("post", 9)]
    shown = lines([loop("each", S.RUNNING, waits_for="37 of 120 done, 1 failed"), *entries, step("after", S.PENDING)])
    assert shown == [
        (0, Mark.DOING, "each · 37 of 120 done, 1 failed"),
        (1, Mark.FAILED, "Chat post message, “post[3]” · no"),
        (1, Mark.ASK, "Chat post message, “post[7]” · asked, but no answer is known: did it happen?"),
        (0, Mark.OPEN, "Chat post message, “after”"),
    ]


def test_a_loop_that_is_over_names_its_failed_entries_by_what_they_are() -> None:
    failed: Json = [{"index": index, "item": {"name": f"n{index}"}, "error": "no"} for index in range(7)]
    output: Json = {"items": [], "failed": failed, "count": 120, "succeeded": 113}
    entries = [entry("post", index, S.FAILED, error="no") for index in range(7)]
    shown = lines([loop("each", S.FAILED, output=output, error="7 of 120 entries failed: no"), *entries])
    assert shown[0] == (0, Mark.FAILED, "each · 113 of 120 done, 7 failed")
    assert [line for line in shown if line[2].startswith("for ")] == [(1, Mark.FAILED, f"for “n{index}”:") for index in range(5)]
    assert shown[-1] == (1, Mark.FAILED, "… and 2 more; the run's facts have them all")


@pytest.mark.parametrize(("output", "said"), [({"count": 0, "succeeded": 0, "failed": [], "items": []}, "each · nothing to do"), (None, "each")])
def test_a_loop_of_nothing_says_so(output: Json, said: str) -> None:
    assert lines([loop("each", S.SUCCEEDED, output=output)]) == [(0, Mark.DONE, said)]


def test_the_few_entries_of_a_short_loop_are_shown_step_by_step_and_loops_stand_in_loops() -> None:
    steps = [
        loop("outer", S.SUCCEEDED, output={"count": 1, "succeeded": 1, "failed": []}),
        loop("inner[0]", S.SUCCEEDED, within="outer", output={"count": 2, "succeeded": 2, "failed": []}),
        entry("post[0]", 0, within="inner[0]"),
        entry("post[0]", 1, within="inner[0]"),
    ]
    assert [(depth, said.split(" ")[0]) for depth, _, said in lines(steps)] == [(0, "outer"), (1, "inner[0]"), (2, "Chat"), (2, "Chat")]


def test_branches_and_cases_stand_within_what_holds_them() -> None:
    steps = [
        step("which", S.SUCCEEDED, "", kind="switch", output={"case": 1, "output": None}),
        step("no", S.SKIPPED, within="which"),
        step("yes", S.SUCCEEDED, within="which"),
        step("both", S.RUNNING, "", kind="parallel"),
        step("nap", S.WAITING, "", kind="wait", within="both", until=NOON, waits_for="github.push to happen"),
    ]
    assert lines(steps) == [
        (0, Mark.DONE, "which (choose) → case 2"),
        (1, Mark.DONE, "Chat post message, “yes”"),
        (0, Mark.DOING, "both (side by side)"),
        (1, Mark.WAITING, "nap (wait) · waits for github.push to happen until 12:00"),
    ]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (step("ok", kind="approve", action="chat.ask_approval", output={"approved": True, "by": ["Ada", "Bob"]}), "ok (approval) → approved by Ada, Bob"),
        (step("ok", kind="approve", action="chat.ask_approval", output={"approved": False, "by": []}), "ok (approval) → declined"),
        (step("nap", kind="wait", action="", output={"timed_out": True, "event": None}), "nap (wait) → the time was up"),
        (step("which", kind="switch", action="", output={"case": -1, "output": None}), "which (choose) → none held"),
        (step("sub", kind="run_workflow", action="signalbox.run_workflow", output={"run": "run_2"}), "sub (another workflow) → run_2"),
    ],
)
def test_what_came_of_a_construct_in_words(view: StepView, said: str) -> None:
    assert lines([view]) == [(0, Mark.DONE, said)]


def test_what_is_undone_stands_apart() -> None:
    steps = [step("pay", S.SUCCEEDED, "stripe.create_refund"), step("pay.undo", S.ASKED, "stripe.cancel_refund", undo=True)]
    parts = progress_parts(steps)
    assert [type(part).__name__ for part in parts] == ["Steps", "Text", "Steps"]
    assert lines(steps)[1][1] is Mark.DOING


def test_a_run_of_hundreds_of_steps_tells_what_matters_and_no_more() -> None:
    many = [step(f"s{number}", S.FAILED if number == 200 else S.SUCCEEDED if number < 200 else S.PENDING, error="no" if number == 200 else "") for number in range(400)]
    assert [said for _, _, said in lines(many)] == ["200 steps done", "Chat post message, “s200” · no", "199 steps to come"]
    failed = [step(f"s{number}", S.FAILED, error="no") for number in range(400)]
    assert len(lines(failed)) == 2 * MOST_LINES + 1


# --- buttons -------------------------------------------------------------------------------------------------------------------


def shown(state: RunState, **more: Any) -> RunShown:
    return RunShown(run=a_run(state=state, finished_at=None), **({"steps": ()} | more))


def labels(of: RunShown) -> list[str]:
    return [button.label for button in run_buttons(of)]


@pytest.mark.parametrize(
    ("of", "buttons"),
    [
        (shown(RunState.QUEUED), ["Pause run", "Cancel run"]),
        (shown(RunState.RUNNING, undoable=True), ["Pause run", "Cancel run…"]),
        (shown(RunState.WAITING, skippable=("nap",)), ["Pause run", "Skip “nap”", "Cancel run"]),
        (shown(RunState.PAUSED, skippable=("a", "b")), ["Resume run", "Skip a step…", "Cancel run"]),
        (shown(RunState.FAILED), ["Retry from the failed step"]),
        (shown(RunState.FAILED, amendable=(Amendable(step="card", arguments={"board": "B"}),), skippable=("card",)), ["Retry from the failed step", "Change and retry…", "Skip “card”"]),
        (shown(RunState.FAILED, steps=(loop("each", S.FAILED), entry("post", 1, S.FAILED), entry("post", 4, S.FAILED))), ["Retry only the 2 failed items"]),
        (shown(RunState.FAILED, steps=(entry("post", 1, S.FAILED), step("x", S.FAILED))), ["Retry from the failed step"]),
        (shown(RunState.SUCCEEDED), []),
        (shown(RunState.CANCELLED), []),
    ],
)  # fmt: skip
def test_what_can_be_pressed_follows_the_state(of: RunShown, buttons: list[str]) -> None:
    assert labels(of) == buttons


def test_the_form_of_a_retry_holds_what_was_asked_as_its_own_kind_and_no_secret() -> None:
    arguments: dict[str, Json] = {"title": "One", "count": 2, "share": 0.5, "open": True, "labels": ["a"], "key": "{{secrets.key}}", "text": "a\nb"}
    amendable = Amendable(step="card", arguments=arguments, fixed=frozenset({"key"}))
    (button,) = [one for one in run_buttons(shown(RunState.FAILED, amendable=(amendable,), inputs={"version": "1"}, round=3)) if one.form]
    assert isinstance(button, Button)
    assert button.arg == "3.changed"
    assert button.form is not None
    assert [(field.name, field.kind, field.value) for field in button.form.fields] == [
        ("card.title", "line", "One"), ("card.count", "integer", "2"), ("card.share", "number", "0.5"), ("card.open", "choice", "true"),
        ("card.labels", "text", '[\n  "a"\n]'), ("card.text", "text", "a\nb"), ("inputs.version", "line", "1"),
    ]  # fmt: skip
    assert not any(field.required for field in button.form.fields), "what a face cannot show stays as it was"


# --- what it belongs to ----------------------------------------------------------------------------------------------------------


def card(**more: Any) -> Card:
    state = more.pop("state", RunState.RUNNING)
    return run_card(RunShown(run=a_run(state=state, finished_at=None, where="web:#ops"), steps=(), starter=Starter("Ada", "slack:U1"), **more))


def test_a_run_says_what_it_belongs_to_and_from_where_it_was_asked_for() -> None:
    alert = an_alert("alr_1", "github", NOON, state=AlertState.FIRING)
    drawn = card(alert=alert, parent=a_run(id="run_0", name="Parent"), children=(a_run(id="run_2", name="Child", state=RunState.FAILED),), inputs={"version": "1", "tags": ["a"]})
    (fields,) = [part for part in drawn.body if isinstance(part, Fields)]
    assert {label: text(line) for label, line in fields.items} == {
        "For the alert": "GitHub: github does not answer (firing)",
        "Part of": "Parent run_0",
        "Started": "Child (failed) run_2",
        "Inputs": 'version: 1, tags: ["a"]',
    }
    assert " on Slack" in "".join(span for span in drawn.footer if isinstance(span, str))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"state": RunState.QUEUED, "ahead": 2}, "2 runs of this line are before it"),
        ({"state": RunState.QUEUED, "ahead": 1}, "1 run of this line is before it"),
        ({"state": RunState.QUEUED}, "it is next"),
        ({"state": RunState.PAUSED, "paused_by": "Bob"}, "Bob"),
    ],
)
def test_why_nothing_happens_just_now_is_said(more: dict[str, Any], said: str) -> None:
    assert said in words_of(card(**more))


def test_the_steps_of_a_card_are_bold_and_their_answers_quoted() -> None:
    (part,) = progress_parts([step("card", action="trello.create_card", output={"id": "7"})])
    assert isinstance(part, Steps)
    assert part.items[0][1] == (Bold("Trello"), " create card", ", “card”", " → ", Code("7"))
