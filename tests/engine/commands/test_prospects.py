"""Will it work, and what would make it better: said with the evidence, or not at all."""

from __future__ import annotations

from engine.commands.command import Done, Outcome
from engine.errors import Rejected
from tests.engine.commands.hall import Hall

PLAIN = {"name": "Plain", "trigger": {"type": "manual"}, "options": {"retries": 0}, "steps": [
    {"action": "trello.create_card", "with": {"board": "B", "list": "L", "title": "T"}}]}  # fmt: skip


def text(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Done)
    return outcome.result.text


async def test_without_runs_it_says_that_it_does_not_know(hall: Hall) -> None:
    await hall.stored(PLAIN)
    assert text(await hall.ask("predict_run", workflow="plain")).startswith("Not enough is known of “Plain”")
    assert "nothing to suggest" in text(await hall.ask("optimize_workflow", workflow="plain"))


async def test_after_runs_it_gives_an_interval_its_evidence_and_advice_that_cites_it(hall: Hall) -> None:
    await hall.stored(PLAIN)
    for number in range(8):
        hall.world.answers["trello.create_card"] = Rejected("The board is full.") if number % 2 else {"id": "1"}
        await hall.ask("run_workflow", workflow="plain", key=f"run {number}")
        await hall.finished()
    said = text(await hall.ask("predict_run", workflow="plain"))
    assert "succeeds in 50%" in said
    assert "95 % interval" in said
    assert "4 of 8 finished runs succeeded" in said
    assert "4 of its last 8 runs succeeded" in text(await hall.ask("optimize_workflow", workflow="plain"))


async def test_an_open_alert_of_a_service_it_needs_is_named_as_a_risk(hall: Hall) -> None:
    await hall.stored(PLAIN)
    await hall.alerted("trello")
    assert "trello has an open alert" in text(await hall.ask("predict_run", workflow="plain"))
