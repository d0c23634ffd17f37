"""Threads at our own cards, against the real discord.py: opened with the first word, used again, and done without where they may not be."""

from __future__ import annotations

from bot.cards.card import Card
from engine.parties import Address, MessageRef
from tests.bot.discord.stage import on_stage
from tests.peers.discord import FakeDiscord
from tests.peers.discord.world import OPEN_THREADS

OPS = Address("discord", "#ops")
CARD, CALL = Card("Trello is down"), Card("Trello: somebody is needed")


def beside(ref: MessageRef) -> Address:
    return Address("discord", ref.channel, ref.message)


async def test_the_first_word_beside_a_card_opens_its_thread_and_the_next_stands_there_too():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        card = await stage.face.post(OPS, CARD, "k1")
        first = await stage.face.post(beside(card), CALL, "k2")
        second = await stage.face.post(beside(card), CALL, "k3")
        thread = fake.channel(card.message)
        assert thread.name == "Trello: somebody is needed"
        assert first.thread == second.thread == card.message
        assert [seen.id for seen in fake.messages(thread)] == [first.message, second.message]
        assert len(fake.messages("ops")) == 1
        assert await stage.face.find(beside(card), "k2") == first
        fake.assert_well_spoken()


async def test_where_no_thread_may_be_opened_it_is_said_in_the_channel_and_found_and_edited_there():
    fake = FakeDiscord()
    fake.channel("ops").allow &= ~OPEN_THREADS
    async with fake, on_stage(fake) as stage:
        card = await stage.face.post(OPS, CARD, "k1")
        call = await stage.face.post(beside(card), CALL, "k2")
        assert call == MessageRef("discord", card.channel, call.message)
        assert await stage.face.find(beside(card), "k2") == call
        await stage.face.edit(call, Card("Trello: somebody was called"))
        assert [seen.text for seen in fake.messages("ops")] == ["### Trello is down", "### Trello: somebody was called"]


async def test_a_thread_that_somebody_opened_at_the_same_moment_is_used():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        card = await stage.face.post(OPS, CARD, "k1")
        await stage.face.post(beside(card), CALL, "k2")
        fake.fail("POST", f"/channels/{card.message}/messages$", status=404, code=10003)
        again = await stage.face.post(beside(card), CALL, "k3")
        assert again.thread == card.message
        assert len(fake.messages(fake.channel(card.message))) == 2


async def test_the_card_being_gone_a_call_still_reaches_the_channel():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        card = await stage.face.post(OPS, CARD, "k1")
        fake.channel("ops").messages.clear()
        call = await stage.face.post(beside(card), CALL, "k2")
        assert not call.thread
        assert [seen.id for seen in fake.messages("ops")] == [call.message]
