"""What open pages are told, and what a page that was away gets."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from bot.faces.http.sse import Frame, until
from bot.faces.web.stream import BACKLOG, REMEMBERED, Hub


async def take(hub: Hub, reader: str, last: str, count: int) -> list[Frame]:
    async with aclosing(hub.frames(reader, last)) as frames:
        return [await anext(frames) for _ in range(count)]


async def test_a_page_gets_what_it_missed_and_nothing_twice():
    hub = Hub("one")
    for number in range(5):
        hub.publish("message", {"n": number})
    hello, *missed = await take(hub, "web:ana", "one.2", 4)
    assert hello.data == {"resumed": True}
    assert [(frame.id, frame.data["n"]) for frame in missed] == [("one.3", 2), ("one.4", 3), ("one.5", 4)]


async def test_a_new_page_starts_at_the_present():
    hub = Hub("one")
    hub.publish("message", {})
    hello = (await take(hub, "web:ana", "", 1))[0]
    assert (hello.data, hello.id) == ({"resumed": False}, "one.1")


async def test_ids_of_an_earlier_process_cannot_be_resumed():
    hub = Hub("two")
    hub.publish("message", {})
    assert (await take(hub, "web:ana", "one.1", 1))[0].data == {"resumed": False}


async def test_a_page_that_was_away_too_long_starts_afresh():
    hub = Hub("one")
    for _ in range(REMEMBERED + 2):
        hub.publish("message", {})
    assert (await take(hub, "web:ana", "one.1", 1))[0].data == {"resumed": False}
    assert (await take(hub, "web:ana", "one.nonsense", 1))[0].data == {"resumed": False}
    assert (await take(hub, "web:ana", f"one.{hub.seq + 9}", 1))[0].data == {"resumed": False}


async def test_private_notices_reach_their_reader_only():
    hub = Hub("one")
    hub.publish("message", {"n": 1}, only_for="web:ben")
    hub.publish("message", {"n": 2})
    assert [frame.data.get("n") for frame in await take(hub, "web:ana", "one.0", 2)] == [None, 2]
    assert [frame.data.get("n") for frame in await take(hub, "web:ben", "one.0", 3)] == [None, 1, 2]


async def test_a_page_that_does_not_keep_up_is_told_to_start_afresh():
    hub = Hub("one")
    async with aclosing(hub.frames("web:ana", "")) as frames:
        await anext(frames)
        for number in range(BACKLOG + 1):
            hub.publish("message", {"n": number})
        assert (await anext(frames)).data == {"resumed": False}


async def test_a_page_that_left_is_forgotten():
    hub = Hub("one")
    await take(hub, "web:ana", "", 1)
    assert hub.pages == 0


async def test_a_stream_beats_while_it_is_silent_and_ends_when_the_house_closes():
    async def silent():
        await asyncio.Event().wait()
        yield "never"

    closing = asyncio.Event()
    beats = 0
    async for item in until(silent(), closing, 0.001):
        assert item is None
        beats += 1
        if beats == 3:
            closing.set()
    assert beats == 3


async def test_a_stream_ends_with_its_source():
    async def two():
        yield 1
        yield 2

    assert [item async for item in until(two(), asyncio.Event(), 10)] == [1, 2]


def test_a_frame_is_one_event_whatever_is_in_it():
    frame = Frame("na\nme", {"text": "a\n\ndata: b\r\u2028"}, "i\nd").encode()
    assert frame.count(b"\n\n") == 1
    assert frame.endswith(b"\n\n")
    assert frame.split(b"\n")[:2] == [b"event: na me", b"id: i d"]


async def test_when_something_was_missed_open_pages_and_those_that_come_back_start_afresh():
    hub = Hub("one")
    hub.publish("message", {"n": 1})
    async with aclosing(hub.frames("web:ana", "one.1")) as frames:
        assert (await anext(frames)).data == {"resumed": True}
        hub.afresh()
        assert (await anext(frames)).data == {"resumed": False}
    assert (await take(hub, "web:ben", "one.1", 1))[0].data == {"resumed": False}
    assert (await take(hub, "web:ben", f"one.{hub.seq}", 1))[0].data == {"resumed": True}
