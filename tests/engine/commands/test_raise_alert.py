"""An alert raised by hand: told once where alerts go, and shown to whoever raised it only where its card does not stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.commands.command import AlertShown
from engine.commands.registry import from_arguments
from engine.errors import Rejected
from engine.parties import Address
from engine.runtime.alerts import Alerting
from tests.engine.commands.hall import OPS, Hall


async def test_it_is_one_alert_however_often_it_is_said_and_its_card_is_not_shown_twice_in_one_place(hall: Hall) -> None:
    house = replace(hall.house, alerting=Alerting(hall.store, hall.clock, addresses=lambda: [OPS]))
    said = from_arguments("raise_alert", {"service": "github", "message": "pushes hang", "severity": "high"})
    first, again = await said.handle(house, hall.asking()), await said.handle(house, hall.asking())
    elsewhere = await said.handle(house, hall.asking(where=Address("slack", "D7")))
    assert isinstance(first.result, AlertShown)
    assert isinstance(again.result, AlertShown)
    assert first.result.alert.id == again.result.alert.id
    assert (first.tracked, again.tracked, elsewhere.tracked) == (True, True, False)
    assert (first.note, again.note) == ("", "It is known already; this is its card.")
    with pytest.raises(Rejected, match="What is wrong"):
        await from_arguments("raise_alert", {"service": "github"}).handle(house, hall.asking())
