"""How people name messages, threads, emoji and lengths in the chats of others, and how a lost answer there is looked up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors._kit.performing import mark_of
from connectors._kit.shelf import find_connectors
from connectors.discord.hooks import id_of
from connectors.google_chat.hooks import thread_of
from connectors.slack.hooks import channel_name, emoji_of, stamp_of
from connectors.slack.hooks import thread_of as slack_thread_of
from connectors.teams.hooks import length, place_of
from connectors.teams.messages import of_bot, plain
from engine.errors import NotFound, Rejected, Unanswered
from tests.connectors.rig import NOW, call, open_shelf
from tests.connectors.signing import secret_for, shown

ENVIRON = {"SLACK_BOT_TOKEN": "test-token", "DISCORD_TOKEN": "test-token", "TEAMS_TOKEN": "test-token"}


# --- names --------------------------------------------------------------------------------------------------------------


def test_a_message_of_slack_is_named_by_its_stamp_or_its_link() -> None:
    link = "https://acme.slack.com/archives/C012AB3CD/p1763888461000200"
    assert stamp_of(" 1763888461.000200 ") == stamp_of(link) == "1763888461.000200"
    assert slack_thread_of(f"{link}?thread_ts=1763888400.000100&cid=C012AB3CD") == "1763888400.000100"
    assert slack_thread_of(link) == "1763888461.000200"
    for said in ("", "yesterday", "1763888461", "https://evil.example/p1763888461000200"):
        with pytest.raises(Rejected, match="no message"):
            stamp_of(said)


def test_an_emoji_is_named_or_shown_and_channels_are_written_as_slack_writes_them() -> None:
    assert [emoji_of(said) for said in (":eyes:", "EYES", "👍", "wave::skin-tone-3")] == ["eyes", "eyes", "+1", "wave::skin-tone-3"]
    with pytest.raises(Rejected, match="Say its name"):
        emoji_of("🦆")
    assert channel_name("#Incident 42: Disk full!") == "incident-42-disk-full"
    with pytest.raises(Rejected, match="leaves nothing"):
        channel_name("!!!")


def test_a_message_and_a_thread_of_discord_are_named_by_id_or_link() -> None:
    link = "https://discord.com/channels/197038439483310086/41771983423143937/1310000000000000001"
    assert (id_of(link, "message", "message"), id_of(link, "channel", "thread")) == ("1310000000000000001", "41771983423143937")
    assert id_of("1310000000000000001", "message", "message") == "1310000000000000001"
    for said in ("#ops", "https://discord.com/channels/197038439483310086/41771983423143937", "12"):
        with pytest.raises(Rejected, match="no message"):
            id_of(said, "message", "message")


def test_a_link_of_teams_says_team_channel_and_the_message_above() -> None:
    link = "https://teams.microsoft.com/l/message/19%3Aabc%40thread.tacv2/1763888499000?groupId=g1&parentMessageId=1763888461000"
    assert place_of(link) == {"team": "g1", "channel": "19:abc@thread.tacv2", "message": "1763888461000"}
    assert place_of("https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/General?groupId=g1")["message"] == ""
    assert place_of("1763888461000") == place_of("/l/message/19:abc/1763888461000") == {}


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("45 minutes", 45), ("90", 90), ("1h 30m", 90), ("2 hours", 120), ("1 hour and 15 min", 75), ("PT2H", 120), ("30m", 30)],
)
def test_a_meeting_lasts_as_long_as_people_say(said: str, minutes: int) -> None:
    assert length(said) == timedelta(minutes=minutes)


@pytest.mark.parametrize("said", ["0", "soon", "1000 hours", "45 mice", ""])
def test_a_meeting_cannot_last_what_is_no_length(said: str) -> None:
    with pytest.raises(Rejected):
        length(said)


@given(st.text(max_size=60))
def test_whatever_is_said_is_named_or_refused_in_a_sentence(said: str) -> None:
    for read in (stamp_of, slack_thread_of, emoji_of, channel_name, length):
        try:
            read(said)
        except Rejected:
            pass
    assert isinstance(place_of(said), Mapping)
    assert "<" not in plain(f"<p>{said.replace('<', '').replace('>', '').replace('&', '')}</p>")


def test_a_thread_of_google_chat_is_named_by_name_link_or_a_word_and_stays_in_its_space() -> None:
    assert thread_of("spaces/AAA/threads/t1", "AAA") == {"name": "spaces/AAA/threads/t1"}
    assert thread_of("https://chat.google.com/room/AAA/t1/m1", "AAA") == {"name": "spaces/AAA/threads/t1"}
    assert thread_of("releases", "AAA") == {"threadKey": "releases"}
    with pytest.raises(Rejected, match="another space"):
        thread_of("spaces/BBB/threads/t1", "AAA")


def test_a_message_to_a_bot_of_teams_is_read_without_its_formatting_and_other_activities_are_none() -> None:
    activity = {
        "type": "message",
        "channelId": "msteams",
        "id": "1763888499000",
        "text": "<at>Signalbox</at> is&nbsp;it up?<br>Really?",
        "from": {"name": "Anna", "aadObjectId": "a1"},
        "conversation": {"id": "19:abc@thread.tacv2;messageid=1763888461000"},
        "channelData": {"team": {"aadGroupId": "g1", "name": "Operations"}, "channel": {"id": "19:abc@thread.tacv2"}},
    }
    (told,) = of_bot(activity)
    assert (told["text"], told["thread"], told["channel_id"], told["team"]) == (
        "Signalbox is it up?\nReally?",
        "1763888461000",
        "19:abc@thread.tacv2",
        "Operations",
    )
    assert of_bot({**activity, "type": "conversationUpdate"}) == of_bot({**activity, "channelId": "webchat"}) == []
    assert of_bot({**activity, "conversation": {"id": "a:1", "conversationType": "personal"}}) == []


# --- what cannot be told ----------------------------------------------------------------------------------------------------


class Vendor:
    """Answers by path; ``lost`` ones are never answered, though what they ask for was done."""

    def __init__(self, answers: Mapping[str, Any], lost: str = "") -> None:
        self.answers = answers
        self.lost = lost
        self.asked: list[str] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        self.asked.append(f"{request.method} {path}")
        if self.lost and path.endswith(self.lost):
            raise httpx2.ReadTimeout("lost")
        found = next((value for end, value in self.answers.items() if path.endswith(end)), None)
        return httpx2.Response(404, json={"ok": False, "error": "not_found"}) if found is None else httpx2.Response(200, json=found)

    @property
    def shelf(self) -> Any:
        return open_shelf(ENVIRON, transport=httpx2.MockTransport(self.answer))


async def test_a_word_of_slack_that_says_it_is_so_already_counts_as_done() -> None:
    vendor = Vendor(
        {"/conversations.invite": {"ok": False, "error": "already_in_channel"}, "/reactions.add": {"ok": False, "error": "already_reacted"}}
    )
    answer = await vendor.shelf.perform(call("slack.invite_to_channel", {"channel": "C012AB3CD", "user": "U0ANNA001"}))
    assert answer.output["users"] == ["U0ANNA001"]
    shown = {"emoji": "eyes", "channel": "C012AB3CD", "message": "1763888461.000200"}
    assert (await vendor.shelf.perform(call("slack.add_reaction", shown))).output["emoji"] == "eyes"


async def test_a_reaction_without_a_channel_or_a_link_asks_for_one() -> None:
    with pytest.raises(Rejected, match="which channel"):
        await Vendor({}).shelf.perform(call("slack.add_reaction", {"emoji": "eyes", "message": "1763888461.000200"}))


TEAM = {"ok": True, "url": "https://acme.slack.com/", "user_id": "U0BOT"}


async def test_a_lost_channel_of_slack_is_found_by_name_maker_and_time_and_nobody_else_s_is_taken_for_it() -> None:
    created = int(NOW.timestamp())
    made = {"id": "C1", "name": "ops", "creator": "U0BOT", "created": created}
    ask = call("slack.create_channel", {"name": "Ops"}, asked_at=NOW)
    for channels, found in (
        ([made], "C1"),
        ([{**made, "creator": "U0ANNA"}], None),
        ([{**made, "created": created - 3600}], None),
        ([{**made, "name": "dev"}], None),
    ):
        shelf = Vendor({"/conversations.list": {"ok": True, "channels": channels}, "/auth.test": TEAM}).shelf
        answer = await shelf.look(ask)
        assert (answer.output["id"] if answer else None) == found


async def test_a_channel_of_slack_that_got_no_topic_is_said_to_be_there() -> None:
    vendor = Vendor({"/conversations.create": {"ok": True, "channel": {"id": "C1", "name": "ops"}}, "/auth.test": TEAM})
    with pytest.raises(Rejected, match="#ops was created, but without its topic"):
        await vendor.shelf.perform(call("slack.create_channel", {"name": "ops", "topic": "x"}))


async def test_the_bytes_of_a_file_go_to_slack_s_own_host_whatever_address_it_names() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        if request.url.path.endswith("getUploadURLExternal"):
            return httpx2.Response(200, json={"ok": True, "upload_url": "https://evil.example/upload/v1/abc?x=1", "file_id": "F1"})
        return httpx2.Response(200, json={"ok": True, "files": [{"id": "F1", "title": "a.txt"}]})

    shelf = open_shelf(ENVIRON, transport=httpx2.MockTransport(answer))
    await shelf.perform(call("slack.upload_file", {"file": {"name": "a.txt", "text": "hi"}}))
    assert seen[1] == "https://files.slack.com/upload/v1/abc?x=1"


ME = {"id": "80351110224678912"}
CHANNEL = "41771983423143937"


def posted(**more: Any) -> dict[str, Any]:
    return {"id": "1310000000000000001", "timestamp": NOW.isoformat(), "author": ME, "content": "hello", **more}


async def test_a_lost_message_of_discord_is_found_among_our_own_and_not_among_others() -> None:
    asked = {"channel": CHANNEL, "text": "hello"}
    for author, found in ((ME, "1310000000000000001"), ({"id": "1"}, None)):
        vendor = Vendor({"/@me": ME, f"/channels/{CHANNEL}/messages": [posted(author=author)], f"/channels/{CHANNEL}": {"guild_id": "7"}})
        answer = await vendor.shelf.look(call("discord.post_message", asked, asked_at=NOW - timedelta(minutes=1)))
        assert (answer.output["id"] if answer else None) == found


async def test_a_lost_thread_of_discord_is_found_on_its_message_or_by_its_notice() -> None:
    ask = call("discord.create_thread", {"channel": CHANNEL, "name": "Disk", "text": "hello"}, asked_at=NOW - timedelta(minutes=1))
    thread = {"id": "1310000000000000002", "name": "Disk", "owner_id": ME["id"], "guild_id": "7"}
    notice = posted(type=18, content="Disk", message_reference={"channel_id": "1310000000000000003"})
    for listed, found in (([posted(thread=thread)], "1310000000000000002"), ([notice], "1310000000000000003"), ([], None)):
        shelf = Vendor({"/@me": ME, "/messages": listed}).shelf
        answer = await shelf.look(ask)
        assert (answer.output["id"] if answer else None) == found
    with pytest.raises(Rejected, match="no thread hangs on it"):
        await Vendor({"/@me": ME, "/messages": [posted()]}).shelf.look(ask)


async def test_a_lost_thread_of_discord_is_in_doubt() -> None:
    vendor = Vendor({"/messages": posted()}, lost="/threads")
    with pytest.raises(Unanswered):
        await vendor.shelf.perform(call("discord.create_thread", {"channel": CHANNEL, "name": "Disk", "text": "hello"}))


async def test_a_server_of_discord_is_only_asked_for_where_it_is_needed() -> None:
    vendor = Vendor({f"/channels/{CHANNEL}/messages": posted(channel_id=CHANNEL), f"/channels/{CHANNEL}": {"guild_id": "7"}})
    answer = await vendor.shelf.perform(call("discord.post_message", {"channel": CHANNEL, "text": "hello"}))
    assert answer.output["url"] == f"https://discord.com/channels/7/{CHANNEL}/1310000000000000001"
    assert "GET /api/v10/users/@me/guilds" not in vendor.asked
    with pytest.raises(NotFound):
        await vendor.shelf.perform(call("discord.post_message", {"channel": "#ops", "text": "hello"}))
    assert vendor.asked[-1] == "GET /api/v10/users/@me/guilds"


async def test_html_of_teams_is_not_recognised_again_so_nobody_says_that_it_was_not_posted() -> None:
    place = {"team": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "channel": "19:abc@thread.tacv2"}
    vendor = Vendor({"/me": {"id": "me"}, "/messages": {"value": []}})
    lost = call("teams.post_message", {**place, "text": "<b>hi</b>", "format": "html"}, asked_at=NOW - timedelta(minutes=1))
    with pytest.raises(Rejected, match="rewrites HTML"):
        await vendor.shelf.look(lost)
    plain_text = call("teams.post_message", {**place, "text": "hi"}, asked_at=NOW - timedelta(minutes=1))
    assert await vendor.shelf.look(plain_text) is None


async def test_a_message_of_slack_goes_to_a_person_who_is_named_in_a_channel_s_place() -> None:
    people = [{"id": "U0ANNA001", "name": "anna.ekholm", "profile": {"display_name": "anna"}}]
    posted_there = {"ok": True, "channel": "D1", "ts": "1763888461.000200", "message": {}}
    vendor = Vendor({"/users.list": {"ok": True, "members": people}, "/auth.test": TEAM, "/chat.postMessage": posted_there})
    answer = await vendor.shelf.perform(call("slack.post_message", {"channel": "@anna", "text": "hi"}))
    assert (answer.output["channel"], vendor.asked[0]) == ("U0ANNA001", "GET /api/users.list")
    with pytest.raises(NotFound, match="no person “@ann”"):
        await vendor.shelf.perform(call("slack.post_message", {"channel": "@ann", "text": "hi"}))


async def test_a_message_of_discord_to_a_person_goes_into_the_talk_with_them() -> None:
    member = {"user": {"id": "80351110224678913", "username": "anna"}}
    vendor = Vendor(
        {
            "/users/@me/guilds": [{"id": "197038439483310086", "name": "Acme"}],
            "/members/search": [member],
            "/users/@me/channels": {"id": "319674150115610528"},
            "/channels/319674150115610528/messages": posted(channel_id="319674150115610528"),
            "/channels/319674150115610528": {"id": "319674150115610528", "type": 1},
        }
    )
    answer = await vendor.shelf.perform(call("discord.post_message", {"channel": "@anna", "text": "hi"}))
    assert (answer.output["channel"], vendor.asked[-1]) == ("319674150115610528", "POST /api/v10/channels/319674150115610528/messages")


@pytest.mark.parametrize(("thread", "where"), [(None, "conversations.history"), ("1763888400.000100", "conversations.replies")])
async def test_a_lost_message_of_slack_is_found_by_the_mark_that_nobody_sees(thread: str | None, where: str) -> None:
    mark = {"event_type": "signalbox_message", "event_payload": {"key": mark_of("k1")}}
    found = {"ts": "1763888461.000200", "text": "hi", "metadata": mark}
    said = {"channel": "C012AB3CD", "text": "hi", **({"thread": thread} if thread else {})}
    for listed, expected in (([{**found, "metadata": {}}, found], "1763888461.000200"), ([{**found, "metadata": {}}], None)):
        vendor = Vendor({"/auth.test": TEAM, f"/{where}": {"ok": True, "messages": listed}}, lost="/chat.postMessage")
        ask = call("slack.post_message", said, key="k1", asked_at=NOW - timedelta(minutes=1))
        answer = await vendor.shelf.look(ask)
        assert (answer.output["id"] if answer else None) == expected
        assert vendor.asked[-1] == f"GET /api/{where}"
        if expected:
            assert (await vendor.shelf.perform(ask)).output["url"].endswith("/p1763888461000200")
        else:
            with pytest.raises(Unanswered):
                await vendor.shelf.perform(ask)


WITHOUT_NAMES = ["C012AB3CD U0ANNA001 "]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ({}, WITHOUT_NAMES),
        ({"app_id": "A2", "bot_id": "B2"}, WITHOUT_NAMES),
        ({"app_id": "A1", "bot_id": "B1"}, []),
        ({"channel_type": "im"}, []),
        ({"subtype": "message_changed"}, []),
    ],
)
async def test_an_event_of_slack_is_told_even_where_no_name_can_be_had_but_never_what_the_app_said_itself(by: Any, told: list[str]) -> None:
    said = {"type": "message", "channel": "C012AB3CD", "user": "U0ANNA001", "text": "red", "ts": "1763888461.000200", **by}
    body = json.dumps({"type": "event_callback", "api_app_id": "A1", "event_id": "Ev1", "event_time": 1763888461, "event": said}).encode()
    scheme = next(c for c in find_connectors() if c.id == "slack").description.webhooks
    assert scheme is not None
    headers, _ = shown(scheme, body, NOW)
    shelf = open_shelf({**ENVIRON, "SLACK_SIGNING_SECRET": secret_for(scheme)}, transport=httpx2.MockTransport(Vendor({}).answer))
    reply = await shelf.receive("slack", "", "POST", headers, body)
    assert [f"{one.data['channel']} {one.data['user']} {one.data['url'] or ''}" for one in reply.happenings] == told
