"""What Slack's description cannot say: how people name messages and emoji, uploads in steps, a channel with its topic, and the names behind ids."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import parse_qs, parse_qsl, urlsplit

from connectors._kit.custom import Ask, Custom, Delivered, Tools
from connectors._kit.description import Request
from engine.errors import Rejected, SignalboxError
from engine.ports import Answer

STAMP = re.compile(r"\d{10}\.\d{3,6}")
LINKED = re.compile(r"https?://[^/]+/archives/(?P<channel>[\w-]{2,80})/p(?P<seconds>\d{10})(?P<rest>\d{3,6})(?:\?.*)?")
EMOJI = re.compile(r":?([\w+'-]+(?:::skin-tone-[2-6])?):?")
SIGNS = {
    "👍": "+1",
    "👎": "-1",
    "👀": "eyes",
    "✅": "white_check_mark",
    "✔️": "heavy_check_mark",
    "❌": "x",
    "🎉": "tada",
    "🚀": "rocket",
    "❤️": "heart",
    "🔥": "fire",
    "⚠️": "warning",
    "🚨": "rotating_light",
    "🙏": "pray",
    "👏": "clap",
    "😄": "smile",
    "💯": "100",
}
PATIENCE = 2.0  # seconds that an event waits for the names in it
KNOWN_FOR = 3600.0  # seconds that names and the workspace's address are remembered
SKEW = timedelta(seconds=90)  # what the clocks of two houses may differ by
MOST_PAGES = 20  # of a channel list

WHOAMI = Request(method="POST", path="/auth.test")
PERSON = Request(method="GET", path="/users.info", query={"user": "{user}"})
CHANNEL = Request(method="GET", path="/conversations.info", query={"channel": "{channel}"})
CHANNELS = Request(
    method="GET", path="/conversations.list", query={"types": "public_channel,private_channel", "limit": 999, "cursor": "{cursor}"}
)
MESSAGE = Request(
    method="GET", path="/conversations.history", query={"channel": "{channel}", "latest": "{ts}", "inclusive": True, "limit": 1}
)
CREATE = Request(method="POST", path="/conversations.create", body={"name": "{name}", "is_private": "{private}"})
INVITE = Request(method="POST", path="/conversations.invite", body={"channel": "{channel_id}", "users": "{one}"})
TOPIC = Request(method="POST", path="/conversations.setTopic", body={"channel": "{id}", "topic": "{topic}"})
UPLOAD_ADDRESS = Request(
    method="POST", path="/files.getUploadURLExternal", encoding="form", body={"filename": "{file_name}", "length": "{length}"}
)
COMPLETE = Request(
    method="POST",
    path="/files.completeUploadExternal",
    body={
        "files": [{"id": "{id}", "title": "{title}"}],
        "channel_id": "{channel_id}",
        "initial_comment": "{text}",
        "thread_ts": "{thread_ts}",
    },
)


Read: TypeAlias = Callable[[Any], Any]


# --- how messages are named -------------------------------------------------------------------------------------------


def stamp_of(said: str) -> str:
    """The time stamp of a message, from itself or from its link. Raises Rejected."""
    text = said.strip()
    if STAMP.fullmatch(text):
        return text
    link = LINKED.fullmatch(text)
    if not link:
        raise Rejected(f"“{said[:80]}” is no message. Give its link, or its time stamp such as 1503435956.000247.")
    return f"{link['seconds']}.{link['rest']}"


def thread_of(said: str) -> str:
    """What an answer stands under: the message itself, or the one that it is an answer to, as its link says."""
    above = parse_qs(urlsplit(said.strip()).query).get("thread_ts", [""])[0]
    return above if STAMP.fullmatch(above) else stamp_of(said)


def emoji_of(said: str) -> str:
    """Its name without colons. Raises Rejected."""
    text = said.strip()
    if text in SIGNS:
        return SIGNS[text]
    match = EMOJI.fullmatch(text)
    if not match or not match[1].isascii():
        raise Rejected(f"“{said[:40]}” is no emoji that Slack knows by that sign. Say its name, such as eyes.")
    return match[1].lower()


def channel_name(said: str) -> str:
    """As Slack writes channels: small letters, hyphens for blanks. Raises Rejected when nothing is left."""
    name = re.sub(r"[^\w-]+", "-", said.strip().lstrip("#").lower()).strip("-")[:80]
    if not name:
        raise Rejected(f"“{said[:80]}” leaves nothing that a channel could be called.")
    return name


# --- what goes out ----------------------------------------------------------------------------------------------------


async def _team(tools: Tools) -> Mapping[str, Any]:
    """Who asks, and the address of the workspace; a made-up one in the sandbox."""
    if tools.credentials.account.mode != "live":
        return {"url": "https://sandbox.slack.com/", "user_id": ""}

    async def load() -> Any:
        return await tools.send(WHOAMI, {}, doing="a look at the workspace")

    known: Mapping[str, Any] = await tools.memory.recall("team", load, seconds=KNOWN_FOR)
    return known


async def _message(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    thread = thread_of(ask.arguments["thread"]) if ask.arguments.get("thread") else None
    look_in = "conversations.replies" if thread else "conversations.history"
    return {"thread_ts": thread, "team_url": (await _team(tools))["url"], "look_in": look_in}


async def _reaction(ask: Ask, tools: Tools) -> Mapping[str, Any]:
    said = ask.arguments
    link = LINKED.fullmatch(said["message"].strip())
    channel = link["channel"] if link else said.get("channel_id")
    if not channel:
        raise Rejected("Say which channel the message is in, or give its link.")
    return {"emoji_name": emoji_of(said["emoji"]), "message_ts": stamp_of(said["message"]), "in_channel": channel}


async def _create_channel(ask: Ask, tools: Tools) -> Answer:
    said = ask.arguments
    body = await tools.send(CREATE, {**said, "name": channel_name(said["name"])}, doing="create_channel", may_repeat=False)
    channel = body["channel"]
    if said.get("topic"):
        try:
            await tools.send(TOPIC, {"id": channel["id"], "topic": said["topic"]}, doing="setting the topic")
        except SignalboxError as error:  # asked again, Slack would say that the name is taken
            raise Rejected(f"#{channel['name']} was created, but without its topic: {error}") from error
    return _channel_answer(channel, said, await _team(tools))


async def _invite(ask: Ask, tools: Tools) -> Answer:
    """One by one: of several at once Slack invites none when one of them is there already."""
    said = ask.arguments
    name = said["channel_name"]
    for user, called in zip(said["user_id"], said["user_name"], strict=True):
        body = await tools.send(INVITE, {**said, "one": user}, doing=f"inviting {called}")
        name = (body.get("channel") or {}).get("name") or name
    return Answer({"id": said["channel_id"], "channel": said["channel_id"], "name": name, "users": said["user_id"]})


async def _look_at_channel(ask: Ask, tools: Tools) -> Answer | None:
    """The channel of that name which this very bot has made since."""
    said, team = ask.arguments, await _team(tools)
    if ask.call.asked_at is None:
        raise Rejected("It is not known when this was asked. Look in Slack whether the channel is there, and say so.")
    since = (ask.call.asked_at - SKEW).timestamp()
    async for channel in _channels(tools):
        if (
            channel["name"] == channel_name(said["name"])
            and channel.get("creator") == team["user_id"]
            and channel.get("created", 0) >= since
        ):
            return _channel_answer(channel, said, team)
    return None


async def _channels(tools: Tools) -> AsyncIterator[Mapping[str, Any]]:
    cursor = None
    for _ in range(MOST_PAGES):
        body = await tools.send(CHANNELS, {"cursor": cursor}, doing="a look whether it was done")
        for channel in body["channels"]:
            yield channel
        cursor = (body.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
    raise Rejected("There are more channels than can be looked through. Look in Slack whether it is there, and say so.")


def _channel_answer(channel: Mapping[str, Any], said: Mapping[str, Any], team: Mapping[str, Any]) -> Answer:
    id = channel["id"]
    return Answer(
        {
            "id": id,
            "channel": id,
            "name": channel["name"],
            "private": bool(channel.get("is_private")),
            "topic": said.get("topic"),
            "url": f"{team['url']}archives/{id}",
        }
    )


async def _upload_file(ask: Ask, tools: Tools) -> Answer:
    """An address for the bytes, the bytes, and the word that they are complete. Until then nobody sees anything, so only that is in doubt."""
    said = ask.arguments
    file = said["file"]
    name = said.get("name") or file.name
    scope = {
        **said,
        "file_name": name,
        "length": len(file.content),
        "title": said.get("title") or name,
        "thread_ts": thread_of(said["thread"]) if said.get("thread") else None,
    }
    place = await tools.send(UPLOAD_ADDRESS, scope, doing="getting an address for the file")
    await tools.send(_bytes_to(place["upload_url"]), scope, doing="sending the file")
    done = await tools.send(COMPLETE, {**scope, "id": place["file_id"]}, doing="upload_file", may_repeat=False)
    made: Mapping[str, Any] = next(iter(done.get("files") or ()), {})
    return Answer(
        {
            "id": place["file_id"],
            "file": place["file_id"],
            "title": made.get("title") or scope["title"],
            "url": made.get("permalink"),
            "channel": said.get("channel_id"),
        }
    )


def _bytes_to(url: str) -> Request:
    """The host stays the one that is described; of the address that Slack gives only path and query are taken."""
    parts = urlsplit(url)
    return Request(
        method="POST",
        host="files",
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        encoding="bytes",
        body={"file": "{file}"},
        answer="text",
    )


# --- what comes in ----------------------------------------------------------------------------------------------------


async def _named(payload: Any, delivered: Delivered, tools: Tools) -> Sequence[Any]:
    """The delivery with the names behind its ids; none for what this bot said itself."""
    event = payload.get("event") if isinstance(payload, dict) else None
    if not isinstance(event, dict):
        return [payload]
    if event.get("app_id") and event["app_id"] == payload.get("api_app_id"):
        return []
    about = event.get("item")
    item = about if isinstance(about, dict) else event
    channel, stamp = item.get("channel"), item.get("ts")
    named: dict[str, Any] = {}
    with suppress(TimeoutError):  # Slack waits three seconds for its answer
        async with asyncio.timeout(PATIENCE):
            named["user"] = await _asked(tools, PERSON, {"user": event.get("user")}, _person_name)
            named["channel"] = await _asked(tools, CHANNEL, {"channel": channel}, _channel_name)
            if channel and stamp:
                named["url"] = await _asked(tools, WHOAMI, {}, lambda team: _link(team["url"], channel, stamp))
            if event.get("type") == "reaction_added" and channel and stamp:
                scope = {"channel": channel, "ts": stamp}
                named["text"] = await _asked(tools, MESSAGE, scope, lambda body: _text_at(body, stamp), seconds=0.0)
    return [{**payload, "named": named}]


async def _asked(tools: Tools, request: Request, scope: Mapping[str, Any], read: Read, seconds: float = KNOWN_FOR) -> Any:
    """What Slack says, remembered for so long. An event is worth more than a name in it: where Slack does not say it, the id stands alone."""
    if tools.credentials.account.mode != "live" or not all(scope.values()):
        return None

    async def load() -> Any:
        return await tools.send(request, scope)

    try:
        key = f"{request.path} {sorted(scope.items())}"
        return read(await (tools.memory.recall(key, load, seconds=seconds) if seconds else load()))
    except (SignalboxError, KeyError, TypeError):
        return None


def _person_name(body: Mapping[str, Any]) -> str | None:
    user = body["user"]
    profile = user.get("profile") or {}
    said = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return str(said) if said else None


def _channel_name(body: Mapping[str, Any]) -> str | None:
    name = body["channel"].get("name")
    return f"#{name}" if name else None


def _link(team_url: str, channel: str, stamp: str) -> str:
    return f"{team_url}archives/{channel}/p{stamp.replace('.', '')}"


def _text_at(body: Mapping[str, Any], stamp: str) -> str | None:
    return next((message.get("text") for message in body["messages"] if message.get("ts") == stamp), None)


CUSTOM = Custom(
    prepare={"post_message": _message, "add_reaction": _reaction},
    perform={"create_channel": _create_channel, "invite_to_channel": _invite, "upload_file": _upload_file},
    look={"create_channel": _look_at_channel},
    unfold=_named,
    offline=True,
)
