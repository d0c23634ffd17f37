"""How a service fares stands on its page: the breaker and the score of each account."""

from __future__ import annotations

from dataclasses import replace

from engine.monitoring.sample import Outcome, Sample, Source
from engine.runtime.routes import Routes
from tests.engine.commands.hall import Hall


async def test_a_service_shows_its_breaker_and_its_score(hall: Hall) -> None:
    routes = Routes(hall.clock)
    hall.house = replace(hall.house, fares=routes.lines)
    quiet = await hall.ask("show_service", service="github")
    assert "Breaker" not in str(quiet.result)
    for _ in range(2):
        failed = Sample("github", "default", hall.clock.now(), Source.CALL, Outcome.ERROR, 0.2, operation="create_issue")
        routes.met(routes.left("github", "default", "create_issue"), failed)
    said = str((await hall.ask("show_service", service="github")).result)
    assert "Breaker: open. GitHub's breaker has been open since 12:00 UTC, 2 of its last 2 calls failed." in said
    assert "Score: " in said
