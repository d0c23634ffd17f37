"""What the doctor says about Discord: is the token good, is the bot anywhere, may it do its work, will it hear its commands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import discord

from bot.faces.discord import commands
from bot.faces.discord.connection import Connection
from bot.faces.discord.wire import INVITED, Client, in_our_words, missing_rights
from engine.errors import SignalboxError
from engine.ports import Finding

_AREA = "Discord"
_MOST_SERVERS = 200


async def examine(connection: Connection, token: str) -> list[Finding]:
    """One finding a question; the first problem that makes the others meaningless ends the list."""
    if not connection.configured:
        return [Finding(_AREA, "info", "Discord is not set up.", "Set DISCORD_TOKEN; docs/how-to/discord.md leads there step by step.")]
    try:
        async with _looking(connection, token) as client, in_our_words():
            servers = await client.http.get_guilds(_MOST_SERVERS)
            theirs = await client.http.get_global_commands(client.application_id or 0)
            return [*_application(client), *_servers(client, servers), *_commands(connection, theirs), _connected(connection)]  # type: ignore[arg-type]
    except discord.LoginFailure:
        advice = "Copy a new one from the developer portal (Bot → Reset Token) into DISCORD_TOKEN and start again."
        return [Finding(_AREA, "problem", "Discord refuses the bot's token.", advice)]
    except SignalboxError as error:
        return [Finding(_AREA, "problem", str(error), "Check the network and, if set, DISCORD_API_URL (it includes the version, …/v10).")]


@asynccontextmanager
async def _looking(connection: Connection, token: str) -> AsyncIterator[Client]:
    """A logged-in client that is not connected, so that looking disturbs nothing."""
    client = connection.fresh_client()
    try:
        async with in_our_words():
            await client.login(token)
        yield client
    finally:
        await client.close()


def _application(client: Client) -> list[Finding]:
    application = client.application
    name = application.name if application else "?"
    findings = [Finding(_AREA, "ok", f"The token belongs to the application “{name}”.")]
    if application and application.interactions_endpoint_url:
        advice = "Empty “Interactions Endpoint URL” in the developer portal (General Information)."
        findings.append(Finding(_AREA, "problem", "Discord sends commands and button presses to a web address instead of here.", advice))
    return findings


def _servers(client: Client, servers: list[Any]) -> list[Finding]:
    if not servers:
        link = discord.utils.oauth_url(client.application_id or 0, permissions=INVITED, scopes=("bot", "applications.commands"))
        return [Finding(_AREA, "problem", "The bot is on no server yet.", f"Open {link} and choose your server.")]
    findings = [Finding(_AREA, "ok", f"On {len(servers)} server{'s' * (len(servers) != 1)}: {_names(servers)}.")]
    return findings + [finding for server in servers for finding in _rights(server)]


def _rights(server: Mapping[str, Any]) -> list[Finding]:
    missing = missing_rights(discord.Permissions(int(server.get("permissions") or 0)))
    if not missing:
        return []
    told = f"On “{server['name']}” the bot lacks: {', '.join(missing)}."
    return [Finding(_AREA, "warning", told, "Give its role these permissions (Server Settings → Roles), or allow them per channel.")]


def _commands(connection: Connection, theirs: list[Mapping[str, Any]]) -> list[Finding]:
    if commands.registered(commands.payload(), theirs):
        return [Finding(_AREA, "ok", "The slash commands are registered.")]
    advice = connection.commands_refused or "They are registered when Signalbox starts."
    return [Finding(_AREA, "warning", "The slash commands on Discord are not the current ones.", advice)]


def _connected(connection: Connection) -> Finding:
    if connection.ready:
        return Finding(_AREA, "ok", "Connected.")
    return Finding(_AREA, "info", connection.detail or "Not connected at the moment; `serve` connects.")


def _names(servers: list[Mapping[str, Any]]) -> str:
    shown = ", ".join(f"“{server['name']}”" for server in servers[:3])
    return shown + (" …" if len(servers) > 3 else "")
