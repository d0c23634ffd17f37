"""The Discord face: posts, edits and finds cards, whispers, and hands what people do to the conversation."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import discord

from bot.cards.card import Card
from bot.faces.discord import marks, places, roles, threads, write
from bot.faces.discord.connection import Connection
from bot.faces.discord.examine import examine
from bot.faces.discord.hearing import Hearing
from bot.faces.discord.overhearing import Overhears
from bot.faces.discord.wire import Sheet, files, in_our_words, mentions, unreadable
from bot.faces.face import Conversation, FaceState, Overhearing
from engine.errors import Rejected, SignalboxError
from engine.parties import Actor, Address, MessageRef
from engine.ports import Clock, Finding

log = logging.getLogger(__name__)

_RECENT = 100  # messages of a channel that ``find`` looks at: one page


class DiscordFace:
    """Fulfils ``bot.faces.face.Face`` with discord.py.

    ``api_url`` includes the version (``https://discord.com/api/v10``), ``gateway_url`` is ``wss://…`` without a query; empty means
    Discord's own. The library keeps both per process, so there is one Discord face in a process. Without a token it stays idle.
    """

    name = places.NAME

    def __init__(
        self,
        conversation: Conversation,
        clock: Clock,
        *,
        token: str,
        api_url: str = "",
        gateway_url: str = "",
        guild_ready_timeout: float = 2.0,
        patience: float = 8.0,
        overhearing: Overhearing | None = None,
        privileged: Sequence[str] = (),
    ) -> None:
        """``patience``: seconds that ``start`` waits for the connection before it goes on in the background.

        ``privileged``: intents that the application was given (``DISCORD_INTENTS``).
        """
        self._clock = clock
        self._patience = patience
        overhears = Overhears(overhearing, clock)
        self._hearing = Hearing(conversation, clock, self, overhears, api_url)
        self._connection = Connection(
            clock,
            token=token,
            api_url=api_url,
            gateway_url=gateway_url,
            guild_ready_timeout=guild_ready_timeout,
            interaction=self._hearing.interaction,
            message=self._hearing.message,
            overhears=overhears,
            privileged=privileged,
        )
        self._token = token.strip()

    async def start(self) -> None:
        await self._connection.start(self._patience)

    async def stop(self) -> None:
        await self._hearing.finish(5.0)
        await self._connection.stop()

    def state(self) -> FaceState:
        connection = self._connection
        if connection.configured and not connection.living:
            return FaceState(self.name, configured=True, ready=True, detail="Another process of the house is connected.")
        return FaceState(self.name, connection.configured, connection.ready, connection.detail or connection.commands_refused)

    async def examine(self) -> list[Finding]:
        """For the doctor: token, application, servers, permissions. Asks Discord, connected or not."""
        return await examine(self._connection, self._token)

    def me(self) -> int:
        user = self._connection.client.user
        return user.id if user else 0

    async def post(self, to: Address, card: Card, key: str) -> MessageRef:
        self._hearing.remember(card)
        try:
            return await self._place(to, card, key)
        except Rejected as error:
            if not to.thread or not threads.missing(error):
                raise
            channel = await self._resolved(to)
            return await self._place(await threads.opened(self._connection.client, channel, card.title), card, key)

    async def _place(self, to: Address, card: Card, key: str) -> MessageRef:
        try:
            return await self._send(to, write.message(card, key), key)
        except Rejected as error:
            if not unreadable(error):
                raise
            return await self._send(to, write.plain(card, key), key)

    async def _resolved(self, to: Address) -> Address:
        async with in_our_words():
            return (await places.target(self._connection.client, to))[1]

    async def edit(self, ref: MessageRef, card: Card) -> None:
        self._hearing.remember(card)
        try:
            await self._change(ref, write.message(card))
        except Rejected as error:
            if not unreadable(error):
                raise
            await self._change(ref, write.plain(card))

    async def find(self, to: Address, key: str) -> MessageRef | None:
        try:
            return await self._found(to, key)
        except Rejected as error:
            if not to.thread or not threads.missing(error):
                raise
            return await self._found(Address(to.face, to.channel), key)  # its thread was not to be had

    async def _found(self, to: Address, key: str) -> MessageRef | None:
        wanted = marks.component_ids(key)
        client = self._connection.client
        async with in_our_words():
            channel, where = await places.target(client, to)
            async for message in channel.history(limit=_RECENT):
                if message.author.id == self.me() and _component_ids(message) == wanted:
                    return MessageRef(self.name, where.channel, str(message.id), where.thread)
        return None

    async def whisper(self, actor: Actor, where: Address, card: Card) -> None:
        exchange = self._hearing.exchange(actor, where)
        if exchange:
            self._hearing.remember(card)
            try:
                await exchange.show(card, self._clock.now())
                return
            except SignalboxError as error:
                log.info("the interaction ended meanwhile (%s); a direct message still reaches them", error)
        await self.direct(actor, card, self._clock.new_id("whisper"))

    async def direct(self, actor: Actor, card: Card, key: str) -> MessageRef:
        """A direct message. Raises Rejected when the person accepts none, or is not on Discord."""
        if actor.face != self.name:
            raise Rejected(f"{actor.name} is not on Discord.")
        return await self.post(Address(self.name, f"@{actor.user}"), card, key)

    async def belongs(self, actor: Actor, group: str) -> bool:
        return await roles.belongs(self._connection.client, actor, group)

    async def home_channel(self) -> str:
        return places.home(self._connection.client) if self._connection.ready else ""

    async def _send(self, to: Address, written: write.Written, key: str) -> MessageRef:
        client = self._connection.client
        async with in_our_words():
            channel, where = await places.target(client, to)
        async with in_our_words(repeatable=False):
            message = await channel.send(
                view=Sheet(written.components), files=files(written), allowed_mentions=mentions(written), nonce=marks.nonce(key)
            )
        return MessageRef(self.name, where.channel, str(message.id), where.thread)

    async def _change(self, ref: MessageRef, written: write.Written) -> None:
        channel = self._connection.client.get_partial_messageable(int(ref.thread or ref.channel))
        async with in_our_words():
            await channel.get_partial_message(int(ref.message)).edit(
                view=Sheet(written.components), attachments=files(written), allowed_mentions=mentions(written)
            )


def _component_ids(message: discord.Message) -> tuple[int, int] | None:
    outer = message.components[0] if message.components else None
    head = outer.children[0] if isinstance(outer, discord.Container) and outer.children else None
    if not isinstance(outer, discord.Container) or not isinstance(head, discord.TextDisplay):
        return None
    return outer.id or 0, head.id or 0
