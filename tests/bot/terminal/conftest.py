"""A house behind a real port, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.faces.http.server import HttpServer
from bot.faces.terminal.client import Client
from tests.bot.rest.house import TOKEN, RestHouse


@pytest.fixture
async def house() -> AsyncIterator[RestHouse]:
    house = RestHouse()
    async with house.open():
        yield house


@pytest.fixture
async def server(house: RestHouse) -> AsyncIterator[HttpServer]:
    server = HttpServer(house.app, "127.0.0.1", 0)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: HttpServer) -> AsyncIterator[Client]:
    async with Client(server.url, TOKEN) as client:
        yield client
