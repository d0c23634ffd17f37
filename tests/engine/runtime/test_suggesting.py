"""Who needs whom, guessed from what failed together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.events import AlertSaved, PolicySaved, Posting
from engine.graph.declared.line import Line
from engine.graph.discovery.map import Map
from engine.graph.discovery.suggestions import Rejection, pair_of
from engine.graph.stored import ANSWERS, SUGGESTED, suggested_from
from engine.parties import Address
from engine.runtime.suggesting import Suggesting
from storage.memory import MemoryStore
from tests.engine.clock import StandingClock
from tests.engine.commands.hall import an_alert

OPS = Address("slack", "C1")


class Watched:
    """A month in which the database fell every third day, and the shop a minute later."""

    def __init__(self) -> None:
        self.clock, self.store, self.map = StandingClock(), MemoryStore(), Map()
        self.suggesting = Suggesting(self.store, self.clock, lambda: self.map, lambda: [OPS])

    async def fell_together(self, times: int = 9, **changes: Any) -> None:
        for number in range(times):
            at = self.clock.now() - timedelta(days=3 * number + 1)
            for service, after in (("database", 0), ("shop", 60)):
                begun = at + timedelta(seconds=after)
                alert = an_alert(self.clock.new_id("alr"), service, begun, resolved_at=begun + timedelta(minutes=9), **changes)
                await self.store.ledger.record(AlertSaved(alert))

    async def found(self) -> list[tuple[str, str]]:
        learnt = await self.store.detectors.get(SUGGESTED)
        raw: Any = learnt.state["found"] if learnt else []
        return [(one.source, one.target) for one in map(suggested_from, raw)]

    async def cards(self) -> list[Posting]:
        return [
            one for number in range(3) for one in await self.store.postings.of(f"sug_{self.clock.now() - timedelta(days=number):%Y%m%d}")
        ]


async def test_who_falls_after_whom_is_asked_about_on_one_card() -> None:
    house = Watched()
    await house.fell_together()
    await house.suggesting.look()
    assert await house.found() == [("shop", "database")]
    assert [(one.kind, one.to) for one in await house.cards()] == [("suggestions", OPS)]
    await house.clock.pass_(7 * 3600)
    await house.suggesting.look()
    assert len(await house.cards()) == 1


async def test_the_past_is_not_looked_through_at_every_look() -> None:
    house = Watched()
    await house.suggesting.look()
    await house.fell_together()
    await house.suggesting.look()
    assert await house.found() == []
    await house.clock.pass_(7 * 3600)
    await house.suggesting.look()
    assert await house.found() == [("shop", "database")]


async def test_what_the_map_knows_what_was_denied_and_the_sandbox_are_not_suggested() -> None:
    known, denied, sandbox = Watched(), Watched(), Watched()
    known.map = Map(lines=(Line(source="shop", target="database"),))
    no = Rejection(pair=pair_of("shop", "database"), together=9).to_json()
    await denied.store.ledger.record(PolicySaved(ANSWERS, "sg_1", {**no, "answer": "no"}, denied.clock.now(), 1))
    for house in (known, denied, sandbox):
        await house.fell_together(sandbox=house is sandbox)
        await house.suggesting.look()
        assert await house.found() == []
        assert await house.cards() == []
