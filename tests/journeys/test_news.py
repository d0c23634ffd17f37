"""Journey 3: one outage is one card, acknowledged by name, edited in place everywhere, resolved by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import main
from engine.monitoring.alert import AlertState
from tests.journeys.doors import DOORS, containing, house_with, see


class GitHub:
    """Enough of GitHub to be probed; can be taken away and brought back on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def up(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", _answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None


async def _answer(request: web.Request) -> web.Response:
    return web.json_response({"resources": {}, "rate": {"limit": 5000, "remaining": 4999, "reset": 0}})


@asynccontextmanager
async def github() -> AsyncIterator[GitHub]:
    one = GitHub()
    await one.up()
    try:
        yield one
    finally:
        await one.down()


async def healthy(app: main.App) -> bool:
    return any(state.service == "github" and state.ever_ok for state in await app.store.samples.states())


@pytest.mark.parametrize("door", DOORS)
async def test_an_outage_is_one_card_that_is_acknowledged_by_name_and_resolves_itself(door: str, tmp_path: Path) -> None:
    channels = {"slack": "slack:#ops,slack:#releases", "discord": "discord:#ops,discord:#releases", "rest": "web:#ops,web:#releases"}
    async with github() as service:
        environ = {
            "GITHUB_URL": f"http://127.0.0.1:{service.port}", "GITHUB_TOKEN": "t", "SIGNALBOX_PROBE_INTERVAL": "0.15",
            "SIGNALBOX_ALERT_CHANNEL": channels[door],
        }  # fmt: skip
        async with house_with(door, tmp_path, **environ) as (app, hall):
            await until(lambda: healthy(app))
            await service.down()
            card = await see(hall, containing("github", "firing", "critical", button="Acknowledge"))
            assert [label.split()[0] for label in card.buttons][:2] == ["Acknowledge", "Resolve"]
            other = await see(hall, containing("github", "firing", button="Acknowledge"), channel="#releases")

            await hall.press(card, "Acknowledge", user="ben")
            acked = await see(hall, containing("github", "acknowledged", "ben", no_button="Acknowledge"))
            elsewhere = await see(hall, containing("github", "acknowledged", "ben"), channel="#releases")
            assert (acked.id, elsewhere.id) == (card.id, other.id), "both cards were edited in place"
            rows = [row for row in await app.store.audit.list() if row.verb == "acknowledge_alert"]
            assert [(row.actor_name, row.outcome) for row in rows] == [("ben", "done")] or rows[0].actor_name.casefold().startswith("ben")

            await service.up()
            over = await see(hall, containing("github", "resolved", no_button="Resolve"))
            assert over.id == card.id
            assert len(await app.store.alerts.list()) == 1
            assert sum("firing" in seen.words or "resolved" in seen.words for seen in hall.public("#ops")) == 1, "one outage, one message"


async def test_a_second_acknowledgement_is_refused_privately_with_the_reason_and_leaves_a_row(tmp_path: Path) -> None:
    async with github() as service:
        environ = {"GITHUB_URL": f"http://127.0.0.1:{service.port}", "GITHUB_TOKEN": "t", "SIGNALBOX_PROBE_INTERVAL": "0.15"}
        async with house_with("rest", tmp_path, **environ) as (app, hall):
            await until(lambda: healthy(app))
            await service.down()
            card = await see(hall, containing("github", "firing", button="Acknowledge"))
            await hall.press(card, "Acknowledge", user="ben")
            await hall.press(card, "Acknowledge", user="ana")
            await see(hall, containing("Nothing was changed", "already acknowledged by ben"), private="ana")
            rows = [(row.actor_name, row.outcome) for row in await app.store.audit.list() if "acknowledge" in row.verb]
            assert sorted(rows) == [("ana", "refused"), ("ben", "done")]


async def test_a_service_that_never_answered_is_misconfigured_and_no_news(tmp_path: Path) -> None:
    environ = {"GITHUB_URL": "http://127.0.0.1:9", "GITHUB_TOKEN": "t", "SIGNALBOX_PROBE_INTERVAL": "0.1"}
    async with house_with("rest", tmp_path, **environ) as (app, hall):
        await until(lambda: probed(app, 6))
        assert await app.store.alerts.list() == []
        await hall.say("/doctor")
        await see(hall, containing("GitHub"), private="ana")


async def probed(app: main.App, times: int) -> bool:
    return any(state.service == "github" and state.failures >= times for state in await app.store.samples.states())


async def test_health_is_asked_for_and_a_sandboxed_outage_is_marked_as_such(tmp_path: Path) -> None:
    async with house_with("rest", tmp_path, SIGNALBOX_PROBE_INTERVAL="0.15") as (app, hall):
        await until(lambda: sandbox_seen(app))
        await hall.say("/health")
        await see(hall, containing("github", "healthy", "sandbox"), private="ana")
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {app.api_token}"}) as http:
            async with http.post(f"{app.server.url}/api/v2/sandbox/faults", json={"service": "trello", "kind": "down"}) as answer:
                assert answer.status in (200, 201), await answer.text()
            await see(hall, containing("trello", "firing", "sandbox", button="Acknowledge"))
            async with http.delete(f"{app.server.url}/api/v2/sandbox/faults") as answer:
                assert answer.status in (200, 204)
        await see(hall, containing("trello", "resolved"))
        (alert,) = await app.store.alerts.list()
        assert (alert.state, alert.resolved_by, alert.sandbox) == (AlertState.RESOLVED, "Signalbox", True)


async def sandbox_seen(app: main.App) -> bool:
    return {state.service for state in await app.store.samples.states() if state.ever_ok} >= {"github", "trello"}


async def until(holds: object) -> None:
    import asyncio

    async with asyncio.timeout(10):
        while not await holds():  # type: ignore[operator]
            await asyncio.sleep(0.03)
