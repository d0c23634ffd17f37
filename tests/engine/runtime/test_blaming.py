"""Who is to blame for an incident of several services: found, named on its card, judged by people, and learnt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.cards.card import Card
from bot.subjects import card_of
from engine.commands.alerting import kept_of, learnt
from engine.commands.command import Done
from engine.errors import Conflict, NotFound
from engine.events import AlertSaved, TrafficCounted
from engine.graph.traffic import SPAN, Traffic, span_of
from engine.monitoring.grouping.topology import Topology
from engine.runtime.blaming import Blaming
from tests.bot.cards.test_drawings import words_of
from tests.engine.commands.hall import ADA, Hall, an_alert


@pytest.fixture
async def struck() -> Hall:
    """Asana needs Trello, and both fail; Asana was seen first."""
    hall = Hall()
    topology = Topology.of([("asana", "trello")], names={"asana": "Asana", "trello": "Trello"}, services=("asana", "trello", "github"))
    blaming = Blaming(hall.store, hall.clock, topology=lambda: topology, watched=lambda: {"asana", "trello", "github"})
    hall.house = replace(hall.house, topology=lambda: topology, blaming=blaming)
    await fails(hall, "alr_1", hall.clock.now())
    await blaming.look()
    return hall


async def fails(hall: Hall, leader: str, at: datetime) -> None:
    lead = an_alert(leader, "asana", at, fingerprint=leader)
    await hall.store.ledger.record(
        AlertSaved(lead), AlertSaved(an_alert(f"{leader}b", "trello", at + timedelta(seconds=5), fingerprint=f"{leader}b", incident=leader))
    )


async def the_card(hall: Hall, leader: str = "alr_1") -> Card:
    return await card_of(hall.house, "alert", leader, {})


def judging(card: Card) -> dict[str, str]:
    return {button.label: button.arg for button in card.actions if button.verb == "cause"}


async def test_one_card_names_the_one_that_the_other_needs_and_how_sure_that_is(struck: Hall) -> None:
    card = await the_card(struck)
    assert card.title.startswith("Trello and 1 more")
    assert "Trello would explain 2 of 2 alerts (100 %), it alerts itself. That is " in words_of(card)
    assert list(judging(card)) == ["It was Trello", "Not Trello"]


async def test_a_no_names_the_next_suspect_and_is_learnt_for_the_next_time(struck: Hall) -> None:
    card = await the_card(struck)
    before = (await learnt(struck.store)).factor("asana", "trello")
    await struck.press("alr_1", "cause", card.version, arg=judging(card)["Not Trello"])
    after = await the_card(struck)
    assert "Ada says that it was not Trello." in words_of(after)
    assert list(judging(after)) == ["It was Asana", "Not Asana"]
    assert (await learnt(struck.store)).factor("asana", "trello") < before == 1.0
    (row,) = await struck.store.audit.list(subject="alr_1")
    assert (row.verb, row.detail) == ("judge_suspect", "It was not Trello.")
    with pytest.raises(Conflict):
        await struck.press("alr_1", "cause", card.version, arg=judging(card)["Not Trello"])


async def test_a_yes_stands_as_the_cause_and_can_be_taken_back(struck: Hall) -> None:
    await struck.ask("judge_suspect", alert="alr_1", suspect="asana", was="yes")
    card = await the_card(struck)
    assert card.title.startswith("Asana and 1 more")
    assert "Cause: " in words_of(card)
    assert "Suspected" not in words_of(card)
    assert "Ada says that it was Asana." in words_of(card)
    assert list(judging(card)) == ["Not Asana"]
    with pytest.raises(Conflict, match="said already"):
        await struck.ask("judge_suspect", alert="alr_1", suspect="Asana", was="yes")
    with pytest.raises(NotFound):
        await struck.ask("judge_suspect", alert="alr_1", suspect="nobody-knows", was="yes")


async def test_what_people_said_stays_when_the_cause_is_found_anew(struck: Hall) -> None:
    await struck.ask("judge_suspect", alert="alr_1", suspect="trello", was="no")
    await struck.clock.pass_(90)
    assert struck.house.blaming is not None
    await struck.house.blaming.look()  # type: ignore[attr-defined]
    kept = await kept_of(struck.store, "alr_1")
    assert kept is not None
    assert kept.noes == {"trello": ADA.name}
    assert list(judging(await the_card(struck))) == ["It was Asana", "Not Asana"]


async def test_the_ranking_is_told_on_demand_and_honestly_when_nothing_hurts(struck: Hall) -> None:
    told = (await struck.ask("find_root_cause")).result
    assert isinstance(told, Done)
    assert told.text.startswith("Asana and 1 more: Trello is suspected first;")
    assert "1. Trello: 100 %." in told.text
    calm = (await struck.ask("find_root_cause", service="github")).result
    assert isinstance(calm, Done)
    assert calm.text.startswith("Nothing hurts as far as is known")
    quiet = (await Hall().ask("find_root_cause")).result
    assert isinstance(quiet, Done)
    assert quiet.text.startswith("Nothing hurts right now")


async def test_what_flows_names_whoever_carries_the_failures_where_no_line_is_known() -> None:
    hall = Hall()
    now = hall.clock.now()
    topology = Topology.of(services=("asana", "trello"))
    rows = []
    for back in range(1, 37):
        rows += [Traffic(span_of(now) - back * SPAN, "wf_1", one, "create", 40, 0, 4_000_000) for one in ("asana", "trello")]
    rows += [
        Traffic(span_of(now), "wf_1", "trello", "create", 40, 38, 4_000_000),
        Traffic(span_of(now), "wf_1", "asana", "create", 40, 1, 4_000_000),
    ]
    await hall.store.ledger.record(TrafficCounted(tuple(rows)))
    await fails(hall, "alr_1", now)
    blaming = Blaming(hall.store, hall.clock, topology=lambda: topology)
    hall.house = replace(hall.house, topology=lambda: topology, blaming=blaming)
    await blaming.look()
    kept = await kept_of(hall.store, "alr_1")
    assert kept is not None
    assert kept.first is not None
    assert kept.first.node == "trello"
    assert kept.first.because == "Trello carries 97 % of the house's 39 failed requests more than usual, and what it calls 0 %."
