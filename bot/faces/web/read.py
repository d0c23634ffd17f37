"""What a page sends, as our values. Pure."""

from __future__ import annotations

import hashlib
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.errors import Rejected

HOME = "#ops"
TEXT_LENGTH = 20_000  # characters one may say at once

_CHANNEL = re.compile(r"[#@][\w-]{1,80}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def channel_name(said: str) -> str:
    """``#name``, or ``@user`` for a direct channel. Raises Rejected."""
    name = said.strip().lower()
    if name and name[0] not in "#@":
        name = "#" + name
    if not _CHANNEL.fullmatch(name):
        raise Rejected(f"“{said[:80]}” cannot be a channel of the web chat. Use letters, digits, - and _, for example #releases.")
    return name


def direct_to(channel: str) -> str:
    """The actor id a direct channel belongs to; "" for an open channel."""
    return "web:" + channel[1:] if channel.startswith("@") else ""


def words(text: str) -> str:
    """What was said. Raises Rejected when it is nothing or too much."""
    said = text.strip()
    if not said:
        raise Rejected("Nothing was said. Type a sentence or a command, for example /flow list.")
    if len(said) > TEXT_LENGTH:
        raise Rejected(f"That is too long: {len(said):,} characters; at most {TEXT_LENGTH:,} are read at once. Use /flow import for files.")
    return said


def client_id(id: str, user: str) -> str:
    """A page's id of one act, made its own: nobody can act under another one's id. Raises Rejected."""
    if not _CLIENT_ID.fullmatch(id):
        raise Rejected("The page sent no proper id with this. Load the page again.")
    return f"web:{user}:{id}"


def message_id(prefix: str, key: str) -> str:
    """The same key always names the same message."""
    return f"{prefix}_{hashlib.blake2b(key.encode('utf-8', 'replace'), digest_size=13).hexdigest()}"


def timezone_name(said: str) -> str:
    """An IANA name we know, else ""."""
    try:
        return ZoneInfo(said).key if said and len(said) <= 64 else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""
