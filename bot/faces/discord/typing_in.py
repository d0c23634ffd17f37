"""“Signalbox is typing …”, for whoever waits longer than a moment for an answer in a channel."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager

import aiohttp
import discord

from bot.faces.waiting import shown_when_long

log = logging.getLogger(__name__)


def typing_in(channel: discord.abc.Messageable) -> AbstractAsyncContextManager[None]:
    """While this lasts; where Discord does not take it, the answer comes without."""

    async def typing() -> None:
        try:
            async with channel.typing():
                await asyncio.Event().wait()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            log.info("typing could not be shown: %s", error)

    return shown_when_long(typing)
