"""What Discord's description cannot say: messages and threads named by links, a thread with its first message, and channels that are watched."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors._kit.custom import Ask, Custom, Told, Tools
from connectors._kit.description import Request
from connectors._kit.performing import mark_of
from engine.errors import Rejected
from engine.ports import Answer
from engine.workflow.definition import Json

ID = re.compile(r"\d{15,21}")
LINK = re.compile(
    r"https?://[^/]*discord(?:app)?\.com/channels/(?P<server>\d{15,21}|@me)/(?P<channel>\d{15,21})(?:/(?P<message>\d{15,21}))?/?"
)
PUBLIC_THREAD = 11  # kinds of channels and messages, by Discord's numbers
THREAD_CREATED = 18
KNOWN_FOR = 3600.0  # seconds that who we are and what channels are called is remembered
SKEW = timedelta(seconds=90)  # what the clocks of two houses may differ by
PAGE = 100  # messages of one answer

ME = Request(method="GET", path="/users/@me")
CHANNEL = Request(method="GET", path="/channels/{channel}")
MESSAGES = Request(method="GET", path="/channels/{channel}/messages", query={"limit": "{limit}", "after": "{after}"})
DIRECT = Request(method="POST", path="/users/@me/channels", body={"recipient_id": "{person}"})
POST = Request(
    method="POST",
    path="/channels/{channel}/messages",
    body={"content": "{text}", "nonce": "{mark}", "enforce_nonce": True, "allowed_mentions": {"parse": ["users", "roles"]}},
)
THREAD_ON = Request(
    method="POST", path="/channels/{channel}/messages/{message}/threads", body={"name": "{name}", "auto_archive_duration": "{minutes}"}
)
THREAD_ALONE = Request(
    method="POST", path="/channels/{channel}/threads", body={"name": "{name}", "auto_archive_duration": "{minutes}", "type": PUBLIC_THREAD}
)


def id_of(said: str, part: str, what: str) -> str:
    """The id of a message or a thread, from itself or from a link. ``part``: the group of the link that is meant. Raises Rejected."""
    text = said.strip()
    link = LINK.fullmatch(text)
    found = text if ID.fullmatch(text) else link[part] if link else None
    if not found:
        raise Rejected(f"“{said[:80]}” is no {what}. Give its link, or its id.")
    return str(found)


async def _me(tools: Tools) -> str:
    async def load() -> Any:
        return await tools.send(ME, {}, doing="a look at who the bot is")

    return str((await tools.memory.recall("me", load, seconds=KNOWN_FOR))["id"])


async def _talk_with(tools: Tools, person: str) -> str:
    """The channel between us and somebody, which Discord makes the first time."""

    async def load() -> Any:
        return await tools.send(DIRECT, {"person": person}, doing="opening a direct message")

    return str((await tools.memory.recall(f"direct {person}", load, seconds=KNOWN_FOR))["id"])


async def _channel(tools: Tools, channel: str) -> Mapping[str, Any]:
    async def load() -> Any:
        return await tools.send(CHANNEL, {"channel": channel}, doing="a look at the channel")

    known: Mapping[str, Any] = await tools.memory.recall(f"channel {channel}", load, seconds=KNOWN_FOR)
    return known


async def _message(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    reply = said.get("reply_to")
    place = id_of(said["thread"], "channel", "thread") if said.get("thread") else said["channel_id"]
    if not said.get("thread") and said["channel"].strip().startswith("@"):
        place = await _talk_with(tools, place)
    return {
        "place": place,
        "reply_id": {"message_id": id_of(reply, "message", "message"), "fail_if_not_exists": False} if reply else None,
        "server_part": said.get("server_id") or (await _channel(tools, place)).get("guild_id") or "@me",
    }


async def _who(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    return {"me": await _me(tools)}


# --- threads ----------------------------------------------------------------------------------------------------------


async def _create_thread(ask: Ask, tools: Tools) -> Answer:
    """On a message that is named, or on one that is posted first, or by itself."""
    said = ask.arguments
    scope = {
        "channel": said["channel_id"],
        "name": said["name"],
        "minutes": int(said["archive_after"]) if said.get("archive_after") else None,
        "mark": mark_of(ask.call.key),
    }
    on = id_of(said["message"], "message", "message") if said.get("message") else None
    if on is None and said.get("text"):
        posted = await tools.send(POST, {**scope, "text": said["text"]}, doing="create_thread", may_repeat=False)
        on = str(posted["id"])
    if on is None:
        return _thread_answer(await tools.send(THREAD_ALONE, scope, doing="create_thread", may_repeat=False), said, None)
    made = await tools.send(THREAD_ON, {**scope, "message": on}, doing="create_thread", may_repeat=False)
    if said.get("message") and said.get("text"):
        await tools.send(POST, {**scope, "channel": made["id"], "text": said["text"]}, doing="saying the first words in the thread")
    return _thread_answer(made, said, on)


async def _look_at_thread(ask: Ask, tools: Tools) -> Answer | None:
    """A thread of that name which this bot has started since. Its trace in the channel is the message it hangs on, or a notice."""
    said, me = ask.arguments, await _me(tools)
    if ask.call.asked_at is None:
        raise Rejected("It is not known when this was asked. Look in Discord whether the thread is there, and say so.")
    since = ask.call.asked_at - SKEW
    listed = await tools.send(MESSAGES, {"channel": said["channel_id"], "limit": PAGE}, doing="a look whether it was done")
    recent = [one for one in listed if _moment(one["timestamp"]) >= since]
    for one in recent:
        thread = one.get("thread")
        if thread and thread.get("name") == said["name"] and thread.get("owner_id") == me:
            return _thread_answer(thread, said, str(one["id"]))
        if one.get("type") == THREAD_CREATED and one.get("content") == said["name"] and one["author"]["id"] == me:
            return _thread_answer({"id": one["message_reference"]["channel_id"], "name": said["name"]}, said, None)
    if any(one["author"]["id"] == me and one.get("content") == said.get("text") for one in recent):
        raise Rejected("The first message stands in the channel, but no thread hangs on it. Start one there, and say that it is done.")
    if len(listed) >= PAGE and len(recent) == len(listed):
        raise Rejected("Too much has been said in the channel since. Look there whether the thread was started, and say so.")
    return None


def _thread_answer(thread: Mapping[str, Any], said: Mapping[str, Any], on: str | None) -> Answer:
    id = str(thread["id"])
    server = thread.get("guild_id") or said.get("server_id") or "@me"
    return Answer(
        {
            "id": id,
            "thread": id,
            "name": thread.get("name") or said["name"],
            "channel": said["channel_id"],
            "message": on,
            "url": f"https://discord.com/channels/{server}/{id}",
        }
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# --- channels that are watched ----------------------------------------------------------------------------------------


async def _new_messages(cursor: Mapping[str, Json] | None, tools: Tools) -> Told:
    """``cursor``: the newest message known of each channel. A channel that was not watched before starts with what is said from now on."""
    known, items = dict(cursor or {}), []
    for channel in filter(ID.fullmatch, (part.strip() for part in tools.credentials.get("watched").split(","))):
        if channel not in known:
            newest = await tools.send(MESSAGES, {"channel": channel, "limit": 1}, doing="a look at new messages")
            known[channel] = newest[0]["id"] if newest else "0"
            continue
        listed = await tools.send(MESSAGES, {"channel": channel, "limit": PAGE, "after": known[channel]}, doing="a look at new messages")
        new = sorted(listed, key=lambda one: int(one["id"]))
        if new:
            known[channel] = new[-1]["id"]
            items += await _told(new, channel, tools)
    return Told(items=items, cursor=known)


async def _told(new: list[Any], channel: str, tools: Tools) -> list[Mapping[str, Any]]:
    """What others said, with what a message itself does not tell."""
    me, about = await _me(tools), await _channel(tools, channel)
    server = about.get("guild_id")
    return [
        {
            **one,
            "guild_id": server,
            "channel_name": f"#{about['name']}" if about.get("name") else None,
            "url": f"https://discord.com/channels/{server or '@me'}/{channel}/{one['id']}",
        }
        for one in new
        if one["author"]["id"] != me
    ]


CUSTOM = Custom(
    prepare={"post_message": _message},
    prepare_look={"post_message": _who},
    perform={"create_thread": _create_thread},
    look={"create_thread": _look_at_thread},
    poll={"messages": _new_messages},
)
