"""One service: how it is connected, what is used of its limits, and what it can do."""

from __future__ import annotations

from engine.commands.command import Done
from tests.engine.commands.hall import Hall


async def shown(hall: Hall, service: str) -> list[str]:
    outcome = await hall.ask("show_service", service=service)
    assert isinstance(outcome.result, Done)
    return outcome.result.text.splitlines()


async def test_a_service_shows_what_is_used_of_its_own_limits(hall: Hall) -> None:
    lines = await shown(hall, "github")
    assert "Limit: 4,900 of 5,000 used (requests in 3600 s), all free in 10 minutes." in lines


async def test_a_service_of_whose_limits_nothing_is_used_says_nothing_of_them(hall: Hall) -> None:
    assert not any(line.startswith("Limit") for line in await shown(hall, "trello"))
