"""Threads that start at one of our messages: such a thread has the message's own number, and is opened with the first word in it."""

from __future__ import annotations

import logging

import discord

from bot.faces.discord.wire import Client, in_our_words
from engine.errors import Rejected, SignalboxError
from engine.parties import Address

log = logging.getLogger(__name__)

MOST_NAME = 100  # characters of a thread's name
_UNKNOWN_CHANNEL = 10003
_THERE_IS_ONE = 160004


def missing(error: SignalboxError) -> bool:
    """Whether Discord knows no such thread (yet)."""
    return _code(error) == _UNKNOWN_CHANNEL


async def opened(client: Client, to: Address, name: str) -> Address:
    """Start the thread of the message that ``to.thread`` names; where that may not or cannot be, the address of its channel.

    Needs “Create Public Threads”. Raises Transient when Discord cannot be asked.
    """
    try:
        async with in_our_words():
            await client.http.start_thread_with_message(
                int(to.channel), int(to.thread), name=" ".join(name.split())[:MOST_NAME] or "Thread", auto_archive_duration=1440
            )
    except Rejected as error:
        if _code(error) == _THERE_IS_ONE:
            return to
        log.info("no thread at message %s of channel %s, so it is said in the channel: %s", to.thread, to.channel, error)
        return Address(to.face, to.channel)
    return to


def _code(error: SignalboxError) -> int:
    cause = error.__cause__
    return cause.code if isinstance(cause, discord.HTTPException) else 0
