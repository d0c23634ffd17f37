"""What people do in Slack reaches the house once, is acknowledged at once, and is answered where they are: real bolt, fake Slack."""

from __future__ import annotations

import asyncio

import pytest

from bot.cards.card import Card
from bot.faces.face import Reply, Turn, Utterance
from bot.faces.slack.face import SlackFace
from engine.parties import Address
from tests.bot.slack.conftest import Facing
from tests.bot.slack.house import SmallHouse, WallClock, preview, said
from tests.peers.slack.delivery import NotAcknowledged
from tests.peers.slack.fake import FakeSlack


async def test_a_slash_command_is_heard_as_typed_and_answered_only_to_the_asker(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    delivery = await slack.slash("/flow list", "ana", "#ops")
    whisper = await slack.ephemeral("ana", "heard /flow list")
    assert delivery.latency < 1.0
    assert whisper.channel == "C1"
    assert slack.messages("#ops") == []
    [utterance] = house.heard
    assert utterance.text == "/flow list"
    assert utterance.direct
    assert utterance.where == Address("slack", "C1")


async def test_the_actor_comes_with_name_time_zone_and_language(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await slack.dm("every weekday at 9", "ana")
    await slack.direct("ana", "heard")
    await slack.dm("again", "ana")
    await slack.direct("ana", "heard again")
    actor = house.heard[0].actor
    assert (actor.id, actor.name, actor.timezone, actor.locale) == ("slack:U1", "ana", "Europe/Berlin", "de-DE")
    assert len(slack.called("users.info")) == 1


async def test_a_mention_is_heard_once_although_slack_tells_it_twice(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    deliveries = await slack.mention("list my flows", "ben", "#releases")
    await slack.ephemeral("ben", "heard list my flows")
    assert len(deliveries) == 2
    assert all(delivery.acked for delivery in deliveries)
    assert [utterance.text for utterance in house.heard] == ["list my flows"]


async def test_channel_tokens_stay_and_entities_are_undone(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await slack.slash("/signalbox tell <#C2|releases> when a &lt; b, see <http://trello.com|trello.com>", "ana", "#ops")
    await slack.ephemeral("ana", "heard")
    assert house.heard[0].text == "/signalbox tell <#C2|releases> when a < b, see trello.com"


async def test_chatter_that_is_not_for_us_is_not_even_written_down(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    [delivery] = await slack.say("lunch?", "ben", "#ops")
    assert delivery.acked
    assert house.memory.accepted == []


async def test_who_just_spoke_with_us_may_go_on_without_a_mention(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await slack.mention("create a card on the release board", "ana", "#ops")
    await slack.ephemeral("ana", "heard")
    await slack.say("the second one", "ana", "#ops")
    await slack.ephemeral("ana", "the second one")
    await slack.say("the third one", "ben", "#ops")
    assert [(utterance.text, utterance.direct) for utterance in house.heard] == [
        ("create a card on the release board", True),
        ("the second one", False),
    ]


async def test_a_reply_in_the_thread_of_our_own_message_is_heard(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    ref = await face.post(Address("slack", "#ops"), preview(), "k1")
    await slack.say("what is that?", "ben", "#ops", thread=ref.message)
    await slack.until(lambda: house.heard)
    assert house.heard[0].where == Address("slack", "C1", ref.message)
    assert not house.heard[0].direct


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B0OTHER"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"edited": {"user": "U1", "ts": "1"}},
        {"user": "U0BOT"},
    ],
)
async def test_bots_edits_and_joins_are_acknowledged_and_ignored(
    face: SlackFace, slack: FakeSlack, house: SmallHouse, event: dict[str, object]
) -> None:
    [delivery] = await slack.say("<@U0BOT> hi", "ana", slack.workspace.direct("U1").id, event=event)
    assert delivery.acked
    assert house.memory.accepted == []


async def test_the_same_event_twice_is_acted_on_once_also_across_a_restart(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    first = facing(house)
    await first.start()
    [delivery] = await slack.dm("create", "ana")
    await slack.direct("ana", "heard create")
    await slack.repeat(delivery)
    await first.stop()
    reborn = SmallHouse(house.memory)
    second = facing(reborn)
    await second.start()
    again = await slack.repeat(delivery)
    assert again.acked
    await second.stop()
    assert len(house.heard) == 1
    assert reborn.heard == []
    assert len(slack.directs("ana")) == 1


async def test_what_could_not_be_written_down_is_not_acknowledged_so_slack_sends_it_again(
    face: SlackFace, slack: FakeSlack, house: SmallHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.peers.slack.delivery.ACK_WITHIN", 0.2)
    house.refuse_to_accept = 2
    [delivery] = await slack.dm("create", "ana")
    await slack.direct("ana", "heard create")
    assert delivery.attempts == 3
    assert len(house.heard) == 1


async def test_the_acknowledgement_does_not_wait_for_the_work(facing: Facing, slack: FakeSlack) -> None:
    release = asyncio.Event()

    async def slowly(utterance: Utterance) -> Turn:
        await release.wait()
        return said("done at last")

    face = facing(SmallHouse(answering=slowly))
    await face.start()
    delivery = await slack.slash("/health")
    assert delivery.acked
    assert slack.ephemerals() == []
    release.set()
    await slack.ephemeral("ana", "done at last")


async def test_a_public_answer_stands_in_the_channel_and_a_tracked_one_is_left_to_the_outbox(facing: Facing, slack: FakeSlack) -> None:
    async def answering(utterance: Utterance) -> Turn:
        return Turn((Reply(preview(), private=False, tracked=True), Reply(Card("For all to see"), private=False)))

    await facing(SmallHouse(answering=answering)).start()
    await slack.slash("/impact trello")
    await slack.message("#ops", "For all to see")
    assert [message.words() for message in slack.messages("#ops")] == ["For all to see"]


async def test_a_command_where_we_are_no_member_is_answered_all_the_same(facing: Facing, slack: FakeSlack) -> None:
    async def answering(utterance: Utterance) -> Turn:
        return said(utterance.text, private=utterance.text == "/health")

    await facing(SmallHouse(answering=answering)).start()
    await slack.slash("/health", "ana", "#random")
    assert (await slack.ephemeral("ana", "/health")).channel == "C3"
    await slack.slash("/doctor", "ana", "#random")
    assert (await slack.message("#random", "/doctor")).channel == "C3"
    await slack.slash("/deps", "ana", "#secret")
    await slack.message("#secret", "/deps")


async def test_a_press_names_card_verb_version_and_message_and_is_answered(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await face.post(Address("slack", "#ops"), preview(version=1), "k1")
    message = await slack.message("#ops", "Release")
    delivery = await slack.click(message, "Confirm", "ben")
    await slack.message("#ops", "confirm by ben")
    [press] = house.presses
    assert (press.card, press.verb, press.version, press.actor.name) == ("prv_1", "confirm", 1, "ben")
    assert press.message is not None
    assert press.message.message == message.ts
    assert delivery.latency < 1.0


async def test_a_stale_press_is_answered_privately(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    house.memory.versions["prv_1"] = 2
    await face.post(Address("slack", "#ops"), preview(version=1), "k1")
    await slack.click(await slack.message("#ops", "Release"), "Confirm", "ben")
    whisper = await slack.ephemeral("ben", "Too late")
    assert whisper.channel == "C1"
    assert len(slack.messages("#ops")) == 1


async def test_the_same_press_delivered_twice_does_nothing_more(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await face.post(Address("slack", "#ops"), preview(), "k1")
    delivery = await slack.click(await slack.message("#ops", "Release"), "Confirm", "ben")
    await slack.message("#ops", "confirm by ben")
    await slack.repeat(delivery)
    await asyncio.sleep(0.05)
    assert len(house.presses) == 1
    assert len(slack.messages("#ops")) == 2


async def test_old_buttons_work_after_a_restart(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    first = facing(house)
    await first.start()
    await first.post(Address("slack", "#ops"), preview(), "k1")
    await first.stop()
    reborn = SmallHouse(house.memory)
    second = facing(reborn)
    await second.start()
    message = await slack.message("#ops", "Release")
    await slack.click(message, "Edit", "ana")
    view = await slack.modal("ana")
    await slack.submit(view, {"Definition": "name: better\nsteps: []"})
    await slack.message("#ops", "edit by ana")
    assert reborn.presses[0].form == {"yaml": "name: better\nsteps: []", "note": ""}


async def test_a_form_that_is_not_accepted_stays_open_with_the_reason(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await face.post(Address("slack", "#ops"), preview(), "k1")
    await slack.click(await slack.message("#ops", "Release"), "Edit", "ana")
    view = await slack.modal("ana")
    assert view.content["blocks"][0]["element"]["initial_value"] == "name: release\n"
    delivery = await slack.submit(view, {"Definition": "broken"})
    assert "no YAML I know" in "".join(delivery.errors.values())
    assert view.open
    delivery = await slack.submit(view, {"Definition": "name: fine"})
    assert delivery.errors == {}
    await slack.message("#ops", "edit by ana")
    assert house.presses[-1].where == Address("slack", "C1")


async def test_a_form_on_a_stale_card_is_refused_with_the_reason(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await face.post(Address("slack", "#ops"), preview(), "k1")
    house.memory.versions["prv_1"] = 5
    await slack.click(await slack.message("#ops", "Release"), "Edit", "ana")
    await slack.ephemeral("ana", "Too late")
    assert slack.workspace.views == {}


async def test_a_trigger_that_expired_is_told_in_words(face: SlackFace, slack: FakeSlack) -> None:
    await face.post(Address("slack", "#ops"), preview(), "k1")
    slack.fail("views.open", "expired_trigger_id")
    await slack.click(await slack.message("#ops", "Release"), "Edit", "ana")
    await slack.ephemeral("ana", "Press the button again")


async def test_a_refresh_of_one_connection_loses_nothing(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    slack.socket.handshake = 0.25
    sending = [asyncio.create_task(slack.slash(f"/health s{number}", "ana", "#ops")) for number in range(10)]
    await slack.socket.refresh(slack.socket.connections[0])
    for number in range(10, 20):
        await slack.slash(f"/health s{number}", "ana", "#ops")
    deliveries = await asyncio.gather(*sending)
    await slack.until(lambda: len(slack.ephemerals("ana")) == 20, what="twenty answers")
    await slack.until(lambda: slack.socket.opened == 3, what="a new connection")
    assert all(delivery.attempts == 1 for delivery in deliveries)
    assert len(house.heard) == 20


async def test_with_one_connection_alone_a_refresh_would_lose_a_click(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    await facing(house, sockets=1).start()
    slack.socket.handshake = 0.25
    await slack.socket.refresh(slack.socket.connections[0])
    with pytest.raises(NotAcknowledged):
        await slack.slash("/health")


async def test_a_silent_connection_is_noticed_and_built_anew(face: SlackFace, slack: FakeSlack) -> None:
    for connection in slack.socket.connections:
        connection.silent = connection.leaving = True
    await slack.until(lambda: len([one for one in slack.socket.connections if not one.silent]) == 2, timeout=8, what="new connections")
    await slack.slash("/health")
    await slack.ephemeral("ana", "heard /health")


async def test_a_reconnect_that_never_ends_is_given_up_and_built_anew(face: SlackFace, slack: FakeSlack) -> None:
    slack.socket.handshake = 60
    await slack.socket.cut()
    await slack.until(lambda: slack.socket.hanging >= 2, what="reconnects that hang")
    slack.socket.handshake = 0
    await slack.until(lambda: len(slack.socket.connections) == 2, timeout=10, what="new connections")
    assert face.state().ready


async def test_a_lost_network_comes_back_by_itself(face: SlackFace, slack: FakeSlack) -> None:
    await slack.socket.cut()
    await slack.until(lambda: slack.socket.opened >= 4, timeout=8, what="new connections")
    await slack.slash("/health")
    await slack.ephemeral("ana", "heard /health")
    assert face.state().ready


async def test_replies_wait_when_slack_asks_for_patience(face: SlackFace, slack: FakeSlack, clock: WallClock) -> None:
    slack.fail("chat.postMessage", "429", times=2, seconds=7)
    await slack.dm("hello", "ana")
    await slack.direct("ana", "heard hello")
    assert clock.slept == [7.0, 7.0]


async def test_a_public_reply_whose_answer_was_lost_is_not_said_twice(facing: Facing, slack: FakeSlack) -> None:
    async def answering(utterance: Utterance) -> Turn:
        return said("only once", private=False)

    await facing(SmallHouse(answering=answering)).start()
    slack.fail("chat.postMessage", "lost_answer")
    await slack.mention("say it", "ana", "#ops")
    await slack.until(lambda: slack.called("conversations.history"), what="a look")
    await asyncio.sleep(0.05)
    assert [message.words() for message in slack.messages("#ops")] == ["only once"]
