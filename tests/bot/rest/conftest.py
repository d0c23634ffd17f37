"""The house behind the API, open for one test."""

from __future__ import annotations

import pytest

from tests.bot.rest.house import RestHouse


@pytest.fixture
async def house():
    return RestHouse()


@pytest.fixture
async def api(house: RestHouse):
    async with house.open() as client:
        yield client
