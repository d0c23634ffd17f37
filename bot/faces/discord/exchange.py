"""One interaction while Discord lets us answer it: acknowledged within 3 seconds, answered in private for 15 minutes."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord

from bot.cards.card import Card
from bot.faces.discord import write
from bot.faces.discord.places import actor_of, where_of
from bot.faces.discord.wire import Paper, Sheet, files, in_our_words, mentions
from engine.errors import SignalboxError, Transient

log = logging.getLogger(__name__)

_USABLE = timedelta(minutes=14)  # Discord's 15, less what a slow answer may take


class Exchange:
    """``private`` answers only reach whoever acted. ``loading``: Discord shows “thinking…” until something is shown or taken away."""

    def __init__(self, interaction: discord.Interaction[Any], now: datetime) -> None:
        self.interaction = interaction
        self.id = str(interaction.id)
        self.actor = actor_of(interaction.user, interaction.locale.value)
        self.where = where_of(interaction.channel)
        self.received = now
        self.loading = False
        self.acknowledged = False

    def usable(self, now: datetime) -> bool:
        return self.acknowledged and now - self.received < _USABLE

    @property
    def on_private_message(self) -> bool:
        """Whether the component stands on a message that only its presser sees."""
        message = self.interaction.message
        return message is not None and message.flags.ephemeral

    async def defer(self, *, thinking: bool) -> bool:
        """Say “heard”. False when Discord no longer waits for it: what was asked is done all the same, the answer goes another way."""
        try:
            async with asyncio.timeout(10):
                await self.interaction.response.defer(ephemeral=True, thinking=thinking)
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("an interaction could not be acknowledged: %s", error)
            return False
        self.acknowledged = True
        self.loading = thinking
        return True

    async def ask(self, modal: dict[str, Any]) -> None:
        """Answer by a form; only possible as the first answer."""
        async with in_our_words():
            await self.interaction.response.send_modal(Paper(modal))

    async def tell(self, written: write.Written) -> None:
        """Answer at once, in private, as the first answer."""
        async with in_our_words():
            await self.interaction.response.send_message(view=Sheet(written.components), ephemeral=True)
        self.acknowledged = True

    async def show(self, card: Card, now: datetime) -> None:
        """A private card: in place of “thinking…”, else as a further message. Raises Transient when the interaction is over."""
        if not self.usable(now):
            raise Transient("This interaction is over.")
        written = write.message(card)
        async with in_our_words():
            if self.loading:
                await self.replace(written)
            else:
                await self.interaction.followup.send(
                    view=Sheet(written.components), files=files(written), allowed_mentions=mentions(written), ephemeral=True, wait=True
                )

    async def replace(self, written: write.Written) -> None:
        """Put this where “thinking…” (or the private message with the pressed button) stands."""
        await self.interaction.edit_original_response(
            view=Sheet(written.components), attachments=files(written), allowed_mentions=mentions(written)
        )
        self.loading = False

    async def clear(self) -> None:
        """Take the “thinking…” (or the answered question) away."""
        self.loading = False
        try:
            async with in_our_words():
                await self.interaction.delete_original_response()
        except SignalboxError as error:
            log.warning("a finished interaction could not be cleared: %s", error)
