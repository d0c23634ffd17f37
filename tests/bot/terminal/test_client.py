"""The terminal's wire, against the real REST face on a loopback port."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from bot.faces.http.server import HttpServer
from bot.faces.terminal.client import Client
from engine.errors import Rejected, Transient
from tests.bot.rest.house import TOKEN, RestHouse

SENTENCE = "when a pull request is merged, make a card"


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


async def test_what_is_said_comes_back_as_cards_and_their_buttons_press(client: Client, house: RestHouse) -> None:
    assert await client.alive()
    said = await client.say(SENTENCE, "Ada", "#ops")
    (preview,) = said["cards"]
    confirm = next(button for button in preview["actions"] if button["verb"] == "confirm")
    assert (await client.press(confirm, "Ada"))["success"]
    assert [flow.name for flow in await house.store.workflows.list()] == ["Release flow"]
    assert (await client.press(confirm, "Bob"))["success"] is False
    now = await client.card(preview["id"])
    assert now is not None
    assert now["actions"] == []
    assert await client.card("prv_none") is None


async def test_a_file_of_this_machine_is_handed_over_and_named(client: Client, house: RestHouse, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_bytes(b"a,b\n")
    (tmp_path / "empty").touch()
    id = await client.hand_over(tmp_path / "report.csv")
    kept = await house.store.files.get(id)
    assert kept is not None
    assert (kept.name, kept.media_type, await house.store.files.read(id)) == ("report.csv", "text/csv", b"a,b\n")
    for path, why in ((tmp_path / "nowhere", "cannot be read"), (tmp_path, "cannot be read"), (tmp_path / "empty", "is empty")):
        with pytest.raises(Rejected, match=why):
            await client.hand_over(path)


async def test_a_form_is_sent_with_the_press(client: Client) -> None:
    (preview,) = (await client.say(SENTENCE, "Ada", "#ops"))["cards"]
    edit = next(button for button in preview["actions"] if button["verb"] == "edit")
    answer = await client.press(edit, "Ada", {"definition": "name: x\nsteps: 7\n"})
    assert answer["success"] is False


async def test_news_come_as_they_happen(client: Client) -> None:
    heard = asyncio.Event()

    async def listen() -> tuple[str, dict]:
        async for news in client.events():
            if news[0] == "draft":
                heard.set()
                return news
        raise AssertionError("the news ended")

    listening = asyncio.create_task(listen())
    while not heard.is_set():
        await client.say(SENTENCE, "Ada", "#ops")
        await asyncio.sleep(0.01)
    assert (await listening)[1]["state"] == "open"


async def test_where_nobody_listens_it_is_said_in_words() -> None:
    async with Client(nobody(), TOKEN) as client:
        assert not await client.alive()
        with pytest.raises(Transient, match="Is it still running"):
            await client.say("hello", "Ada", "#ops")
        with pytest.raises(Transient, match="does not answer"):
            await client.get("/api/v2/doctor")
        with pytest.raises(Transient, match="does not answer"):
            await anext(client.events())


async def test_a_wrong_token_says_what_to_do(server: HttpServer) -> None:
    async with Client(server.url, "wrong") as client:
        assert await client.alive()
        with pytest.raises(Rejected, match="set SIGNALBOX_API_TOKEN"):
            await client.say("hello", "Ada", "#ops")
        with pytest.raises(Rejected, match="refuses our token"):
            await anext(client.events())


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"[1]", b"", b"\xff\xfe"])
async def test_another_program_on_that_port_is_recognised(body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", TOKEN) as client:
        with pytest.raises(Transient, match="no JSON object; is another program"):
            await client.get("/api/v2/doctor")


async def test_a_connection_that_breaks_off_mid_answer_is_said_in_words() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, Client(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", TOKEN) as client:
        with pytest.raises(Transient, match="does not answer"):
            await client.get("/api/v2/doctor")
