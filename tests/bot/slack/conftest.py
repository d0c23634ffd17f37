"""The fake Slack, a small house and the real face between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.faces.slack.face import SlackFace
from tests.bot.slack.house import SmallHouse, WallClock
from tests.peers.slack.fake import FakeSlack


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@pytest.fixture
def house() -> SmallHouse:
    return SmallHouse()


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


Facing = Callable[..., SlackFace]


@pytest.fixture
async def facing(slack: FakeSlack, clock: WallClock) -> AsyncIterator[Facing]:
    """Makes faces on the fake Slack and stops them in the end."""
    made: list[SlackFace] = []

    def make(house: SmallHouse, **settings: Any) -> SlackFace:
        given = {"bot_token": slack.bot_token, "app_token": slack.app_token, "api_url": slack.api_url, "ping": 0.2} | settings
        made.append(SlackFace(house, clock, **given))
        return made[-1]

    yield make
    await asyncio.gather(*(face.stop() for face in made))


@pytest.fixture
async def face(facing: Facing, house: SmallHouse, slack: FakeSlack) -> SlackFace:
    """Connected on both sockets."""
    face = facing(house)
    await face.start()
    await slack.until(lambda: len(slack.socket.connections) == 2, what="two connections")
    return face
