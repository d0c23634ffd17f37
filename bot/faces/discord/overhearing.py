"""What goes on in Discord's channels, told to the workflows that wait for it: a message, a reaction, somebody who joined.

What others write arrives without its text, and who joins not at all, unless the application was given those privileged intents (``DISCORD_INTENTS``).
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord

from bot.faces.discord.places import NAME, actor_of, where_of
from bot.faces.face import ChannelNews, Overhearing
from engine.errors import SignalboxError
from engine.ports import Clock

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for the words of a message that was reacted to
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


class Overhears:
    """Nothing here raises into discord.py: what could not be written down is logged."""

    def __init__(self, overhearing: Overhearing | None, clock: Clock) -> None:
        self._overhearing = overhearing
        self._clock = clock

    async def message(self, message: discord.Message) -> None:
        if message.guild is None or message.author.bot or message.webhook_id or message.type not in SPOKEN:
            return
        where = where_of(message.channel)
        await self._tell(
            "message_posted",
            lambda: ChannelNews(
                event="message_posted",
                id=str(message.id),
                face=NAME,
                at=message.created_at,
                user=message.author.display_name,
                user_id=str(message.author.id),
                channel=named(message.channel),
                text=message.content,
                thread=where.thread or str(message.id),
                message=str(message.id),
                url=message.jump_url,
            ),
        )

    async def reaction(self, reaction: discord.RawReactionActionEvent, client: discord.Client) -> None:
        member = reaction.member
        if member is None or member.bot or not await self._wanted("reaction_added"):
            return
        channel, emoji = client.get_channel(reaction.channel_id), reaction.emoji.name or ""
        text = await _words(client, reaction)
        await self._tell(
            "reaction_added",
            lambda: ChannelNews(
                event="reaction_added",
                id=f"{reaction.message_id}-{reaction.user_id}-{emoji}",
                face=NAME,
                at=self._clock.now(),  # Discord does not say when
                user=member.display_name,
                user_id=actor_of(member).user,
                channel=named(channel) or str(reaction.channel_id),
                text=text,
                emoji=emoji,
                message=str(reaction.message_id),
                url=f"https://discord.com/channels/{reaction.guild_id}/{reaction.channel_id}/{reaction.message_id}",
            ),
        )

    async def joined(self, member: discord.Member) -> None:
        if member.bot:
            return
        at = member.joined_at
        if at is None:
            return
        await self._tell(
            "member_joined",
            lambda: ChannelNews(
                event="member_joined",
                id=f"{member.guild.id}-{member.id}-{at.timestamp():.0f}",
                face=NAME,
                at=at,
                user=member.display_name,
                user_id=str(member.id),
                channel="",
            ),
        )

    async def _wanted(self, event: str) -> bool:
        try:
            return self._overhearing is not None and await self._overhearing.wanted(event)
        except SignalboxError as error:
            log.warning("it could not be told whether %s is waited for: %s", event, error)
            return False

    async def _tell(self, event: str, news: Any) -> None:
        if not await self._wanted(event) or self._overhearing is None:
            return
        try:
            await self._overhearing.tell(news())
        except SignalboxError as error:
            log.warning("what happened in a channel could not be written down: %s", error)


def named(channel: Any) -> str:
    """``#name``; a thread counts as its channel."""
    parent = channel.parent if isinstance(channel, discord.Thread) else channel
    name = getattr(parent, "name", "")
    return f"#{name}" if name else ""


async def _words(client: discord.Client, reaction: discord.RawReactionActionEvent) -> str:
    """Of the message that was reacted to; empty where it cannot be read."""
    try:
        async with asyncio.timeout(PATIENCE):
            message = await client.get_partial_messageable(reaction.channel_id).fetch_message(reaction.message_id)
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError):
        return ""
    return message.content
