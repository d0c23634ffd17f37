"""The one place that touches discord.py's connection: its client, its message objects, and its errors in the house's words."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.faces.discord.write import Attached, Written
from engine.errors import Rejected, SignalboxError, Transient, Unanswered

API_URL = "https://discord.com/api/v10"
GATEWAY_URL = "wss://gateway.discord.gg/"
CDN_URL = "https://cdn.discordapp.com"

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
)
# What the invitation asks for: without the last, what belongs to a card stands in its channel instead of a thread.
INVITED = NEEDED | discord.Permissions(create_public_threads=True)
# What is said to us in a mention or a direct message arrives without the privileged message-content intent.
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, guild_reactions=True)


def intents(privileged: Iterable[str]) -> discord.Intents:
    """Those that are always asked for, and privileged ones: Discord refuses the connection unless they are switched on in the developer portal."""
    return INTENTS | discord.Intents(**dict.fromkeys(privileged, True))


# We never speak aloud: no advice about voice libraries.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False

_PATIENCE = 90.0  # seconds for one request, discord.py's own waiting and repeating included
_WORDS = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_ASK_RIGHTS = "Give its role these permissions there: " + ", ".join(_WORDS.values()) + "."
_CODES = {
    10003: "Discord knows no such channel any more. Choose another one.",
    10004: "Signalbox is not on that server. Invite it again.",
    10008: "The message was deleted on Discord, so it cannot be edited.",
    40333: "Discord's protection refused the request. Check DISCORD_API_URL.",
    50001: f"Signalbox cannot see that channel. {_ASK_RIGHTS}",
    50007: "That person accepts no direct messages from Signalbox: allow them in the server's privacy settings.",
    50008: "Messages cannot be sent to that kind of channel. Choose a text channel.",
    50013: f"Signalbox may not write in that channel. {_ASK_RIGHTS}",
    50083: "That thread is archived. Reopen it, or choose its channel.",
}
_EDITED_TOO_OFTEN = 30046
_TOO_LARGE = (40005, 50035)


def point(api_url: str, gateway_url: str) -> None:
    """Direct discord.py to these addresses. They are class attributes of the library, so one process speaks with one Discord."""
    base = (api_url or API_URL).rstrip("/")
    Route.BASE = base
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url or GATEWAY_URL)
    discord.Asset.BASE = CDN_URL if base == API_URL else str(yarl.URL(base).origin())


class Client(discord.Client):
    """discord.py's client without views, caches and privileged intents; what it hears goes to the three callbacks."""

    def __init__(
        self,
        *,
        interaction: Callable[[discord.Interaction[Any]], Awaitable[None]],
        message: Callable[[discord.Message], Awaitable[None]],
        connected: Callable[[bool], None],
        guild_ready_timeout: float,
        privileged: Iterable[str] = (),
        reaction: Callable[[discord.RawReactionActionEvent, discord.Client], Awaitable[None]] | None = None,
        joined: Callable[[discord.Member], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(
            intents=intents(privileged),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=guild_ready_timeout,
            max_ratelimit_timeout=30.0,
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self._heard_interaction = interaction
        self._heard_message = message
        self._heard_reaction = reaction
        self._heard_joining = joined
        self._connected = connected

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._heard_interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        await self._heard_message(message)

    async def on_raw_reaction_add(self, reaction: discord.RawReactionActionEvent) -> None:
        if self._heard_reaction:
            await self._heard_reaction(reaction, self)

    async def on_member_join(self, member: discord.Member) -> None:
        if self._heard_joining:
            await self._heard_joining(member)

    async def on_ready(self) -> None:
        self._connected(True)

    async def on_resumed(self) -> None:
        self._connected(True)

    async def on_disconnect(self) -> None:
        self._connected(False)


class Sheet(discord.ui.LayoutView):
    """Components that are already in Discord's words. It is finished at birth: discord.py keeps no state for it."""

    def __init__(self, components: tuple[dict[str, Any], ...]) -> None:
        super().__init__(timeout=None)
        self._components = components
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        return list(self._components)

    def has_components_v2(self) -> bool:
        return True

    def is_dispatchable(self) -> bool:
        return False


class Paper(discord.ui.Modal):
    """A modal that is already in Discord's words; likewise without state."""

    def __init__(self, modal: dict[str, Any]) -> None:
        super().__init__(title=modal["title"], custom_id=modal["custom_id"], timeout=None)
        self._components_of = modal["components"]
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        return list(self._components_of)


def files(written: Written) -> list[discord.File]:
    return [_file(attached) for attached in written.files]


def mentions(written: Written) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        replied_user=False,
        roles=[discord.Object(role) for role in written.roles],
        users=[discord.Object(user) for user in written.pings],
    )


def _file(attached: Attached) -> discord.File:
    return discord.File(io.BytesIO(attached.data), filename=attached.name, description=attached.alt or None)


@asynccontextmanager
async def in_our_words(*, repeatable: bool = True) -> AsyncIterator[None]:
    """Turn what goes wrong on the way to Discord into the hall's errors.

    ``repeatable`` False: asking twice could show the thing twice, so a lost answer is Unanswered rather than Transient.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            yield
    except discord.RateLimited as error:
        raise Transient("Discord asks for fewer messages.", error.retry_after) from error
    except discord.HTTPException as error:
        raise _answered(error, repeatable) from error
    except aiohttp.ClientConnectorError as error:
        raise Transient("Discord cannot be reached.") from error
    except (aiohttp.ClientError, TimeoutError, OSError, json.JSONDecodeError) as error:
        raise _lost(repeatable) from error


def _answered(error: discord.HTTPException, repeatable: bool) -> SignalboxError:
    if error.status == 429 or error.code == _EDITED_TOO_OFTEN:
        return Transient("Discord asks for fewer requests.", _retry_after(error))
    if error.status == 401:
        return Transient("Discord refuses the bot's token. Set DISCORD_TOKEN to a valid one and start again.", 300.0)
    if error.status == 503:
        return Transient("Discord is out of service for the moment.")
    if error.status >= 500:
        return _lost(repeatable)
    return Rejected(_CODES.get(error.code) or _unforeseen(error))


def _unforeseen(error: discord.HTTPException) -> str:
    if error.status == 403:
        return f"Discord does not allow this. {_ASK_RIGHTS}"
    if error.status == 404:
        return "Discord knows no such channel or message any more."
    return f"Discord refused the message: {error.text[:200] or error.status}."


def _lost(repeatable: bool) -> SignalboxError:
    if repeatable:
        return Transient("Discord did not answer.")
    return Unanswered("Discord did not answer; the message may stand all the same.")


def _retry_after(error: discord.HTTPException) -> float:
    told = error.response.headers.get("Retry-After", "")
    try:
        return max(float(told), 1.0)
    except ValueError:
        return 60.0


def unreadable(error: SignalboxError) -> bool:
    """Whether Discord refused a message because of how it is made, so that a plainer one may stand."""
    cause = error.__cause__
    return isinstance(cause, discord.HTTPException) and (cause.status == 413 or cause.code in _TOO_LARGE)


def missing_rights(held: discord.Permissions) -> list[str]:
    """The needed permissions that are not held, as Discord's settings call them."""
    if held.administrator:
        return []
    return [words for name, words in _WORDS.items() if not getattr(held, name)]
