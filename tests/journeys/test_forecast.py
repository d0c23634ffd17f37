"""Journey: somebody asks to be warned; what gets slower and slower is foreseen, told in a card, and starts the workflow, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import main
from engine.events import RollupsSaved
from engine.monitoring.rollup import minutes
from engine.monitoring.sample import Outcome, Sample, Source
from tests.journeys.doors import containing, house_with, see

WISH = "when GitHub's response time is predicted to get worse in the next 6 hours, tell #ops"


async def slower_and_slower(app: main.App) -> None:
    """Three hours in which GitHub's answers went from 200 ms to 800 ms."""
    account = next(one for one in app.shelf.accounts() if one.service == "github")
    now = app.clock.now()
    taken = [
        Sample("github", account.name, now - timedelta(minutes=180 - n), Source.PROBE, Outcome.OK, 0.2 + 0.6 * n / 180) for n in range(180)
    ]
    await app.store.ledger.record(RollupsSaved(tuple(minutes(taken))))


async def test_what_is_likely_to_come_is_one_card_and_starts_the_workflow_that_waits_for_it_once(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path) as (app, hall):
        await hall.say(WISH)
        preview = await see(hall, containing("github", "predicted", "6 hours", button="Confirm"))
        await hall.press(preview, "Confirm", user="ana")
        await see(hall, containing("confirmed", "stored as"))
        await slower_and_slower(app)
        await app.forecaster.look()
        card = await see(hall, containing("github", "get slower", "firing", button="Acknowledge"))
        await see(
            hall,
            lambda seen: (
                "github" in seen.words.casefold() and "get slower" in seen.words and "Acknowledge" not in seen.words and seen.id != card.id
            ),
        )
        await app.forecaster.look()
        (alert,) = [one for one in await app.store.alerts.list() if one.rule == "forecast"]
        assert alert.source == "forecast"
        assert len(await app.store.runs.list()) == 1
        await hall.say("/health forecast github")
        await see(hall, containing("thing foreseen", "rises by", "chance"), private="ana")
