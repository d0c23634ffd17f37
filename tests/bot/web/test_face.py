"""The web chat as a face: durable, once, private where it says so."""

from __future__ import annotations

import asyncio

import pytest

from bot.cards.card import Card, Picture, Text
from bot.faces.face import Reply, Turn
from bot.faces.web.session import Visitor
from engine.errors import Forbidden, NotFound, Rejected
from engine.events import ServiceStateSaved
from engine.monitoring.alert import ServiceState
from engine.parties import Actor, Address, MessageRef
from tests.bot.cards.any_card import png
from tests.bot.web.house import SmallHouse
from tests.engine.clock import StandingClock

ANA = Visitor("ana", "Ana")
BEN = Visitor("ben", "Ben")
OPS = Address("web", "#ops")


@pytest.fixture
async def house():
    house = SmallHouse(clock=StandingClock())
    await house.face.start()
    yield house
    await house.face.stop()


async def texts(house: SmallHouse, reader: str, channel: str = "#ops") -> list[str]:
    return [message["text"] for message in (await house.face.history(reader, channel, 100))["messages"]]


async def test_posting_twice_with_one_key_stands_once(house: SmallHouse):
    first = await house.face.post(OPS, Card("one"), "key")
    assert await house.face.post(OPS, Card("two"), "key") == first
    assert await texts(house, "web:ana") == ["two"]


async def test_a_message_is_found_again_by_its_key(house: SmallHouse):
    ref = await house.face.post(OPS, Card("one"), "key")
    assert await house.face.find(OPS, "key") == ref
    assert await house.face.find(Address("web", "#other"), "key") is None


async def test_an_edit_replaces_the_card_and_keeps_its_place(house: SmallHouse):
    ref = await house.face.post(OPS, Card("one"), "key")
    await house.face.post(OPS, Card("later"), "key 2")
    await house.face.edit(ref, Card("one, changed"))
    assert await texts(house, "web:ana") == ["one, changed", "later"]


async def test_editing_what_is_gone_says_so(house: SmallHouse):
    with pytest.raises(Rejected, match="gone"):
        await house.face.edit(MessageRef("web", "#ops", "msg_unknown"), Card("x"))


async def test_a_whisper_is_seen_by_one(house: SmallHouse):
    await house.face.whisper(ANA.actor(), OPS, Card("psst"))
    assert await texts(house, "web:ana") == ["psst"]
    assert await texts(house, "web:ben") == []


async def test_channels_come_to_be_by_use(house: SmallHouse):
    assert await house.face.channels("web:ana") == ["#ops"]
    await house.face.post(Address("web", "Releases"), Card("x"), "k")
    await house.face.post(Address("web", "@ben"), Card("y"), "k")
    assert await house.face.channels("web:ana") == ["#ops", "#releases"]
    assert await house.face.channels("web:ben") == ["#ops", "#releases", "@ben"]


async def test_a_direct_message_is_seen_by_its_owner_only(house: SmallHouse):
    await house.face.post(Address("web", "@ben"), Card("for ben"), "k")
    assert await texts(house, "web:ben", "@ben") == ["for ben"]
    assert await texts(house, "web:ana", "@ben") == []


async def test_nobody_speaks_in_somebody_elses_own_channel(house: SmallHouse):
    with pytest.raises(Forbidden):
        await house.face.hear(ANA, "id-0000001", "@ben", "hello", "")


@pytest.mark.parametrize("channel", ["", "#", "#a b", "#<script>", "#" + "x" * 81])
async def test_a_name_that_cannot_be_a_channel_is_refused_with_a_reason(house: SmallHouse, channel: str):
    with pytest.raises(Rejected, match="channel"):
        await house.face.post(Address("web", channel), Card("x"), "k")


async def test_what_is_said_stands_in_the_channel_and_is_acted_on_once(house: SmallHouse):
    await house.face.hear(ANA, "id-0000001", "#ops", "hello", "Europe/Berlin")
    await house.face.hear(ANA, "id-0000001", "#ops", "hello", "Europe/Berlin")
    assert await texts(house, "web:ben") == ["hello", "You said: hello"]
    assert [utterance.actor.timezone for utterance in house.conversation.heard] == ["Europe/Berlin"]


async def test_a_slash_command_and_its_answer_are_seen_by_the_asker_only(house: SmallHouse):
    await house.face.hear(ANA, "id-0000001", "#ops", "/flow list", "")
    assert await texts(house, "web:ana") == ["/flow list", "Your workflows"]
    assert await texts(house, "web:ben") == []


async def test_a_tracked_card_is_not_shown_a_second_time(house: SmallHouse):
    await house.face.hear(ANA, "id-0000001", "#ops", "when x, do y", "")
    assert await texts(house, "web:ana") == ["when x, do y", "New workflow: Release flow"]


async def test_one_persons_ids_cannot_be_used_by_another(house: SmallHouse):
    await house.face.hear(ANA, "id-0000001", "#ops", "from ana", "")
    await house.face.hear(BEN, "id-0000001", "#ops", "from ben", "")
    assert [utterance.text for utterance in house.conversation.heard] == ["from ana", "from ben"]


@pytest.mark.parametrize(("id", "text", "says"), [("id-0000001", "  ", "Nothing was said"), ("id-0000001", "x" * 20_001, "too long"), ("<>", "hi", "id")])
async def test_what_cannot_be_heard_is_refused_with_a_reason(house: SmallHouse, id: str, text: str, says: str):
    with pytest.raises(Rejected, match=says):
        await house.face.hear(ANA, id, "#ops", text, "")


async def test_an_unknown_zone_is_no_zone(house: SmallHouse):
    await house.face.hear(ANA, "id-0000001", "#ops", "hello", "Mars/../Olympus")
    assert house.conversation.heard[0].actor.timezone == ""


async def test_a_turn_is_finished_although_the_browser_left(house: SmallHouse):
    go_on = asyncio.Event()

    async def slowly(utterance) -> Turn:
        await go_on.wait()
        return Turn((Reply(Card("done after all"), private=False),))

    house.conversation.hear = slowly
    asking = asyncio.create_task(house.face.hear(ANA, "id-0000001", "#ops", "hello", ""))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    go_on.set()
    await house.face.stop()
    assert await texts(house, "web:ana") == ["hello", "done after all"]


async def test_history_says_when_there_is_more(house: SmallHouse):
    for number in range(3):
        await house.face.post(OPS, Card(f"n{number}"), f"k{number}")
    history = await house.face.history("web:ana", "#ops", 2)
    assert ([m["text"] for m in history["messages"]], history["more"]) == (["n1", "n2"], True)


async def test_pictures_are_loaded_by_address_and_only_by_those_who_may_see_them(house: SmallHouse):
    await house.face.whisper(Actor("web", "ana", "Ana"), OPS, Card("x", (Text(("t",)), Picture(png(), "dots"))))
    message = (await house.face.history("web:ana", "#ops", 1))["messages"][0]
    assert message["card"]["body"][1]["src"].startswith(f"/web/pictures/{message['id']}/1?v=")
    assert await house.face.picture("web:ana", message["id"], 1) == png()
    for reader, part in (("web:ben", 1), ("web:ana", 0), ("web:ana", 7)):
        with pytest.raises(NotFound):
            await house.face.picture(reader, message["id"], part)


async def test_health_shows_the_worst_account_of_each_service_worst_first(house: SmallHouse):
    for service, account, status in (("github", "a", "healthy"), ("trello", "a", "healthy"), ("trello", "b", "offline")):
        await house.store.ledger.record(ServiceStateSaved(ServiceState(service=service, account=account, status=status)))
    health = await house.face.health()
    assert [(s["service"], s["status"]) for s in health["services"]] == [("trello", "offline"), ("github", "healthy")]
    assert (health["healthy"], health["total"]) == (1, 2)


async def test_pages_hear_of_health_only_when_it_looks_different(house: SmallHouse):
    for failures in range(3):
        await house.store.ledger.record(ServiceStateSaved(ServiceState(service="trello", account="a", status="healthy", failures=failures)))
    assert house.face.hub.seq == 1
    await house.store.ledger.record(ServiceStateSaved(ServiceState(service="trello", account="a", status="offline")))
    assert house.face.hub.seq == 2


async def test_the_face_is_ready_once_started(house: SmallHouse):
    assert house.face.state().ready
    assert await house.face.home_channel() == "#ops"
    assert not SmallHouse().face.state().ready
