"""One port, taken and given back."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

from bot.cards.card import Card
from bot.faces.http.server import HttpServer
from engine.errors import Rejected
from engine.parties import Address
from tests.bot.web.house import SmallHouse

OPS = Address("web", "#ops")


async def test_a_port_in_use_is_refused_with_the_setting_to_change():
    house = SmallHouse()
    async with house.serving() as url:
        second = HttpServer(house.app, "127.0.0.1", int(url.rpartition(":")[2]))
        with pytest.raises(Rejected, match="SIGNALBOX_PORT"):
            await second.start()
        assert not second.running


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.9"])
async def test_an_address_of_another_machine_is_refused_with_the_setting_to_change(host: str):
    with pytest.raises(Rejected, match="SIGNALBOX_HOST"):
        await HttpServer(SmallHouse().app, host, 0).start()


def test_the_url_is_one_a_browser_on_this_machine_can_open():
    assert HttpServer(SmallHouse().app, "0.0.0.0", 8321).url == "http://127.0.0.1:8321"
    assert HttpServer(SmallHouse().app, "::1", 8321).url == "http://[::1]:8321"


async def test_event_streams_end_at_once_when_the_house_stops():
    house = SmallHouse()
    async with asyncio.timeout(8), house.serving() as url, httpx2.AsyncClient(base_url=url) as client:
        await client.get(house.face.invite())
        async with client.stream("GET", "/web/events") as stream:
            lines = stream.aiter_lines()
            async for line in lines:
                if line.startswith("event: hello"):
                    break
            loop = asyncio.get_running_loop()
            begun = loop.time()
            await house.face.stop()
            assert [line async for line in lines if line.startswith("event")] == []
            assert loop.time() - begun < 2


async def test_a_page_that_comes_back_gets_exactly_what_it_missed():
    house = SmallHouse()
    async with asyncio.timeout(8), house.serving() as url, httpx2.AsyncClient(base_url=url) as client:
        await client.get(house.face.invite())
        first = await read(client, {}, until="hello")
        await house.face.post(OPS, Card("missed"), "k")
        second = await read(client, {"last-event-id": first[-1]["id"]}, until="message")
        assert [(event["event"], event["data"].get("text")) for event in second] == [("hello", None), ("message", "missed")]
        third = await read(client, {"last-event-id": second[-1]["id"]}, until="hello")
        assert third[-1]["data"] == {"resumed": True}


async def read(client: httpx2.AsyncClient, headers: dict, until: str) -> list[dict]:
    """Events up to the first one called ``until``."""
    events: list[dict] = []
    now: dict = {"id": ""}
    async with client.stream("GET", "/web/events", headers=headers) as stream:
        async for line in stream.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                now["data"] = json.loads(value)
            elif name in ("event", "id"):
                now[name] = value
            elif not line and "data" in now:
                events.append(now)
                if now["event"] == until:
                    return events
                now = {"id": ""}
    return events
