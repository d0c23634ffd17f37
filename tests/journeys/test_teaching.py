"""A team teaches its own words, asks why it was understood so, and what it confirmed is leant on, may be taken along and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.doors import DOORS, containing, house_with, see
from tests.journeys.test_questions import two_workflows


def private(door: str) -> str:
    """REST answers whoever asked; elsewhere what concerns everybody is said to everybody."""
    return "ana" if door == "rest" else ""


@pytest.mark.parametrize("door", DOORS)
async def test_words_that_were_taught_are_done_and_explained(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (app, hall):
        await two_workflows(app)
        await hall.say("when I say ship it, I mean show release-notes")
        await see(hall, containing("Learnt", "ship it", "show release-notes"), private=private(door))
        await hall.say("ship it")
        await see(hall, containing("release-notes", "trello", "create card"), private="ana")
        await hall.say("why did you think that?")
        await see(hall, containing("You said: ship it", "show workflow", "as your team taught me"), private="ana")


@pytest.mark.parametrize("door", ["rest"])
async def test_what_was_confirmed_is_an_example_until_it_is_forgotten(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path) as (_, hall):
        await hall.say("every weekday at 9 post the health report in #ops")
        await hall.press(await see(hall, containing("health report", button="Confirm")), "Confirm", "ana")
        await see(hall, containing("Stored as"))
        await hall.say("/signalbox taught json")
        shown = await see(
            hall, containing("every weekday at 9 post the health report", "scheduled", "signalbox.health_report"), private="ana"
        )
        assert "phrases" in shown.words
        await hall.say("/signalbox forget examples")
        await see(hall, containing("Forgotten: 1 confirmed request"), private=private(door))
