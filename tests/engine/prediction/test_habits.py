"""What a place always says, so that it need not be said again."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.prediction.habits import MOST, REMEMBERED, State, Usual, learnt, usual
from engine.workflow.definition import Definition, Step, Trigger, TriggerType
from tests.engine.clock import NOON


def said(**arguments: object) -> Definition:
    step = Step(id="card", action="trello.create_card", arguments=arguments)  # type: ignore[arg-type]
    return Definition(name="Card", trigger=Trigger(type=TriggerType.MANUAL), steps=(step,))


def after(*boards: object) -> State:
    state: State = {}
    for board in boards:
        state = learnt(state, said(board=board, title="anything"), NOON)
    return state


def test_what_was_said_three_times_in_a_row_is_usual() -> None:
    assert usual(after("Ops", "Ops", "Ops"), "trello.create_card", "board", NOON) == Usual("Ops", 3, 3)


def test_two_times_or_a_mixture_is_no_habit() -> None:
    assert usual(after("Ops", "Ops"), "trello.create_card", "board", NOON) is None
    assert usual(after("Ops", "Dev", "Ops", "Dev", "Ops", "Dev"), "trello.create_card", "board", NOON) is None


def test_one_exception_does_not_end_a_habit_and_a_new_one_takes_over() -> None:
    assert usual(after("Ops", "Ops", "Ops", "Dev"), "trello.create_card", "board", NOON) == Usual("Ops", 3, 4)
    moved = after("Ops", "Ops", "Ops", *["Dev"] * 6)
    assert usual(moved, "trello.create_card", "board", NOON) == Usual("Dev", 6, 8)


def test_templates_prose_and_secrets_are_never_remembered() -> None:
    state: State = {}
    for text in ("{{event.title}}", "two\nlines", "x" * 200, "{{secrets.token}}"):
        state = learnt(state, said(board=text), NOON)
    assert state == {}


def test_an_old_habit_is_none() -> None:
    assert usual(after("Ops", "Ops", "Ops"), "trello.create_card", "board", NOON + timedelta(days=200)) is None


def test_only_so_much_is_remembered() -> None:
    state: State = {}
    for number in range(MOST + 20):
        state = learnt(state, said(**{f"input{number}": "x"}), NOON + timedelta(seconds=number))
    assert len(state) == MOST
    assert "trello.create_card.input0" not in state
    assert len(after(*["Ops"] * 50)["trello.create_card.board"]) == REMEMBERED  # type: ignore[arg-type]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@given(st.dictionaries(st.just("trello.create_card.board"), json))
def test_a_damaged_memory_is_learnt_anew(state: State) -> None:
    usual(state, "trello.create_card", "board", NOON)
    for _ in range(REMEMBERED):
        state = learnt(state, said(board="Ops"), NOON)
    assert usual(state, "trello.create_card", "board", NOON) == Usual("Ops", 8, 8)
