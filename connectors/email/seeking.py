"""Looking for messages in the mailbox by IMAP's own SEARCH (RFC 3501 §6.4.4); nothing is marked as read."""

from __future__ import annotations

import asyncio
import imaplib
from typing import Any

from connectors._kit.custom import Ask, Tools
from connectors.email.inbox import AT_ONCE, NAME, Box, _asked, _examined, _item, _opened, _says, read_url
from engine.errors import Invalid, Transient
from engine.ports import Answer

TOLD = ("from", "from_name", "to", "subject", "text", "attachments", "time")


async def search(ask: Ask, tools: Tools) -> Answer:
    """``count`` of all that was found, ``items`` the newest of them. Raises Invalid, Misconfigured or Transient."""
    box = read_url(tools.credentials.get("imap_url"))
    words = _criteria(ask.arguments)
    limit = max(1, min(int(ask.arguments.get("limit") or 10), AT_ONCE))
    return Answer(await asyncio.to_thread(_found, box, words, limit))


def _criteria(said: Any) -> list[str]:
    words: list[str] = []
    for key, name in (("TEXT", "query"), ("FROM", "from"), ("SUBJECT", "subject")):
        if said.get(name):
            words += [key, _quoted(str(said[name]))]
    return [*words, *(["UNSEEN"] if said.get("unread") else [])] or ["ALL"]


def _quoted(text: str) -> str:
    """As IMAP writes it. Raises Invalid for what would need another alphabet: not every server knows one."""
    if not text.isascii() or not text.isprintable():
        raise Invalid(f"A mailbox is searched for plain letters, digits and signs only, not for “{text[:60]}”.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _found(box: Box, words: list[str], limit: int) -> dict[str, Any]:
    try:
        with _opened(box) as server:
            validity, _ = _examined(server, box)
            said = _asked(server, "SEARCH", *words)
            uids = sorted((int(word) for line in said if line for word in line.split() if word.isdigit()), reverse=True)
            read = [_item(server, box, validity, uid, "") for uid in uids[:limit]]
    except (imaplib.IMAP4.abort, OSError) as err:
        raise Transient(f"{NAME} broke off or could not be reached ({type(err).__name__}).") from err
    except imaplib.IMAP4.error as err:
        raise Transient(f"{NAME} answered with something that is not understood: {_says(err)}.") from err
    return {"count": len(uids), "items": [{"id": item["message_id"], **{name: item[name] for name in TOLD}} for item in read if item]}
