"""Journey: somebody is called because nobody takes an alert, and takes it where they were called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.doors import DOORS, containing, house_with, see


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
async def test_who_is_on_call_is_called_and_takes_it_from_the_call(door: str, tmp_path: Path) -> None:
    async with house_with(door, tmp_path, SIGNALBOX_ALERT_CHANNEL="#ops" if door != "rest" else "web:#ops") as (_, hall):
        await hall.say(
            "/oncall set ops me weekly monday 9:00" if door != "discord" else "/oncall set rota:ops members:me handover:weekly monday 9:00"
        )
        await see(hall, containing("The rota is set up"), private="ana" if door == "rest" else "", what="the rota")
        await hall.say("/escalation set all: rota ops" if door != "discord" else "/escalation set about:all levels:rota ops")
        await see(hall, containing("rota ops", "at once"), private="ana" if door == "rest" else "", what="the escalation")
        await hall.say(
            "/alerts raise severity:critical github pushes hang"
            if door != "discord"
            else "/alerts raise what:severity:critical github pushes hang"
        )
        called = await see(hall, containing("somebody is needed", "pushes hang", "rota ops", button="Acknowledge"), what="the call")
        await hall.press(called, "Acknowledge")
        await see(hall, containing("somebody was called", "has it", no_button="Acknowledge"), what="the call, answered")
        card = await see(hall, containing("acknowledged", "pushes hang", "level 1", button="Un-acknowledge"), what="the alert's card")
        await hall.press(card, "Un-acknowledge")
        await see(hall, containing("somebody is needed", button="Acknowledge"), what="the second call")
        assert sum("somebody is needed" in seen.words or "somebody was called" in seen.words for seen in hall.public("#ops")) == 2
