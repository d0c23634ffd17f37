"""Who has a role on a server: Discord's own groups."""

from __future__ import annotations

import discord

from bot.faces.discord.wire import Client, in_our_words
from engine.errors import NotFound
from engine.parties import Actor

_UNKNOWN_MEMBER = 10007


async def belongs(client: Client, actor: Actor, role: str) -> bool:
    """``role``: its number or name. Raises NotFound when no server that the bot is on has it, else the hall's errors."""
    name = role.lstrip("@").casefold()
    found = [each for guild in client.guilds for each in guild.roles if str(each.id) == role or each.name.lstrip("@").casefold() == name]
    if not found:
        raise NotFound(f"Discord knows no role @{role.lstrip('@')[:60]} on the servers that Signalbox is on.")
    for each in found:
        member = await _member(each.guild, int(actor.user))
        if member is not None and member.get_role(each.id) is not None:
            return True
    return False


async def _member(guild: discord.Guild, user: int) -> discord.Member | None:
    """Asked anew each time: roles change, and without a privileged intent nobody tells us."""
    async with in_our_words():
        try:
            return await guild.fetch_member(user)
        except discord.NotFound as error:
            if error.code != _UNKNOWN_MEMBER:
                raise
            return None
