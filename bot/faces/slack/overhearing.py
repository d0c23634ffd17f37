"""What goes on in Slack's channels, told to the workflows that wait for it: a message, a reaction, somebody who joined.

Read here, asked for only when wanted, and told before Slack is answered, so that a crash loses nothing and a repetition tells nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.faces.face import ChannelNews, Overhearing
from bot.faces.slack.api import SlackApi
from bot.faces.slack.channels import Channels
from bot.faces.slack.people import People
from bot.faces.slack.read import FACE, Body, Me, said_in
from engine.errors import SignalboxError
from engine.parties import Actor

PATIENCE = 1.2  # seconds for names: Slack waits three for its answer
SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message"})


@dataclass(frozen=True, slots=True)
class Noticed:
    """Not yet with names. ``message``: the moment (``ts``) of the message it is about."""

    event: Literal["message_posted", "reaction_added", "member_joined"]
    id: str
    user: str
    channel: str
    at: str
    message: str = ""
    thread: str = ""
    text: str = ""
    emoji: str = ""


def noticed(body: Body, me: Me) -> Noticed | None:
    """None for what is none of the three, was done by us or another bot, or is private. Pure and total."""
    event = body.get("event")
    if _text(body, "type") != "event_callback" or not isinstance(event, Mapping):
        return None
    id, user = _text(body, "event_id"), _text(event, "user")
    if not id or not user or user == me.user or _text(event, "bot_id"):
        return None
    match _text(event, "type"):
        case "message" if _text(event, "subtype") in SPOKEN and "edited" not in event:
            return _posted(event, id, user, me)
        case "reaction_added":
            return _reacted(event, id, user)
        case "member_joined_channel" if _text(event, "channel"):
            return Noticed("member_joined", id, user, _text(event, "channel"), _text(event, "event_ts"))
    return None


def _posted(event: Body, id: str, user: str, me: Me) -> Noticed | None:
    channel, ts = _text(event, "channel"), _text(event, "ts")
    if _text(event, "channel_type") in ("im", "mpim") or channel.startswith("D") or not channel:
        return None
    return Noticed("message_posted", id, user, channel, ts, ts, _text(event, "thread_ts") or ts, said_in(_text(event, "text"), me))


def _reacted(event: Body, id: str, user: str) -> Noticed | None:
    item = event.get("item")
    if not isinstance(item, Mapping) or _text(item, "type") != "message" or _text(item, "channel").startswith("D"):
        return None
    return Noticed(
        "reaction_added", id, user, _text(item, "channel"), _text(event, "event_ts"), _text(item, "ts"), emoji=_text(event, "reaction")
    )


def _text(body: Any, name: str) -> str:
    found = body.get(name) if isinstance(body, Mapping) else None
    return found if isinstance(found, str) else ""


class Overhears:
    def __init__(self, overhearing: Overhearing | None, api: SlackApi, channels: Channels, people: People) -> None:
        self._overhearing, self._api, self._channels, self._people = overhearing, api, channels, people

    async def take_in(self, body: Body, me: Me) -> None:
        """Raises Transient when it could not be written down: then Slack sends it again."""
        news = noticed(body, me) if self._overhearing else None
        if self._overhearing is None or news is None or not await self._overhearing.wanted(news.event):
            return
        names = await asyncio.gather(self._person(news.user), self._channel(news.channel), self._words(news))
        user, channel, text = names
        await self._overhearing.tell(
            ChannelNews(
                event=news.event,
                id=news.id,
                face=FACE,
                at=_moment(news.at),
                user=user,
                user_id=news.user,
                channel=channel,
                text=text,
                thread=news.thread,
                message=news.message,
                emoji=news.emoji,
                url=f"{me.url}archives/{news.channel}/p{news.message.replace('.', '')}" if me.url and news.message else "",
            )
        )

    async def _person(self, user: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                return (await self._people.completed(Actor(FACE, user, user))).name
        except TimeoutError:
            return user

    async def _channel(self, id: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                names = {known: name for name, known in await self._channels.own()}
        except (TimeoutError, SignalboxError):
            names = {}
        return f"#{names[id]}" if id in names else id

    async def _words(self, news: Noticed) -> str:
        """Of a reaction: what was reacted to."""
        if news.event != "reaction_added":
            return news.text
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._api.call("conversations.history", channel=news.channel, latest=news.message, inclusive=True, limit=1)
        except (TimeoutError, SignalboxError):
            return ""
        messages = found.get("messages") or [{}]
        return said_in(_text(messages[0], "text")) if _text(messages[0], "ts") == news.message else ""


def _moment(ts: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
