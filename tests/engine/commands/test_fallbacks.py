"""One service stands in for another, and the best of a kind is told with its figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.commands.command import Done, PreviewShown
from engine.commands.map_sources import source_of
from engine.errors import NotFound, Rejected
from engine.events import SamplesTaken
from engine.monitoring.sample import Outcome, Sample, Source
from engine.runtime.atlas import Atlas
from tests.engine.clock import NOON
from tests.engine.commands.hall import Hall


class Mapped(Hall):
    """A hall that keeps a map."""

    def __init__(self) -> None:
        super().__init__()
        self.atlas = Atlas(self.store, self.clock, self.house.catalogue)
        self.house = replace(self.house, map=self.atlas.map, remap=self.atlas.look, foremap=self.atlas.would)

    async def stand_ins(self) -> set[tuple[str, str]]:
        return {one.key for one in (await source_of(self.house)).told.alternatives}


@pytest.fixture
async def hall() -> AsyncIterator[Mapped]:
    hall = Mapped()
    async with hall:
        yield hall


async def confirmed(hall: Mapped, **said: Any) -> PreviewShown:
    shown = (await hall.ask("set_fallback", **said)).result
    assert isinstance(shown, PreviewShown)
    await hall.ask("confirm_draft", draft=shown.draft.id)
    return shown


async def test_a_stand_in_is_shown_first_and_declared_by_confirm(hall: Mapped) -> None:
    shown = (await hall.ask("set_fallback", service="trello", fallback="asana")).result
    assert isinstance(shown, PreviewShown)
    assert "asana.create_task for trello.create_card" in shown.text
    assert not await hall.stand_ins()
    await hall.ask("confirm_draft", draft=shown.draft.id)
    assert ("trello.create_card", "asana.create_task") in await hall.stand_ins()


async def test_saying_it_twice_changes_nothing_and_off_takes_all_of_it_back(hall: Mapped) -> None:
    await confirmed(hall, service="trello", fallback="asana")
    again = (await hall.ask("set_fallback", service="Trello", fallback="Asana")).result
    assert isinstance(again, Done)
    assert "Nothing was changed" in again.text
    await confirmed(hall, service="trello", fallback="asana", off=True)
    assert not await hall.stand_ins()


async def test_what_cannot_stand_in_is_refused_with_what_to_do(hall: Mapped) -> None:
    with pytest.raises(Rejected, match="for itself"):
        await hall.ask("set_fallback", service="trello", fallback="trello")
    with pytest.raises(Rejected, match="/deps alternative trello"):
        await hall.ask("set_fallback", service="trello", fallback="stripe")
    with pytest.raises(NotFound, match="does not stand in for Trello"):
        await hall.ask("set_fallback", service="trello", fallback="asana", off=True)


async def answered(hall: Mapped, service: str, latency: float, failed: int = 0) -> None:
    taken = [
        Sample(
            service, "default", NOON - timedelta(minutes=number), Source.PROBE, Outcome.ERROR if number < failed else Outcome.OK, latency
        )
        for number in range(1, 11)
    ]
    await hall.store.ledger.record(SamplesTaken(tuple(taken)))


async def recommended(hall: Mapped, **said: Any) -> str:
    result = (await hall.ask("recommend_service", **said)).result
    assert isinstance(result, Done)
    return result.text


async def test_the_healthiest_of_a_kind_is_recommended_with_its_figures(hall: Mapped) -> None:
    hall.world.modes["jira"] = "live"
    await answered(hall, "trello", 0.2)
    await answered(hall, "jira", 0.3, failed=6)
    text = await recommended(hall, category="project management")
    assert text.splitlines()[0] == "Take Trello: of the project management services it is in the best shape now."
    assert "1. Trello: " in text
    assert "200 ms, all 10 calls answered" in text
    assert "2. Jira: " in text


async def test_instead_of_a_service_it_is_never_that_one(hall: Mapped) -> None:
    hall.world.modes["jira"] = "live"
    await answered(hall, "trello", 0.2)
    await answered(hall, "jira", 0.3)
    text = await recommended(hall, service="trello")
    assert text.startswith("Take Jira: of the project management services it is in the best shape now. It is the only one measured.")
    assert "Trello" not in text


async def test_nothing_is_recommended_of_what_was_never_measured_is_not_connected_or_not_a_kind(hall: Mapped) -> None:
    assert "Nothing is measured" in await recommended(hall, category="project_management")
    with pytest.raises(NotFound, match="No crm service is connected"):
        await recommended(hall, category="crm")
    with pytest.raises(Rejected, match=r"no kind of service.*There are"):
        await recommended(hall, category="submarines")
    with pytest.raises(Rejected, match="Of which kind"):
        await recommended(hall)
