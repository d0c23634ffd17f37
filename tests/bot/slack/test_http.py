"""Slack over signed HTTP: the same behaviour as on a socket, and nothing that is not from Slack gets in."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import uvicorn

from bot.faces.slack.face import SlackFace
from bot.faces.slack.http import LARGEST_BODY
from engine.parties import Address
from tests.bot.slack.conftest import Facing
from tests.bot.slack.house import SmallHouse, preview
from tests.peers.slack.delivery import signature
from tests.peers.slack.fake import FakeSlack


@pytest.fixture
async def face(facing: Facing, house: SmallHouse, slack: FakeSlack) -> AsyncIterator[SlackFace]:
    """Served by a real web server, mounted as main does."""
    face = facing(house, app_token="", signing_secret=slack.signing_secret)
    await face.start()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(_mounted(face), lifespan="off", log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        slack.http_url = f"http://127.0.0.1:{listening.getsockname()[1]}/slack/events"
        yield face
        server.should_exit = True
        await serving


def _mounted(face: SlackFace) -> Any:
    from starlette.applications import Starlette
    from starlette.routing import Route

    assert face.asgi is not None
    return Starlette(routes=[Route("/slack/events", endpoint=face.asgi, methods=["POST"])])


async def test_commands_events_presses_and_forms_work_over_http(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await slack.slash("/flow list")
    await slack.ephemeral("ana", "heard /flow list")
    await slack.dm("hello", "ben")
    await slack.direct("ben", "heard hello")
    await face.post(Address("slack", "#ops"), preview(), "k1")
    await slack.click(await slack.message("#ops", "Release"), "Edit", "ana")
    view = await slack.modal("ana")
    delivery = await slack.submit(view, {"Definition": "broken"})
    assert "no YAML I know" in "".join(delivery.errors.values())
    await slack.submit(view, {"Definition": "name: fine"})
    await slack.message("#ops", "edit by ana")
    assert face.state().ready
    assert "HTTP" in face.state().detail


async def test_an_event_that_was_not_acknowledged_comes_again_and_is_heard_once(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    house.refuse_to_accept = 1
    [delivery] = await slack.dm("hello", "ana")
    await slack.direct("ana", "heard hello")
    await slack.repeat(delivery)
    assert delivery.attempts == 2
    assert len(house.heard) == 1


@pytest.mark.parametrize("wrong", ["signature", "age", "secret", "none"])
async def test_what_slack_did_not_sign_is_turned_away(face: SlackFace, slack: FakeSlack, house: SmallHouse, wrong: str) -> None:
    import time

    now = int(time.time()) - (600 if wrong == "age" else 0)  # noqa: TID251 - bolt compares with the machine's clock
    body = '{"type":"event_callback","event_id":"Ev1","event":{"type":"message","channel_type":"im","channel":"D1","user":"U1","text":"hi","ts":"1.1"}}'
    signed = signature("other" if wrong == "secret" else slack.signing_secret, str(now), body + ("x" if wrong == "signature" else ""))
    headers = {} if wrong == "none" else {"x-slack-request-timestamp": str(now), "x-slack-signature": signed}
    async with aiohttp.ClientSession() as session, session.post(slack.http_url, data=body, headers=headers | {"content-type": "application/json"}) as answer:
        assert answer.status == 401
    assert house.memory.accepted == []


@pytest.mark.parametrize(("body", "status"), [(b"\xff\xfe", 400), (b"x" * (LARGEST_BODY + 1), 413), (b"", 401), (b"not json", 401)])
async def test_nonsense_gets_a_status_and_no_traceback(face: SlackFace, slack: FakeSlack, body: bytes, status: int) -> None:
    async with aiohttp.ClientSession() as session, session.post(slack.http_url, data=io.BytesIO(body)) as answer:
        assert answer.status == status
        assert "Traceback" not in await answer.text()


async def test_slacks_first_challenge_is_answered(face: SlackFace, slack: FakeSlack) -> None:
    import time

    stamp = str(int(time.time()))  # noqa: TID251 - bolt compares with the machine's clock
    body = '{"type":"url_verification","challenge":"abc"}'
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": signature(slack.signing_secret, stamp, body), "content-type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(slack.http_url, data=body, headers=headers) as answer:
        assert await answer.json(content_type=None) == {"challenge": "abc"}


def test_without_a_signing_secret_there_is_nothing_to_mount(house: SmallHouse, clock: Any) -> None:
    assert SlackFace(house, clock, bot_token="xoxb-1", app_token="xapp-1").asgi is None
