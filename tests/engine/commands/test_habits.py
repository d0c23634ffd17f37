"""What is usual where somebody asks is filled in, said, and never forced."""

from __future__ import annotations

from typing import Any

from engine.commands.command import PreviewShown
from tests.engine.commands.hall import BOB, Hall


def card(title: str, **more: str) -> dict[str, Any]:
    return {"trigger": {"type": "manual"}, "steps": [{"action": "trello.create_card", "with": {"title": title, **more}}]}


async def confirmed(hall: Hall, *boards: str) -> None:
    for number, board in enumerate(boards):
        outcome = await hall.ask("create_workflow", workflow=card(f"Card {number}", board=board, list="Doing"))
        assert isinstance(outcome.result, PreviewShown)
        await hall.press(outcome.result.draft.id, "confirm", 1)


async def test_the_board_a_channel_always_uses_is_filled_in_and_the_preview_says_so(hall: Hall) -> None:
    await confirmed(hall, "Ops", "Ops", "Ops")
    outcome = await hall.ask("create_workflow", actor=BOB, workflow=card("Disk full"))
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert outcome.result.definition.steps[0].arguments == {"title": "Disk full", "board": "Ops", "list": "Doing"}
    assert set(outcome.result.usual) == {
        "Board “Ops”, as this channel said 3 of the last 3 times.",
        "List “Doing”, as this channel said 3 of the last 3 times.",
    }
    assert len(await hall.store.workflows.list()) == 3


async def test_what_is_said_is_never_replaced_by_what_is_usual(hall: Hall) -> None:
    await confirmed(hall, "Ops", "Ops", "Ops")
    outcome = await hall.ask("create_workflow", workflow=card("Disk full", board="Dev", list="To Do"))
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert outcome.result.definition.steps[0].arguments["board"] == "Dev"
    assert outcome.result.usual == ()


async def test_where_choices_differ_nothing_is_filled_in(hall: Hall) -> None:
    await confirmed(hall, "Ops", "Dev", "Ops", "Dev")
    outcome = await hall.ask("create_workflow", workflow=card("Disk full"))
    assert isinstance(outcome.result, PreviewShown)
    assert outcome.result.definition is not None
    assert "board" not in outcome.result.definition.steps[0].arguments
