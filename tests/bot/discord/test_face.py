"""Posting, editing and finding on Discord when everything goes wrong on the way: the real discord.py on a fake Discord."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cards.card import Button, Card, Picture, Text, User
from bot.faces.discord import marks
from engine.errors import Rejected, Transient, Unanswered
from engine.parties import Actor, Address, MessageRef
from tests.bot.discord.stage import StageClock, StageConversation, make_face, on_stage
from tests.peers.discord import FakeDiscord

OPS = Address("discord", "#ops")
PNG = b"\x89PNG\r\n\x1a\n"


def alert(state: str, version: int = 1) -> Card:
    actions = (Button("acknowledge", "Acknowledge"), Button("resolve", "Resolve")) if state != "resolved" else ()
    return Card(f"Trello is {state}", id="alr_1", version=version, actions=actions)


async def test_a_card_is_posted_with_the_channels_own_id_and_edited_in_place():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        ref = await stage.face.post(OPS, alert("down"), "k1")
        assert ref == MessageRef("discord", fake.channel("ops").id, fake.messages("ops")[0].id)
        await stage.face.edit(ref, alert("resolved", 2))
        (message,) = fake.messages("ops")
        assert message.text == "### Trello is resolved"
        assert message.buttons == []


async def test_pictures_go_along_and_are_replaced_by_an_edit():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        ref = await stage.face.post(OPS, Card("Impact", (Picture(PNG, "two workflows", "a.png"),)), "k1")
        assert fake.messages("ops")[0].attachments == ["0-a.png"]
        await stage.face.edit(ref, Card("Impact", (Picture(PNG, "three workflows", "b.png"),)))
        assert fake.messages("ops")[0].attachments == ["0-b.png"]
        await stage.face.edit(ref, Card("Impact"))
        assert fake.messages("ops")[0].attachments == []


async def test_only_those_are_notified_who_are_meant():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        ana, ben = fake.user("ana").id, fake.user("ben").id
        await stage.face.post(OPS, Card("On call", (Text((f"<@{ben}> @everyone ", User(ana, "ana", ping=True))),)), "k1")
        assert fake.messages("ops")[0].pinged == [ana]


async def test_the_same_key_stands_once_even_when_it_is_posted_twice():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        first = await stage.face.post(OPS, alert("down"), "k1")
        assert await stage.face.post(OPS, alert("down"), "k1") == first
        assert len(fake.messages("ops")) == 1


async def test_an_answer_of_502_after_the_message_stood_makes_no_second_one():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=502, commit=True)
        ref = await stage.face.post(OPS, alert("down"), "k1")
        assert [message.id for message in fake.messages("ops")] == [ref.message]


async def test_a_lost_answer_is_unanswered_and_the_message_is_found_again():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=0, commit=True)
        with pytest.raises(Unanswered):
            await stage.face.post(OPS, alert("down"), "k1")
        found = await stage.face.find(OPS, "k1")
        assert found == MessageRef("discord", fake.channel("ops").id, fake.messages("ops")[0].id)


async def test_a_message_is_found_by_its_key_after_a_restart_and_by_no_other():
    async with FakeDiscord() as fake:
        async with on_stage(fake) as stage:
            await stage.face.post(OPS, Card("No buttons here"), "k1")
            ref = await stage.face.post(OPS, Card("No buttons here"), "k2")
        fake.advance(3600)
        async with on_stage(fake) as stage:
            assert await stage.face.find(OPS, "k2") == ref
            assert await stage.face.find(OPS, "k3") is None
            assert await stage.face.find(Address("discord", "#releases"), "k2") is None


async def test_a_lost_answer_to_an_edit_is_simply_tried_again_later():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        ref = await stage.face.post(OPS, alert("down"), "k1")
        fake.fail("PATCH", r"/messages/", status=0)
        with pytest.raises(Transient):
            await stage.face.edit(ref, alert("resolved", 2))
        await stage.face.edit(ref, alert("resolved", 2))


async def test_503_and_a_refused_connection_are_for_later():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=503)
        with pytest.raises(Transient):
            await stage.face.post(OPS, alert("down"), "k1")
        assert fake.messages("ops") == []


async def test_a_short_rate_limit_is_waited_out_and_a_long_one_is_for_later():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=429, retry_after=0.05)
        await stage.face.post(OPS, alert("down"), "k1")
        fake.fail("POST", r"/messages$", status=429, retry_after=120.0)
        with pytest.raises(Transient) as refused:
            await stage.face.post(OPS, alert("down"), "k2")
        assert refused.value.retry_after == 120.0


async def test_a_limit_by_the_platforms_shield_is_for_later_too():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=429, retry_after=30.0, via=False)
        with pytest.raises(Transient) as refused:
            await stage.face.post(OPS, alert("down"), "k1")
        assert refused.value.retry_after == 30.0


async def test_a_storm_of_posts_keeps_to_the_buckets():
    async with FakeDiscord(bucket=(3, 0.2)) as fake, on_stage(fake) as stage:
        for number in range(7):
            await stage.face.post(OPS, Card(f"Card {number}"), f"k{number}")
        assert len(fake.messages("ops")) == 7


async def test_channels_that_cannot_be_written_to_are_refused_with_what_to_do():
    fake = FakeDiscord()
    fake.add_channel("closed", writable=False)
    fake.add_channel("hidden", visible=False)
    async with fake, on_stage(fake) as stage:
        with pytest.raises(Rejected, match="Send Messages"):
            await stage.face.post(Address("discord", "#closed"), alert("down"), "k1")
        with pytest.raises(Rejected, match="cannot see"):
            await stage.face.post(Address("discord", fake.channel("hidden").id), alert("down"), "k2")
        with pytest.raises(Rejected, match="#general"):
            await stage.face.post(Address("discord", "#nowhere"), alert("down"), "k3")
        with pytest.raises(Rejected, match="no such channel"):
            await stage.face.post(Address("discord", "12345"), alert("down"), "k4")
        with pytest.raises(Rejected, match="deleted"):
            await stage.face.edit(MessageRef("discord", fake.channel("ops").id, "12345"), alert("down"))


async def test_a_card_that_discord_refuses_stands_in_its_least_form():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.fail("POST", r"/messages$", status=400, code=50035)
        await stage.face.post(OPS, alert("down"), "k1")
        assert "Trello is down" in fake.messages("ops")[0].text
        assert "could not be shown in full" in fake.messages("ops")[0].text


async def test_a_card_in_a_thread_is_posted_and_edited_there():
    fake = FakeDiscord()
    thread = fake.add_thread("ops", "outage")
    async with fake, on_stage(fake) as stage:
        ref = await stage.face.post(Address("discord", fake.channel("ops").id, thread.id), alert("down"), "k1")
        assert ref.thread == thread.id
        await stage.face.edit(ref, alert("resolved", 2))
        assert fake.messages(thread)[0].text == "### Trello is resolved"
        assert fake.messages("ops") == []


async def test_a_whisper_stays_in_the_channel_while_an_interaction_lasts_and_is_a_direct_message_after():
    clock = StageClock()
    async with FakeDiscord() as fake, on_stage(fake, clock=clock) as stage:
        ana = Actor("discord", fake.user("ana").id, "Ana")
        exchange = await fake.slash("health")
        where = stage.conversation.heard[0].where
        await stage.face.whisper(ana, where, Card("Only for you"))
        assert [message.text for message in exchange.messages][-1] == "### Only for you"
        assert exchange.private
        clock.ahead += timedelta(minutes=15)
        await stage.face.whisper(ana, where, Card("Later"))
        assert [message.text for message in fake.dms("ana")] == ["### Later"]


async def test_a_whisper_to_somebody_who_takes_none_is_refused_with_what_they_can_do():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        fake.user("ben").accepts_direct = False
        with pytest.raises(Rejected, match="direct messages"):
            await stage.face.whisper(Actor("discord", fake.user("ben").id, "Ben"), OPS, Card("Only for you"))


async def test_the_home_channel_is_the_first_in_which_it_may_write():
    fake = FakeDiscord()
    fake.channel("general").allow = 1 << 10
    async with fake, on_stage(fake) as stage:
        assert await stage.face.home_channel() == fake.channel("ops").id


async def test_without_a_token_the_face_stays_idle_and_says_so():
    async with FakeDiscord() as fake:
        face = make_face(fake, StageConversation(), StageClock(), token=" ")
        await face.start()
        state = face.state()
        assert (state.configured, state.ready) == (False, False)
        assert "DISCORD_TOKEN" in state.detail
        assert [finding.level for finding in await face.examine()] == ["info"]
        with pytest.raises(Transient):
            await face.post(OPS, alert("down"), "k1")
        assert await face.home_channel() == ""
        await face.stop()


async def test_a_wrong_token_is_said_and_not_tried_again():
    async with FakeDiscord() as fake:
        face = make_face(fake, StageConversation(), StageClock(), token="wrong")
        await face.start()
        assert not face.state().ready
        assert "refuses the bot's token" in face.state().detail
        assert [(finding.level, "token" in finding.message) for finding in await face.examine()] == [("problem", True)]
        assert len([path for _, path in fake.rest.log if path == "/users/@me"]) == 2
        await face.stop()


async def test_the_commands_are_registered_once_and_again_only_when_they_differ():
    async with FakeDiscord() as fake:
        for _ in range(2):
            async with on_stage(fake):
                pass
        assert [method for method, path in fake.rest.log if path.endswith("/commands")] == ["GET", "PUT", "GET"]
        fake.world.commands[0]["description"] = "changed by somebody"
        async with on_stage(fake):
            pass
        assert [method for method, path in fake.rest.log if path.endswith("/commands")][-1] == "PUT"


async def test_refused_commands_do_not_stop_the_rest_and_are_told():
    async with FakeDiscord() as fake:
        fake.fail("PUT", "/commands$", status=400, code=30034)
        async with on_stage(fake) as stage:
            await stage.face.post(OPS, alert("down"), "k1")
            assert "refused" in stage.face.state().detail
            assert "warning" in [finding.level for finding in await stage.face.examine()]


async def test_it_comes_back_by_itself_after_every_interruption_and_goes_on_where_it_was():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.reconnect()
        await fake.slash("flow list")
        resumed = fake.gateway.resumed
        await fake.cut()
        await fake.until(lambda: fake.gateway.resumed > resumed and fake.gateway.connected, "a resumed session")
        await fake.slash("health")
        await fake.invalidate(resumable=True)
        await fake.until(lambda: fake.gateway.resumed > resumed + 1 and fake.gateway.connected, "a resumed session")
        await fake.slash("doctor")
        assert [utterance.text for utterance in stage.conversation.heard] == ["/flow list", "/health", "/doctor"]


@pytest.mark.slow  # discord.py waits five seconds before it identifies again
async def test_a_session_that_is_over_is_begun_anew():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.invalidate(resumable=False)
        await fake.until(lambda: fake.gateway.identified == 2 and stage.face.state().ready, "a new session", 10)
        await fake.slash("doctor")
        assert [utterance.text for utterance in stage.conversation.heard] == ["/doctor"]


async def test_what_happens_during_an_interruption_is_heard_after_it():
    async with FakeDiscord() as fake, on_stage(fake) as stage:
        await fake.cut()
        await fake.dm("health")
        await fake.until(lambda: stage.conversation.heard, "the message to arrive")
        assert [utterance.text for utterance in stage.conversation.heard] == ["health"]


async def test_a_discord_that_is_not_there_yet_is_waited_for():
    fake = FakeDiscord()
    await fake.start()
    fake.fail("GET", "/users/@me$", status=503, times=3)
    face = make_face(fake, StageConversation(), StageClock())
    await face.start()
    assert not face.state().ready
    assert "trying again" in face.state().detail
    await fake.until(lambda: face.state().ready, "the face to connect")
    await face.stop()
    await fake.stop()


async def test_a_gateway_that_refuses_at_first_is_tried_again():
    async with FakeDiscord() as fake:
        fake.gateway.refuse = 1
        face = make_face(fake, StageConversation(), StageClock())
        await face.start()
        assert "trying again" in face.state().detail
        await fake.until(lambda: face.state().ready, "the face to connect")
        await fake.slash("doctor")
        await face.stop()


async def test_the_doctor_says_what_is_well_and_what_is_missing():
    fake = FakeDiscord()
    async with fake, on_stage(fake) as stage:
        assert {finding.level for finding in await stage.face.examine()} == {"ok"}
        fake.world.permissions &= ~(1 << 15)
        findings = await stage.face.examine()
        assert [finding.message for finding in findings if finding.level == "warning"] == ["On “Acme” the bot lacks: Attach Files."]


def test_keys_are_short_stable_and_different():
    assert marks.nonce("posting:1") == marks.nonce("posting:1")
    assert len(marks.nonce("x" * 500)) <= 25
    assert len({marks.component_ids(f"posting:{n}") for n in range(2000)}) == 2000
    assert all(0 < number < 2**31 for n in range(2000) for number in marks.component_ids(f"posting:{n}"))
