"""Being connected to Discord: logging in, registering the commands, staying connected, and saying why not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import discord

from bot.faces.discord import commands
from bot.faces.discord.overhearing import Overhears
from bot.faces.discord.wire import Client, in_our_words, point
from engine.errors import SignalboxError, Transient
from engine.ports import Clock

log = logging.getLogger(__name__)

_FOR_GOOD = {
    4004: "Discord refuses the bot's token. Copy a new one from the developer portal into DISCORD_TOKEN and start again.",
    4010: "Discord asks for another way to connect (sharding).",
    4011: "The bot is on too many servers for one connection.",
    4012: "Discord no longer speaks this version of its protocol. Update Signalbox.",
    4013: "Discord refuses the events that Signalbox asks for. Update Signalbox.",
    4014: "Discord refuses the events that Signalbox asks for. Switch on in the developer portal (Bot → Privileged Gateway Intents) what DISCORD_INTENTS names, or take it out there.",
}
_BAD_TOKEN = _FOR_GOOD[4004]
_LONGEST_PAUSE = 60.0


class Connection:
    """Keeps one client connected. ``detail`` says in words how it stands."""

    def __init__(
        self,
        clock: Clock,
        *,
        token: str,
        api_url: str,
        gateway_url: str,
        guild_ready_timeout: float,
        interaction: Callable[[discord.Interaction[Any]], Awaitable[None]],
        message: Callable[[discord.Message], Awaitable[None]],
        overhears: Overhears,
        privileged: Sequence[str] = (),
    ) -> None:
        self._clock = clock
        self._token = token.strip()
        self._urls = (api_url, gateway_url)
        self._guild_ready_timeout = guild_ready_timeout
        self._interaction = interaction
        self._message = message
        self._overhears = overhears
        self._privileged = tuple(privileged)
        self._client: Client | None = None
        self._living: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self.configured = bool(self._token)
        self.ready = False
        self.detail = "" if self.configured else "DISCORD_TOKEN is not set."
        self.commands_refused = ""

    @property
    def client(self) -> Client:
        """The client once it is logged in. Raises Transient before that."""
        if self._client is None:
            raise Transient(self.detail or "Signalbox is not connected to Discord yet.")
        return self._client

    @property
    def living(self) -> bool:
        """Whether it is connected or trying to be; of several processes of a house one is."""
        return self._living is not None

    def fresh_client(self) -> Client:
        """A client of one's own, for looking at Discord without being connected."""
        point(*self._urls)
        return Client(
            interaction=self._interaction,
            message=self._message,
            connected=self._connected,
            privileged=self._privileged,
            reaction=self._overhears.reaction,
            joined=self._overhears.joined,
            guild_ready_timeout=self._guild_ready_timeout,
        )

    async def start(self, patience: float) -> None:
        """Return when connected, when it is known why not, or after ``patience`` seconds; go on trying in any case."""
        if not self.configured or self._living:
            return
        self._settled.clear()
        self._living = asyncio.create_task(self._live(), name="discord")
        try:
            async with asyncio.timeout(patience):
                await self._settled.wait()
        except TimeoutError:
            self.detail = self.detail or "Discord has not answered yet; still trying."

    async def stop(self) -> None:
        living, self._living = self._living, None
        if living:
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
        self.ready = False

    async def _live(self) -> None:
        pause = 1.0
        while True:
            client = self.fresh_client()
            try:
                await client.login(self._token)
                self._client = client
                await self._register(client)
                await client.connect()
                self._say("Discord closed the connection; connecting again.")
                pause = 1.0
            except (discord.LoginFailure, discord.PrivilegedIntentsRequired, discord.ConnectionClosed) as error:
                if reason := _for_good(error):
                    self._say(reason)
                    return
                self._say("Discord closed the connection; connecting again.")
            # discord.py stumbles over its own missing socket (AttributeError) when the first connection to the gateway fails.
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError, AttributeError) as error:
                self._say(f"Discord cannot be reached ({type(error).__name__}); trying again.")
            finally:
                self._client = None
                self.ready = False
                await client.close()
            await self._clock.sleep(pause * (1 + self._clock.random()))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _register(self, client: Client) -> None:
        """Tell Discord our commands when it does not know exactly these: changes are counted, reading is free."""
        application, ours = client.application_id or 0, commands.payload()
        try:
            async with in_our_words():
                if not commands.registered(ours, await client.http.get_global_commands(application)):
                    await client.http.bulk_upsert_global_commands(application, ours)
            self.commands_refused = ""
        except SignalboxError as error:
            self.commands_refused = str(error)
            log.warning("Discord did not take the slash commands: %s", error)

    def _connected(self, ready: bool) -> None:
        self.ready = ready
        self._say("" if ready else "The connection to Discord was lost; connecting again.", settled=ready)

    def _say(self, detail: str, *, settled: bool = True) -> None:
        if detail and detail != self.detail:
            log.warning("%s", detail)
        self.detail = detail
        if settled:
            self._settled.set()


def _for_good(error: Exception) -> str:
    """Why trying again is of no use; empty when it is."""
    if isinstance(error, discord.LoginFailure):
        return _BAD_TOKEN
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return _FOR_GOOD[4014]
    return _FOR_GOOD.get(error.code, "") if isinstance(error, discord.ConnectionClosed) else ""
