"""Cards stand in Slack as they should: posted once, found again, edited in place, whispered, and never unsaid."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import pytest

from bot.cards.card import Button, Card, CodeBlock, Picture, Table, Text, Tone
from bot.faces.slack.face import SlackFace
from engine.errors import NotFound, Rejected, Transient, Unanswered
from engine.parties import Actor, Address, MessageRef
from tests.bot.slack.conftest import Facing
from tests.bot.slack.house import SmallHouse, preview
from tests.peers.slack.fake import FakeSlack

OPS = Address("slack", "#ops")
ANA = Actor("slack", "U1", "ana")


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")


async def test_a_card_is_posted_by_channel_name_and_edited_in_place(face: SlackFace, slack: FakeSlack) -> None:
    ref = await face.post(OPS, preview(), "k1")
    assert ref == MessageRef("slack", "C1", ref.message)
    await face.edit(ref, Card("Release is on", (Text(("Confirmed by ana.",)),), id="prv_1", version=2, tone=Tone.GOOD, footer=("just now",)))
    [message] = slack.messages("#ops")
    assert message.ts == ref.message
    assert message.buttons() == {}
    assert "Confirmed by ana" in message.words()
    assert message.attachments[0]["color"] == "#2eb67d"
    await face.edit(ref, Card("Release", tone=Tone.NEUTRAL))
    assert slack.messages("#ops")[0].attachments == []


async def test_a_channel_may_be_named_by_id_by_token_or_by_name_and_is_looked_up_once(face: SlackFace, slack: FakeSlack) -> None:
    for channel in ("C1", "<#C1|ops>", "#ops", "ops", "#OPS"):
        assert (await face.post(Address("slack", channel), Card(channel), channel)).channel == "C1"
    assert len(slack.called("users.conversations")) == 1
    assert slack.called("conversations.list") == []


async def test_a_channel_on_a_later_page_is_found(face: SlackFace, slack: FakeSlack) -> None:
    slack.api.page = 1
    with pytest.raises(Rejected, match="/invite"):
        await face.post(Address("slack", "#random"), Card("x"), "k")
    assert len(slack.called("conversations.list")) == 3


@pytest.mark.parametrize(
    ("channel", "says"),
    [("#nowhere", "no channel #nowhere"), ("C3", "not a member"), ("G1", "/invite"), ("C4", "archived"), ("C999", "no such channel")],
)
async def test_a_channel_that_cannot_be_written_to_is_refused_with_what_to_do(face: SlackFace, channel: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        await face.post(Address("slack", channel), Card("x"), "k")


async def test_a_name_that_is_not_there_is_not_looked_up_for_every_message(face: SlackFace, slack: FakeSlack) -> None:
    for _ in range(3):
        with pytest.raises(NotFound):
            await face.post(Address("slack", "#nowhere"), Card("x"), "k")
    assert len(slack.called("conversations.list")) == 1


async def test_a_rate_limit_says_how_long_to_wait(face: SlackFace, slack: FakeSlack) -> None:
    slack.posts_per_second = 0.5
    await face.post(OPS, Card("one"), "k1")
    with pytest.raises(Transient) as caught:
        await face.post(OPS, Card("two"), "k2")
    assert caught.value.retry_after == 2.0
    assert len(slack.messages("#ops")) == 1


@pytest.mark.parametrize("kind", ["lost_answer", "drop", "500", "502", "internal_error", "fatal_error"])
async def test_a_post_with_an_unclear_end_is_unanswered_and_sent_once(face: SlackFace, slack: FakeSlack, kind: str) -> None:
    slack.fail("chat.postMessage", kind)
    with pytest.raises(Unanswered):
        await face.post(OPS, preview(), "k1")
    assert len(slack.called("chat.postMessage")) == 1
    found = await face.find(OPS, "k1")
    assert (found is not None) == (kind == "lost_answer")
    if found is not None:
        await face.edit(found, Card("found and edited"))
        assert slack.messages("#ops")[0].words() == "found and edited"


async def test_a_message_is_found_in_its_thread_and_on_a_later_page(face: SlackFace, slack: FakeSlack) -> None:
    slack.api.page = 2
    root = await face.post(OPS, Card("root"), "root")
    replies = [await face.post(Address("slack", "C1", root.message), Card(f"{n}"), f"r{n}") for n in range(3)]
    for number in range(3):
        await face.post(OPS, Card("more"), f"m{number}")
    assert await face.find(OPS, "root") == root
    assert await face.find(Address("slack", "C1", root.message), "r2") == replies[2]
    assert await face.find(OPS, "never") is None


async def test_nothing_listens_at_the_address(clock: object, house: SmallHouse, facing: Facing) -> None:
    face = facing(house, api_url="http://127.0.0.1:9/api")
    await face.start()
    with pytest.raises(Transient):
        await face.post(Address("slack", "C1"), Card("x"), "k")
    assert not face.state().ready
    assert "cannot be reached" in face.state().detail


async def test_edits_that_end_unclear_may_be_repeated(face: SlackFace, slack: FakeSlack) -> None:
    ref = await face.post(OPS, preview(), "k1")
    slack.fail("chat.update", "lost_answer")
    with pytest.raises(Transient):
        await face.edit(ref, Card("x"))
    with pytest.raises(Rejected, match="gone"):
        await face.edit(MessageRef("slack", "C1", "1.2"), Card("x"))


async def test_a_dead_token_shows_in_the_state_until_it_works_again(face: SlackFace, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "token_revoked")
    with pytest.raises(Rejected, match="revoked"):
        await face.post(OPS, Card("x"), "k")
    assert not face.state().ready
    await face.post(OPS, Card("x"), "k")
    assert face.state().ready


async def test_a_whisper_is_seen_by_one_in_the_channel_or_by_direct_message_elsewhere(face: SlackFace, slack: FakeSlack) -> None:
    await face.whisper(ANA, OPS, Card("in the channel"))
    assert (await slack.ephemeral("ana", "in the channel")).channel == "C1"
    for where in (Address("slack", "#random"), Address("slack", "#nowhere"), Address("web", "#ops"), Address("slack", "C4")):
        await face.whisper(ANA, where, Card(f"not in {where}"))
        await slack.direct("ana", f"not in {where}")
    assert len(slack.called("conversations.open")) == 1


async def test_what_slack_refuses_is_said_more_simply_with_its_buttons(face: SlackFace, slack: FakeSlack) -> None:
    slack.fail("chat.postMessage", "invalid_blocks")
    await face.post(OPS, preview(), "k1")
    message = await slack.message("#ops", "pull request")
    assert list(message.buttons()) == ["Confirm", "Edit", "Cancel"]
    slack.fail("chat.postMessage", "invalid_blocks", times=2)
    await face.post(OPS, preview(), "k2")
    bare = await slack.message("#ops", "pull request")
    assert bare.blocks == []
    assert "Confirm, Edit, Cancel" in bare.text


async def test_a_picture_is_uploaded_once_and_shown_in_the_message(face: SlackFace, slack: FakeSlack) -> None:
    card = Card("Impact", (Picture(png(), "Trello down hits Release.", "impact.png"),))
    ref = await face.post(OPS, card, "k1")
    await face.edit(ref, card)
    [file] = slack.workspace.files.values()
    block = next(block for block in slack.messages("#ops")[0].blocks if block["type"] == "image")
    assert block["slack_file"] == {"id": file.id}
    assert block["alt_text"] == "Trello down hits Release."
    assert file.data == png()
    assert slack.api.refused == []


async def test_a_picture_that_is_not_ready_goes_into_the_thread_and_its_words_into_the_message(face: SlackFace, slack: FakeSlack) -> None:
    slack.workspace.looks_before_ready = 100
    ref = await face.post(OPS, Card("Impact", (Picture(png(), "Trello down hits Release."),)), "k1")
    assert "Trello down hits Release." in slack.messages("#ops")[0].words()
    assert slack.workspace.files.popitem()[1].shared == [("C1", ref.message)]


async def test_a_picture_that_cannot_be_uploaded_is_told_in_words(face: SlackFace, slack: FakeSlack) -> None:
    slack.api.scopes -= {"files:write"}
    await face.post(OPS, Card("Impact", (Picture(png(), "Trello down hits Release."),)), "k1")
    assert "Trello down hits Release." in slack.messages("#ops")[0].words()


async def test_a_text_too_long_for_a_message_is_handed_out_whole_as_a_file(face: SlackFace, slack: FakeSlack) -> None:
    text = "\n".join(f"step_{number}: do" for number in range(2000))
    ref = await face.post(OPS, Card("Release", (CodeBlock(text, "yaml"),)), "k1")
    [file] = slack.workspace.files.values()
    assert (file.name, file.data.decode(), file.shared) == ("release.yml", text, [("C1", ref.message)])
    await face.edit(ref, Card("Release", (CodeBlock(text, "yaml"),), version=2))
    assert len(slack.workspace.files) == 1
    await face.whisper(ANA, OPS, Card("Release", (CodeBlock(text, "yaml"),)))
    assert list(slack.workspace.files.values())[1].shared == [("DU1", "")]


async def test_a_large_picture_is_uploaded_without_a_word_of_warning(face: SlackFace, slack: FakeSlack) -> None:
    await face.post(OPS, Card("Impact", (Picture(b"\x89PNG" + b"x" * 2_000_000, "Large."),)), "k1")
    assert len(slack.workspace.files.popitem()[1].data) == 2_000_004


async def test_two_tables_fit_into_one_message(face: SlackFace, slack: FakeSlack) -> None:
    table = Table(("service", "state"), (("trello", "down"), ("github", "")))
    await face.post(OPS, Card("Health", (table, table)), "k1")
    assert slack.api.refused == []
    assert [block["type"] for block in slack.messages("#ops")[0].blocks] == ["header", "table", "rich_text"]


async def test_home_is_the_first_channel_we_are_a_member_of(face: SlackFace, slack: FakeSlack) -> None:
    assert await face.home_channel() == "C1"


async def test_home_is_found_where_a_proxy_does_not_know_the_direct_question(face: SlackFace, slack: FakeSlack) -> None:
    slack.fail("users.conversations", "unknown_method", times=5)
    assert await face.home_channel() == "C1"


async def test_a_person_is_written_to_by_direct_message(face: SlackFace, slack: FakeSlack) -> None:
    assert (await face.post(Address("slack", "<@U2>"), Card("psst"), "k1")).channel == "DU2"


async def test_without_any_channel_there_is_no_home_and_an_invitation_is_noticed(face: SlackFace, slack: FakeSlack) -> None:
    for channel in slack.workspace.channels.values():
        channel.members.discard("U0BOT")
    assert await face.home_channel() == ""
    slack.workspace.channels["C2"].members.add("U0BOT")
    assert await face.home_channel() == "C2"


async def test_a_link_button_opens_a_page_and_is_acknowledged(face: SlackFace, slack: FakeSlack, house: SmallHouse) -> None:
    await face.post(OPS, Card("Alert", actions=(Button("runbook", "Runbook", url="https://example.com/runbook"),)), "k1")
    delivery = await slack.click(await slack.message("#ops", "Alert"), "Runbook")
    assert delivery.acked
    assert house.presses == []


async def test_stopping_and_starting_again_leaves_nothing_behind(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    face = facing(house)
    for _ in range(2):
        await face.start()
        assert face.state().ready
        await face.stop()
        assert not face.state().ready
        await slack.until(lambda: not slack.socket.connections, what="closed connections")


def _settings(**given: str) -> dict[str, str]:
    return {"bot_token": "", "app_token": "", "signing_secret": ""} | given


@pytest.mark.parametrize(
    ("settings", "configured", "says"),
    [
        (_settings(), False, "SLACK_BOT_TOKEN is not set"),
        (_settings(bot_token="xoxb-1"), True, "SLACK_APP_TOKEN"),
        (_settings(bot_token="xapp-1", app_token="xapp-1"), True, "holds an app token"),
        (_settings(bot_token="xoxb-1", app_token="xoxb-1"), True, "SLACK_APP_TOKEN holds the wrong kind"),
        (_settings(bot_token="xoxb-wrong", app_token="xapp-fake"), True, "does not accept SLACK_BOT_TOKEN"),
        (_settings(bot_token="xoxb-fake", app_token="xapp-wrong"), True, "does not accept SLACK_APP_TOKEN"),
    ],
)
async def test_the_state_says_why_the_face_cannot_work(
    facing: Facing, house: SmallHouse, settings: dict[str, str], configured: bool, says: str
) -> None:
    face = facing(house, **settings)
    await face.start()
    state = face.state()
    assert (state.configured, state.ready) == (configured, False)
    assert says in state.detail


async def test_a_face_that_could_not_start_starts_when_slack_is_there_again(facing: Facing, slack: FakeSlack, house: SmallHouse) -> None:
    slack.fail("auth.test", "503", times=2)
    face = facing(house)
    await face.start()
    assert not face.state().ready
    await slack.until(lambda: face.state().ready, what="a ready face")


def test_an_api_url_gets_its_slash_and_nonsense_is_refused(house: SmallHouse, clock: object) -> None:
    make: Callable[[str], SlackFace] = lambda url: SlackFace(house, clock, bot_token="xoxb-1", api_url=url)  # type: ignore[arg-type] # noqa: E731
    assert make("http://127.0.0.1:1/api")._api.url == "http://127.0.0.1:1/api/"
    assert make("")._api.url == "https://slack.com/api/"
    with pytest.raises(Rejected, match="SLACK_API_URL"):
        make("slack.com/api")
