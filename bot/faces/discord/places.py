"""Where things are on Discord: channels by name or number, the channel for news, and what our addresses mean."""

from __future__ import annotations

import re
from typing import Any

import discord

from bot.faces.discord.wire import Client, missing_rights
from engine.errors import Rejected, Transient
from engine.parties import Actor, Address

NAME = "discord"
_NUMBER = re.compile(r"(?:<#)?([0-9]{1,20})>?", re.ASCII)
_PERSON = re.compile(r"<?@!?([0-9]{1,20})>?", re.ASCII)


def where_of(channel: Any) -> Address:
    """The address of the channel something came from; a thread stands under its channel."""
    if isinstance(channel, discord.Thread) and channel.parent_id:
        return Address(NAME, str(channel.parent_id), str(channel.id))
    return Address(NAME, str(getattr(channel, "id", "")))


def actor_of(user: discord.abc.User, locale: str = "") -> Actor:
    return Actor(NAME, str(user.id), user.display_name, locale=locale)


async def target(client: Client, to: Address) -> tuple[discord.PartialMessageable, Address]:
    """What to send to, and the address with the channel's own id.

    ``channel`` is an id, ``<#id>``, ``#name``, or ``@id`` for a person's direct messages. Raises Rejected when there is no such place.
    """
    if person := _PERSON.fullmatch(to.channel):
        direct = await client.create_dm(discord.Object(int(person[1])))
        return client.get_partial_messageable(direct.id), Address(NAME, str(direct.id))
    number = _NUMBER.fullmatch(to.channel)
    channel = int(number[1]) if number else _named(client, to.channel)
    thread = _NUMBER.fullmatch(to.thread)
    return client.get_partial_messageable(int(thread[1]) if thread else channel), Address(NAME, str(channel), to.thread)


def home(client: Client) -> str:
    """The first text channel, from the top, in which we may write; "" when there is none."""
    for channel in _text_channels(client):
        me = channel.guild.me
        if me is not None and not missing_rights(channel.permissions_for(me)):
            return str(channel.id)
    return ""


def _named(client: Client, name: str) -> int:
    wanted = name.strip().removeprefix("#").casefold()
    if not client.guilds:
        raise Transient("Signalbox does not know the channels on Discord yet.")
    found = [channel for channel in _text_channels(client) if channel.name.casefold() == wanted]
    if not found:
        near = ", ".join(f"#{channel.name}" for channel in _text_channels(client)[:5])
        raise Rejected(f"There is no channel #{wanted} on Discord that Signalbox can see. It sees: {near or 'none'}.")
    writable = [channel for channel in found if channel.guild.me and not missing_rights(channel.permissions_for(channel.guild.me))]
    return (writable or found)[0].id


def _text_channels(client: Client) -> list[discord.TextChannel]:
    guilds = sorted(client.guilds, key=lambda guild: guild.id)
    return [channel for guild in guilds for channel in guild.text_channels]
